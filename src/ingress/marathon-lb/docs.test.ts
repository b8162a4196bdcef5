/** docs/marathon.md and marathon-lb's port name the same paths. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LB_PATHS } from './answers.ts';

it('every path of marathon-lb’s port is documented, and no other', () => {
  const document = readFileSync(new URL('../../../docs/marathon.md', import.meta.url), 'utf8');
  const section = document.split('## marathon-lb and zdd.py')[1]!.split('\n## ')[0]!;
  const documented = [...section.matchAll(/^\| `(\/[^`]*)`/gm)].map(([, path]) => path);
  expect(documented).toEqual(LB_PATHS);
});
