/**
 * The whole server, asked over its API what a real peer was asked: 97 changes of a rich job that runs and is healthy.
 * What follows of each (counts, in place or destructive, what cannot be placed, what is refused) is decided by our own
 * scheduler from a state that our own server brought about. The result stands in docs/api.md.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededIds } from '../lib/ids.ts';
import { silentLog } from '../lib/log.ts';
import { seededRandom } from '../lib/random.ts';
import { settle, VirtualClock } from '../lib/virtual-clock.ts';
import type { Allocation, AllocMetric, AllocUpdate } from '../model/allocation.ts';
import type { JobDiff, ObjectDiff } from '../model/plan.ts';
import { type PlanAnswer, type PlanGolden, readPlanGoldens } from '../model/plan-goldens.ts';
import { planGoldenNodes } from '../scheduler/fixtures.ts';
import { Server } from '../server/server.ts';
import { State } from '../state/state.ts';
import { openMemoryStorage } from '../state/storage/memory.ts';
import { type Reply, type TestApi, testApi } from './fixture.ts';

type Answer = PlanAnswer & { readonly FailedTGAllocs: Record<string, AllocMetric> | null };

/** The golden, by number, whose diff differs from ours, and where. */
const OTHER_DIFFS: Readonly<Record<number, string>> = {};

/** Where we say more than the peer of what cannot be placed: it hides the reason of later nodes, or stops looking. */
const OTHER_REASONS: Readonly<Record<number, object>> = {
  57: { '${meta.rack} regexp zzz': 3 },
  89: { 'missing CSI Volume vol': 3 },
  143: { '${attr.cpu.arch} = arm64': 3 },
};

const goldens = readPlanGoldens();
const isFirst = ({ n }: PlanGolden): boolean => n === 1;
const answers = new Map<number, Reply>();

let api: TestApi;
let clock: VirtualClock;
let end: () => Promise<void>;

beforeAll(async () => {
  await start();
  const first = goldens.find(isFirst)!;
  await ask(first);
  await api.put('/v1/jobs', { Job: first.request.Job });
  await untilHealthy();
  await moveApart();
  for (const golden of goldens) if (!isFirst(golden)) await ask(golden);
});
afterAll(() => end());

async function start(): Promise<void> {
  const state = await State.open(openMemoryStorage(), { freezeRows: true });
  clock = new VirtualClock();
  const random = seededRandom('plans');
  const server = new Server({ state, clock, newId: seededIds(random), random, log: silentLog, breathe: settle });
  const stop = new AbortController();
  const running = server.run(stop.signal);
  api = await testApi({ state, server, clock, traffic: server.traffic });
  end = async () => {
    stop.abort();
    await running;
    await api.app.close();
  };
  for (const node of planGoldenNodes()) await api.put('/v1/internal/node/register', node);
}

/** The nodes say of each instance that it runs and is healthy, until the deployment is successful. */
async function untilHealthy(): Promise<void> {
  await idle();
  for (let round = 0; round < 5 && (await deploymentStatus()) !== 'successful'; round++) {
    for (const alloc of allocs()) await report(alloc, { Healthy: { Healthy: true, TimestampMs: clock.nowMs() } });
    await idle();
  }
  expect(await deploymentStatus()).toBe('successful');
}

/** No two instances of one group stood on a node: what `distinct_hosts` would move depends on it. */
async function moveApart(): Promise<void> {
  const seen = new Set<string>();
  for (const alloc of allocs()) {
    const place = `${alloc.TaskGroup} on ${alloc.NodeID}`;
    if (seen.has(place)) await moveAway(alloc);
    seen.add(place);
  }
  const places = allocs().map(({ TaskGroup, NodeID }) => `${TaskGroup} on ${NodeID}`);
  expect([places.length, new Set(places).size]).toEqual([5, 5]);
}

