/** The labels by which an app has canaries of its own. */
import { expect, it } from 'vitest';
import { jobOfApp } from './app-to-job.ts';
import { canaryOf, canaryProblems } from './canary.ts';
import { newApp } from './fixtures.ts';

const appWith = (labels: Record<string, string>, instances = 6) => newApp({ labels, instances });

it.each<[Record<string, string>, object]>([
  [{}, { Canary: 0 }],
  [{ SERIN_CANARY: '0' }, { Canary: 0 }],
  [{ SERIN_CANARY: '1' }, { Canary: 1, AutoRevert: true, AutoPromote: false }],
  [{ SERIN_CANARY: '25%' }, { Canary: 2, AutoRevert: true, AutoPromote: false }],
  [{ SERIN_CANARY: '100%' }, { Canary: 6, AutoRevert: true, AutoPromote: false }],
  [
    { SERIN_CANARY: '1', SERIN_CANARY_WEIGHT: '2.5' },
    { Canary: 1, AutoRevert: true, AutoPromote: false, CanaryWeight: 2.5 },
  ],
  [
    { SERIN_CANARY: '1', SERIN_CANARY_WEIGHT: '0', SERIN_AUTO_PROMOTE: 'true' },
    { Canary: 1, AutoRevert: true, AutoPromote: true, CanaryWeight: 0 },
  ],
])('%j', (labels, update) => {
  expect(canaryOf(appWith(labels))).toEqual(update);
  expect(canaryProblems(appWith(labels))).toEqual([]);
});

it('no instances have no canaries', () => {
  expect(canaryOf(appWith({ SERIN_CANARY: '50%' }, 0))).toEqual({ Canary: 0 });
});

it('the update block of the job says it', () => {
  const job = jobOfApp(appWith({ SERIN_CANARY: '1' }), { datacenters: ['*'], commandDriver: 'exec' });
  expect(job).toMatchObject({ TaskGroups: [{ Update: { Canary: 1, AutoRevert: true, MaxSurge: 6, MaxParallel: 6 } }] });
});

it.each<[Record<string, string>, string, string]>([
  [{ SERIN_CANARY: 'one' }, 'SERIN_CANARY', 'got "one", expected a number of instances, or a part such as 25%'],
  [
    { SERIN_CANARY: '1', SERIN_CANARY_WEIGHT: '101' },
    'SERIN_CANARY_WEIGHT',
    'got "101", expected a percentage from 0 to 100, such as 5',
  ],
  [{ SERIN_CANARY_WEIGHT: '5' }, 'SERIN_CANARY_WEIGHT', 'means nothing without SERIN_CANARY'],
  [{ SERIN_AUTO_PROMOTE: 'yes' }, 'SERIN_AUTO_PROMOTE', 'means nothing without SERIN_CANARY'],
])('%j is refused', (labels, name, error) => {
  expect(canaryProblems(appWith(labels))).toEqual([{ path: `/labels/${name}`, error }]);
});
