#!/usr/bin/env node
// The command as it is installed. In a checkout the build is made when it is missing; after a change `npm run build`.
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../dist/serin.js', import.meta.url))) {
  const { build } = await import('../scripts/build.js');
  await build();
}
await import('../dist/serin.js');
