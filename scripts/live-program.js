// Before the live tests: the program as it is installed, bundled once for all of them, in a folder of its own. A test
// never runs what another build is just writing, and never an older one. Where it is: SERIN_LIVE_PROGRAM.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleInto, providePage } from './build.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// Inside the checkout, so that the bundle finds the packages that stay outside of it.
const SCRATCH = join(root, 'node_modules/.cache/serin-live');

export default async function makeProgram() {
  mkdirSync(SCRATCH, { recursive: true });
  const folder = mkdtempSync(join(SCRATCH, 'program-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    await bundleInto(join(folder, 'dist'), ['serin', 'ingress']);
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    cpSync(await providePage(), join(folder, 'dist/page'), { recursive: true });
  } catch (error) {
    remove();
    throw error;
  }
  process.env.SERIN_LIVE_PROGRAM = join(folder, 'dist/serin.js');
  return remove;
}
