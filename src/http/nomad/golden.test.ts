/** The keys of every resource are those that a real peer answered with, from the same rows; ours are named here. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../model/job.ts';
import {
  golden,
  goldenAlloc,
  goldenDeployment,
  goldenEvaluation,
  goldenNode,
  seed,
  type TestApi,
  testApi,
} from '../fixture.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await seed(api.state);
});
afterAll(() => api.app.close());

/** Objects whose keys are data: ids, names, attributes. */
const DATA_KEYS = new Set([
  'Attributes',
  'Meta',
  'Config',
  'Env',
  'Details',
  'Drivers',
  'Scores',
  'stats',
  'NodesAvailable',
]);

/** Fields of ours, and the wire's that a peer leaves out when they are empty. */
const MORE_THAN_GOLDEN: Readonly<Record<string, readonly string[]>> = {
  deployments: ['[].Blocker'],
  job_deployment: ['Blocker', 'Explanation'],
};

interface Event {
  readonly Topic: string;
  readonly Payload: Record<string, object>;
}

/** What the captured event had no reason to say. */
const EVENT_KEYS: Readonly<Record<string, readonly string[]>> = {
  Evaluation: ['DeploymentID', 'QueuedAllocations', 'SnapshotIndex'],
  Allocation: ['PreviousAllocation', 'JobType', 'JobVersion'],
};

const CASES: readonly (readonly [name: string, path: string])[] = [
  ['jobs', '/v1/jobs'],
  ['job', '/v1/job/web'],
  ['job_versions_diffs', '/v1/job/web/versions?diffs=true'],
  ['job_summary', '/v1/job/web/summary'],
  ['job_deployment', '/v1/job/web/deployment'],
  ['deployments', '/v1/job/web/deployments'],
  ['deployments', '/v1/deployments'],
  ['job_deployment', `/v1/deployment/${goldenDeployment().ID}`],
  ['evaluations', '/v1/evaluations'],
  ['evaluations', '/v1/job/web/evaluations'],
  ['allocation', `/v1/allocation/${goldenAlloc().ID}`],
  ['allocations', '/v1/allocations'],
  ['allocations', '/v1/job/web/allocations'],
  ['allocations', `/v1/deployment/allocations/${goldenAlloc().DeploymentID}`],
  ['allocations', `/v1/evaluation/${goldenAlloc().EvalID}/allocations`],
  ['node_allocations', `/v1/node/${goldenNode().ID}/allocations`],
  ['nodes', '/v1/nodes'],
  ['node', `/v1/node/${goldenNode().ID}`],
  ['agent_members', '/v1/agent/members'],
  ['agent_health', '/v1/agent/health'],
];

describe('the keys of', () => {
  it.each(CASES)('%s at %s are those of the wire', async (name, path) => {
    const ours = keysOf((await api.get(path)).json());
    for (const each of MORE_THAN_GOLDEN[name] ?? []) for (const key of ours) if (key.startsWith(each)) ours.delete(key);
    expect([...ours].sort()).toEqual([...keysOf(golden(name))].sort());
  });
});

it('an evaluation by its id is the one in the list', async () => {
  const one = (await api.get(`/v1/evaluation/${goldenEvaluation().ID}`)).json();
  expect((await api.get('/v1/evaluations')).json()).toEqual([one]);
});

it('agent/self has the keys that clients read', async () => {
  const self = (await api.get('/v1/agent/self')).json<Record<string, object>>();
  const wire = golden<Record<string, object>>('agent_self');
  expect(Object.keys(self).sort()).toEqual(Object.keys(wire).sort());
  expect(Object.keys(self.config ?? {})).toEqual(expect.arrayContaining(Object.keys(wire.config ?? {})));
  expect(Object.keys(self.member ?? {}).sort()).toEqual(Object.keys(wire.member ?? {}).sort());
});

it('the versions of a job and their differences are those of the wire', async () => {
  const { Versions, Diffs } = golden<{ Versions: Job[]; Diffs: unknown }>('job_versions_diffs');
  const ours = (await api.get('/v1/job/web/versions?diffs=true')).json<{ Versions: Job[]; Diffs: unknown }>();
  expect(ours.Diffs).toEqual(Diffs);
  expect(ours.Versions.map((job) => job.Version)).toEqual(Versions.map((job) => job.Version));
});

it('the events of a change have the keys of the wire', async () => {
  const own = await testApi();
  const reply = own.get('/v1/event/stream?index=1');
  await seed(own.state);
  await own.clock.advance(100);
  await own.app.close();
  const lines = (await reply).body.trimEnd().split('\n');
  const ours = lines.flatMap((line) => (JSON.parse(line) as { Events?: Event[] }).Events ?? []);
  for (const wire of golden<Event[]>('events')) {
    const event = ours.find((each) => each.Topic === wire.Topic);
    const more = EVENT_KEYS[wire.Topic] ?? [];
    expect(Object.keys(event ?? {}).sort()).toEqual(Object.keys(wire).sort());
    expect(Object.keys(event?.Payload[wire.Topic] ?? {}).sort()).toEqual(
      [...Object.keys(wire.Payload[wire.Topic] ?? {}), ...more].sort(),
    );
  }
});

it('the secret of a node never leaves', async () => {
  for (const path of ['/v1/nodes', `/v1/node/${goldenNode().ID}`]) {
    expect((await api.get(path)).body).not.toContain(goldenNode().SecretID);
  }
});

/** Paths of all keys: "TaskGroups[].Count". Of a list only the first item counts; keys that are data are "*". */
function keysOf(value: unknown, path = ''): Set<string> {
  if (Array.isArray(value)) return value.length === 0 ? new Set() : keysOf(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null) return new Set();
  const keys = new Set<string>();
  for (const [key, below] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`;
    keys.add(at);
    if (!DATA_KEYS.has(key)) for (const each of keysOf(below, at)) keys.add(each);
  }
  return keys;
}
