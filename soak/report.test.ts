import { expect, it } from 'vitest';
import { percentile } from './percentile.ts';
import { formatReport } from './report.ts';
import type { SoakProgress, SoakRun } from './run.ts';

const run: SoakRun<SoakProgress> = {
  name: 'turns',
  title: 'a hundred turns',
  total: 100,
  unit: 'turns',
  setting: ['It turns.'],
  start: { done: 0, failures: [] },
  run: async ({ before }) => before,
  figures: ({ done }) => [['turns', `${done}`]],
};
const facts = {
  run,
  command: 'npm run soak -- --only turns',
  commit: '0123abc',
  machine: { cores: 2, model: 'A processor', memoryGB: 8, node: '20.19.0', load: 1.25 },
  date: '2026-01-02',
  tookMs: 61_400,
  parts: 1,
};

it('a report says what ran, where, and what came out', () => {
  expect(formatReport({ ...facts, progress: { done: 100, failures: [] } })).toBe(`# Soak: a hundred turns

It turns.

| what | |
|---|---|
| command | \`npm run soak -- --only turns\` |
| commit | \`0123abc\` |
| machine | 2 cores, A processor, 8 GB; Node.js 20.19.0; load average 1.3 |
| date | 2026-01-02 |
| took | 61 s |

## Figures

| what | |
|---|---|
| turns | 100 |
`);
});

it('a report of a run with failures names them, and in how many parts it ran', () => {
  const text = formatReport({ ...facts, parts: 3, progress: { done: 100, failures: ['turn 7: it fell over'] } });
  expect(text).toContain('| took | 61 s in 3 parts |');
  expect(text).toContain('## Failures\n\n- turn 7: it fell over\n');
});

it.each<[number[], number, number]>([
  [[], 0.5, 0],
  [[3], 0.99, 3],
  [[4, 1, 3, 2], 0.5, 2],
  [[4, 1, 3, 2], 1, 4],
])('of %j the percentile at %d is %d', (values, share, expected) => {
  expect(percentile(values, share)).toBe(expected);
});
