/** What the documents say of the drivers and what the code knows are the same. `SERIN_WRITE_DOCS=1` writes the table. */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readDoc, rowsOf, sectionOf } from '../lib/testing/doc-tables.ts';
import { behaviourTable } from './behaviours.ts';
import { EXEC_CONFIG_KEYS } from './exec-config.ts';
import { EXEC_PLUGIN_NAMES } from './exec-plugin-config.ts';

const TABLE = /<!-- behaviours -->\n[\s\S]*<!-- \/behaviours -->/;
const made = (): string => `<!-- behaviours -->\n\n${behaviourTable()}\n\n<!-- /behaviours -->`;

it('docs/drivers.md has the table of behaviours that the suite runs by', () => {
  const doc = readDoc('drivers.md');
  if (process.env.SERIN_WRITE_DOCS === '1') {
    writeFileSync(new URL('../../docs/drivers.md', import.meta.url), doc.replace(TABLE, made()));
  } else {
    expect(TABLE.exec(doc)?.[0]).toBe(made());
  }
});

it('every key of exec in a job file is documented, and every documented one exists', () => {
  const rows = rowsOf(sectionOf(readDoc('job-files.md'), '## The exec driver'));
  expect(rows.map(([name]) => name!.replace(' !', '')).sort()).toEqual([...EXEC_CONFIG_KEYS].sort());
});

it('every name of plugin "exec" is documented, and every documented one exists', () => {
  const rows = rowsOf(sectionOf(readDoc('configuration.md'), '## Exec'));
  expect(rows.map(([name]) => name).sort()).toEqual(Object.keys(EXEC_PLUGIN_NAMES).sort());
});