async function moveAway(alloc: Allocation): Promise<void> {
  await api.put(`/v1/node/${alloc.NodeID}/eligibility`, { Eligibility: 'ineligible' });
  await api.put(`/v1/allocation/${alloc.ID}/stop`);
  await idle();
  await report(alloc, { ClientStatus: 'complete' });
  for (const each of allocs()) await report(each);
  await api.put(`/v1/node/${alloc.NodeID}/eligibility`, { Eligibility: 'eligible' });
  await idle();
}

const report = (alloc: Allocation, fields: Partial<AllocUpdate> = {}) =>
  api.put(`/v1/internal/node/${alloc.NodeID}/allocations-update`, {
    Allocs: [{ ID: alloc.ID, ClientStatus: 'running', ClientDescription: '', TaskStates: null, ...fields }],
  });

const allocs = (): Allocation[] =>
  api.state.view((tx) => [...tx.allocsByJob('default', 'rich')].filter((alloc) => alloc.DesiredStatus === 'run'));

const deploymentStatus = async (): Promise<string> =>
  (await api.get('/v1/job/rich/deployment')).json<{ Status: string }>().Status;

async function idle(): Promise<void> {
  for (let i = 0; i < 50; i++) await settle();
}

async function ask({ n, request }: PlanGolden): Promise<void> {
  answers.set(n, await api.put('/v1/job/rich/plan', { ...request, Diff: true }));
}

/** What becomes of each group, in words. */
function kindsOf({ Annotations }: Answer): Record<string, string> {
  const groups = Object.entries(Annotations.DesiredTGUpdates);
  return Object.fromEntries(
    groups.map(([name, { DestructiveUpdate, InPlaceUpdate }]) => [
      name,
      DestructiveUpdate > 0 ? 'destructive' : InPlaceUpdate > 0 ? 'in place' : 'neither',
    ]),
  );
}

/** Why what cannot be placed is not, by group, with counts. */
function reasonsOf({ FailedTGAllocs }: Answer, other?: object): object {
  const reasons = Object.entries(FailedTGAllocs ?? {}).map(([group, metric]) => {
    const { ConstraintFiltered, NodesExhausted, DimensionExhausted, NodesAvailable, CoalescedFailures } = metric;
    const counts = { NodesExhausted, DimensionExhausted, NodesAvailable, CoalescedFailures };
    return [group, { ...counts, ConstraintFiltered: other ?? ConstraintFiltered }];
  });
  return Object.fromEntries(reasons);
}

/** The peer gives the ports of one network in a random order (two answers to one question differ): ours is the job's. */
function sorted(diff: JobDiff): JobDiff {
  const groups = diff.TaskGroups?.map((group) => ({ ...group, Objects: group.Objects?.map(sortPorts) ?? null }));
  return { ...diff, TaskGroups: groups ?? null };
}

function sortPorts(object: ObjectDiff): ObjectDiff {
  if (object.Name !== 'Network') return object;
  const byText = (a: ObjectDiff, b: ObjectDiff) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return { ...object, Objects: [...(object.Objects ?? [])].sort(byText) };
}

describe('the plan of', () => {
  it.each(goldens.map((golden) => [`${golden.n} ${golden.name}`, golden] as const))('%s', (_, golden) => {
    const ours = answers.get(golden.n)!;
    expect(ours.status).toBe(golden.status);
    if (typeof golden.response === 'string') {
      expect(ours.body).toBe(golden.response);
      return;
    }
    const theirs = golden.response as Answer;
    const plan = ours.json<Answer>();
    expect(plan.Annotations.DesiredTGUpdates).toEqual(theirs.Annotations.DesiredTGUpdates);
    expect(kindsOf(plan)).toEqual(kindsOf(theirs));
    expect(reasonsOf(plan)).toEqual(reasonsOf(theirs, OTHER_REASONS[golden.n]));
    if (OTHER_DIFFS[golden.n] === undefined) expect(sorted(plan.Diff)).toEqual(sorted(theirs.Diff));
  });
});

it('agrees with the peer in 97 of 97, and in all but three diffs at most', () => {
  expect(goldens).toHaveLength(97);
  expect(Object.keys(OTHER_DIFFS).length).toBeLessThanOrEqual(3);
});
