/** docs/metrics.md and the code say the same, both ways. */
import { expect, it } from 'vitest';
import { readDoc, rowsOf } from '../lib/testing/doc-tables.ts';
import { METRICS } from './metrics.ts';

it('every metric is documented in its words, and every documented one exists', () => {
  const documented = rowsOf(readDoc('metrics.md')).map(([name, , about]) => [name, about]);
  expect(documented).toEqual(Object.entries(METRICS));
});
