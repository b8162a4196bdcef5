import { expect, it } from 'vitest';
import { job } from './fixtures.ts';
import { versionsToForget } from './job-versions.ts';

const tagIn = (text: string) =>
  text.includes('t') ? { VersionTag: { Name: text, Description: '', TaggedTime: 1 } } : {};

/** "5 4s 3t 2!" is version 5, version 4 which is stable, version 3 which is tagged, version 2 which a live allocation names. */
const parse = (text: string) =>
  text.split(' ').map((each) => ({
    row: job({ Version: Number.parseInt(each, 10), Stable: each.includes('s'), ...tagIn(each) }),
    text: each,
  }));

it.each([
  ['2 1 0', 3, ''],
  ['3 2 1 0', 3, '0'],
  ['5 4s 3 2s 1s', 3, '3 1'],
  ['3 2 1 0s', 3, '1'],
  ['3 2! 1! 0!', 2, ''],
  ['3 2 1! 0', 2, '0 2'],
  ['9 8s 7s 6s', 1, '6 7 8'],
  ['5 4 3t 2t 1 0', 3, '0'],
  ['5t 4 3 2', 2, '2'],
  ['5 4t 3t 2t', 1, ''],
])('of %s, when %i are kept, forgets: %s', (versions, keep, forgotten) => {
  const all = parse(versions);
  const needed = new Set(all.filter((each) => each.text.includes('!')).map((each) => each.row.Version));
  const rows = all.map((each) => each.row);
  const answer = versionsToForget(rows, keep, (version) => needed.has(version));
  expect(answer.map((each) => each.Version).join(' ')).toBe(forgotten);
});
