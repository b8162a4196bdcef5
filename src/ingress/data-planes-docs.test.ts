/** What the documents say of the data planes and what the suite runs by are the same. `SERIN_WRITE_DOCS=1` writes the table. */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readDoc } from '../lib/testing/doc-tables.ts';
import { behaviourTable } from './data-plane-behaviours.ts';

const TABLE = /<!-- behaviours -->\n[\s\S]*<!-- \/behaviours -->/;
const made = (): string => `<!-- behaviours -->\n\n${behaviourTable()}\n\n<!-- /behaviours -->`;

it('docs/data-planes.md has the table of behaviours that the suite runs by', () => {
  const doc = readDoc('data-planes.md');
  if (process.env.SERIN_WRITE_DOCS === '1') {
    writeFileSync(new URL('../../docs/data-planes.md', import.meta.url), doc.replace(TABLE, made()));
  } else {
    expect(TABLE.exec(doc)?.[0]).toBe(made());
  }
});
