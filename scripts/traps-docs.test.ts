/** The tests that docs/traps.md names exist, in the files that it names. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Where a test stands that is named without a file. */
const TRAPS = 'src/server/traps.test.ts';

const textOf = (file: string): string => (existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : '');

/** `"name" and "name" in \`file\`; \`file\``: the cell of a row that says where its tests are. */
function missingIn(cell: string): string[] {
  return cell.split(';').flatMap((part) => {
    const files = [...part.matchAll(/`((?:src|soak)\/[^`]+)`/g)].map(([, file]) => file!);
    const names = [...part.matchAll(/"([^"]+)"/g)].map(([, name]) => name!.replace(/: …$/, ''));
    const text = (files.length > 0 ? files : [TRAPS]).map(textOf).join('\n');
    return [...files.filter((file) => textOf(file) === ''), ...names.filter((name) => !text.includes(name))];
  });
}

it('every test that docs/traps.md names exists', () => {
  const rows = textOf('docs/traps.md')
    .split('\n')
    .filter((line) => /^\| (?!elsewhere)/.test(line));
  const cells = rows.map((row) => row.split('|').at(-2)!);
  expect(cells.length).toBeGreaterThan(20);
  expect(cells.flatMap(missingIn)).toEqual([]);
});

it('and one that does not would be found', () => {
  expect(missingIn('"no such test"; `src/no-such-file.ts`')).toEqual(['no such test', 'src/no-such-file.ts']);
});
