import { expect, it } from 'vitest';
import type { Allocation, AllocTraffic } from '../../model/allocation.ts';
import type { Job } from '../../model/job.ts';
import { isWell } from './progress.ts';

const behind = (ways: readonly object[]) =>
  ({
    TaskGroups: [{ Name: 'app', Tasks: [], Services: [{ Name: 'web', Checks: [{}], Ingress: ways }] }],
  }) as unknown as Job;

const instance = (fields: object) =>
  ({ ClientStatus: 'running', Services: [{ Status: 'passing' }], ...fields }) as unknown as Allocation;

const traffic = (said: Partial<AllocTraffic>) => ({
  Traffic: { Ready: false, Applied: false, Drained: false, Owing: [], ChangedMs: 1, ...said },
});

const [INSIDE, OUTSIDE] = [behind([]), behind([{ Listen: 80 }])];

it.each<[string, Job, object, boolean]>([
  ['runs and passes its checks', INSIDE, {}, true],
  ['fails one', INSIDE, { Services: [{ Status: 'failing' }] }, false],
  ['is judged unhealthy', INSIDE, { DeploymentStatus: { Healthy: false } }, false],
  ['is of an app with an ingress, and gets requests', OUTSIDE, traffic({ Ready: true }), true],
  ['no ingress has met yet', OUTSIDE, {}, false],
  ['whose port is not open yet', OUTSIDE, traffic({ Owing: ['edge'] }), false],
  ['rests, as an old colour does', OUTSIDE, traffic({ Applied: true, Drained: true }), true],
])('an instance that %s: %#', (_, job, fields, expected) => {
  expect(isWell(job, instance(fields))).toBe(expected);
});
