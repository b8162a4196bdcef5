/** What a drain says that it waits for: the pools it reads from the state, and the sentence for each. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Job } from '../model/job.ts';
import { nanosOf, SECOND, timestampOf } from '../model/nanos.ts';
import type { Node } from '../model/node.ts';
import { health, NOW_MS, newAlloc, newEvaluation, newGroup, newJob, newNode } from '../scheduler/fixtures.ts';
import { drainingPools } from './drain-pools.ts';
import { drainWaits } from './drain-waits.ts';
import { newDeployment, put, read, testState } from './fixtures.ts';

const MIGRATE = { MaxParallel: 1, HealthCheck: 'checks', MinHealthyTime: 10 * SECOND, HealthyDeadline: 300 * SECOND };
const job = newJob({ TaskGroups: [newGroup({ Count: 3, Migrate: MIGRATE })] });
const MARK = { Migrate: true, Reschedule: null, ForceReschedule: null };

const draining = (deadlineMs = NOW_MS + 60_000): Node =>
  newNode(0, {
    Drain: true,
    DrainStrategy: {
      Deadline: 3600 * SECOND,
      IgnoreSystemJobs: false,
      ForceDeadline: timestampOf(deadlineMs),
      StartedAt: timestampOf(NOW_MS),
    },
  });
const here = (at: number, fields: Partial<Allocation> = {}): Allocation =>
  newAlloc(job, at, { ID: `0000000${at}-here`, ...fields });
const there = (at: number, fields: Partial<Allocation> = {}): Allocation =>
  newAlloc(job, at, { ID: `0000000${at}-away`, NodeID: newNode(1).ID, ...fields });

interface Rows {
  readonly allocs: readonly Allocation[];
  readonly job?: Job;
  readonly evals?: readonly Evaluation[];
  readonly deployments?: readonly Deployment[];
}

async function stateOf(rows: Rows) {
  const world = await testState();
  await put(world.state, { nodes: [draining(), newNode(1)], jobs: [rows.job ?? job], ...rows });
  return world;
}

async function waitsOf(rows: Rows) {
  const world = await stateOf(rows);
  return read(world, (tx) => drainWaits(tx, tx.node(newNode(0).ID)!, { seen: new Map(), nowMs: NOW_MS }));
}

const failing = {
  Service: 'web',
  PortLabel: 'http',
  Address: '',
  Port: 1,
  Status: 'critical' as const,
  Checks: [{ Check: 'alive', Status: 'critical' as const, Output: 'connection refused', TimestampMs: 0 }],
};
const owing = (Ready: boolean) => ({ Ready, Applied: false, Drained: false, Owing: ['edge'], ChangedMs: NOW_MS });
const NO_BUDGET = 'group "app" of job "web" can spare no further instance: 2 of 3 serve, and max_parallel is 1';

describe('a drain waits for', () => {
  it.each<[string, Rows, string, string]>([
    [
      'an instance that has not been healthy for long enough',
      { allocs: [here(0), here(1), there(2, { CreateTime: nanosOf(NOW_MS - 1000) })] },
      'health',
      `${NO_BUDGET}; instance 00000002 must be healthy for 10s`,
    ],
    [
      'an instance whose check fails, in the words of the check',
      { allocs: [here(0), here(1), there(2, { Services: [failing] })] },
      'health',
      `${NO_BUDGET}; instance 00000002 must be healthy for 10s: check "alive" says: connection refused`,
    ],
    [
      'an ingress that has not taken an instance',
      { allocs: [here(0), here(1), there(2, { Traffic: owing(false) })] },
      'load-balancer',
      `${NO_BUDGET}; ingress edge has yet to take instance 00000002`,
    ],
    [
      'room for those that are missing',
      {
        allocs: [here(0), here(1)],
        evals: [
          newEvaluation(job, { ID: 'blocked', Status: 'blocked' }),
          newEvaluation(job, {
            ID: '11112222-x',
            Status: 'complete',
            BlockedEval: 'blocked',
            QueuedAllocations: { app: 1 },
          }),
        ],
      },
      'capacity',
      `${NO_BUDGET}; no node has room for 1; see: serin eval status 11112222`,
    ],
    [
      'those that are being moved',
      { allocs: [here(0), here(1), here(2, { DesiredStatus: 'stop', DesiredTransition: MARK })] },
      'scheduler',
      `${NO_BUDGET}; the others are being moved`,
    ],
    [
      'a successor that comes first',
      { allocs: [here(0, { DesiredTransition: MARK }), there(1), there(2)] },
      'health',
      'instance 00000000 of group "app" of job "web" leaves once its successor serves',
    ],
    [
      'an ingress with requests in flight',
      { allocs: [here(0, { DesiredStatus: 'stop', Traffic: owing(false) }), there(1), there(2)] },
      'load-balancer',
      'ingress edge has yet to finish what is in flight to instance 00000000',
    ],
    [
      'a task that stops',
      { allocs: [here(0, { DesiredStatus: 'stop' }), there(1), there(2)] },
      'stopping',
      'instance 00000000 of group "app" of job "web" is stopping',
    ],
    [
      'batch work',
      { allocs: [here(0)], job: { ...job, Type: 'batch' } },
      'batch',
      'instance 00000000 of batch job "web" is left to finish',
    ],
  ])('%s', async (_, rows, Reason, Message) => {
    expect(await waitsOf(rows)).toMatchObject([
      { Namespace: 'default', JobID: 'web', TaskGroup: 'app', Reason, Message, UntilMs: NOW_MS + 60_000 },
    ]);
  });

  it('nothing where nothing is left', async () => {
    expect(await waitsOf({ allocs: [here(0, { ClientStatus: 'complete', DesiredStatus: 'stop' })] })).toEqual([]);
  });
});

describe('the pools of a group', () => {
  const canary = { DeploymentStatus: { ...health(true)!, Canary: true } };
  const poolsOf = async (rows: Rows) => {
    const world = await stateOf(rows);
    const pools = read(world, (tx) =>
      drainingPools(
        tx,
        tx.nodes().filter((node) => node.Drain),
      ),
    );
    return pools.map(({ kind, count, allocs }) => [kind, count, allocs.map(({ ID }) => ID.slice(0, 8))]);
  };

  it('are one where nothing stands beside it', async () => {
    expect(await poolsOf({ allocs: [here(0), there(1)] })).toEqual([['stable', 3, ['00000000', '00000001']]]);
  });

  it('are two while canaries wait, and the old set keeps its size', async () => {
    const bigger = newJob({ Version: 1, TaskGroups: [newGroup({ Count: 9, Migrate: MIGRATE })] });
    const deployment = newDeployment(bigger, { DesiredCanaries: 2, BaseCount: 3 });
    expect(await poolsOf({ allocs: [here(0), here(1, canary)], job: bigger, deployments: [deployment] })).toEqual([
      ['stable', 3, ['00000000']],
      ['canaries', 2, ['00000001']],
    ]);
  });

  it('count nobody who rests: a warm set takes no requests, and may go at once', async () => {
    expect(await poolsOf({ allocs: [here(0), here(1, { RestsUntilMs: NOW_MS + 1000 })] })).toEqual([
      ['stable', 3, ['00000000']],
      ['resting', 0, ['00000001']],
    ]);
  });
});
