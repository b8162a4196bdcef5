import { expect, it } from 'vitest';
import { LATENCY_BOUNDS_MS, latencyBucket } from '../../model/latency.ts';
import { latencyLines, middleMs, parseLatencies, stepsFile } from './latencies.ts';

it('the steps are those of every data plane, in whole milliseconds', () => {
  const steps = stepsFile()
    .trim()
    .split('\n')
    .map((line) => /^(\d+)(?::(\d+))? (\d+)$/.exec(line)!)
    .map(([, from, to = from, step]) => [Number(from), Number(to), Number(step)] as const);
  for (const [from, to, step] of steps) expect([latencyBucket(from), latencyBucket(to)]).toEqual([step, step]);
  expect(steps.map(([from]) => from)).toEqual([0, ...LATENCY_BOUNDS_MS.slice(0, -1).map((bound) => bound + 1)]);
});

it('an entry names slot, server and step', () => {
  const [, key] = latencyLines(5, '/steps');
  expect(key).toContain(`mul(32),add(${5 * 131_072})`);
  const text = `# table: latency, type: integer, size:102400, used:1
0x55f0: key=${5 * 131_072 + 3 * 32 + 7} use=0 exp=0 shard=0 conn_cnt=12
`;
  expect(parseLatencies(text)).toEqual([{ slot: 5, server: 3, step: 7, count: 12 }]);
});

it('the middle of a step stands for it', () => {
  expect([0, 3, 28].map(middleMs)).toEqual([0.5, 4, 60_000]);
});
