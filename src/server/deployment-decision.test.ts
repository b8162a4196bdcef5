/** What becomes of a deployment: the rules in their order, as a table. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import { SECOND, timestampOf } from '../model/nanos.ts';
import { health, NOW_MS, newAlloc, newGroup, newJob, newUpdate } from '../scheduler/fixtures.ts';
import { type DeploymentDecision, decideDeployment } from './deployment-decision.ts';
import { newDeployment, newDeploymentState } from './fixtures.ts';

const { ReschedulePolicy: unlimited } = newGroup();
const never = { ...unlimited, Attempts: 0, Unlimited: false };
const once = { ...unlimited, Attempts: 1, Interval: 60 * SECOND, Unlimited: false };
const usedUp = {
  ClientStatus: 'failed',
  ModifyTime: NOW_MS * 1e6,
  RescheduleTracker: {
    Events: [{ RescheduleTime: (NOW_MS - 1_000) * 1e6, PrevAllocID: '', PrevNodeID: '', Delay: 5 * SECOND }],
  },
} as const;
const inMs = (ms: number) => timestampOf(NOW_MS + ms);

interface Situation {
  readonly state?: Partial<DeploymentState>;
  readonly group?: Partial<TaskGroup>;
  readonly allocs?: readonly Partial<Allocation>[];
  readonly deployment?: Partial<Deployment>;
  readonly job?: Job | undefined;
}

function decide({ state, group, allocs = [], deployment, ...rest }: Situation): DeploymentDecision {
  const job = newJob({ TaskGroups: [newGroup({ Count: 2, ...group })] });
  return decideDeployment({
    deployment: newDeployment(job, { DesiredTotal: 2, PlacedAllocs: 2, ...state }, deployment),
    job: 'job' in rest ? rest.job : job,
    allocs: allocs.map((fields, at) => newAlloc(job, at, { ID: `a${at}`, DeploymentID: 'd', ...fields })),
    nowMs: NOW_MS,
  });
}

const unhealthy = { DeploymentStatus: health(false) };
const canaryHealth = (healthy: boolean | null) => ({ ...health(healthy)!, Canary: true });
const healthy = { ClientStatus: 'running', DeploymentStatus: health(true) } as const;
const both = [healthy, healthy];
const away = { ...healthy, Disconnected: { SinceMs: NOW_MS } } as const;
const healthyCanary = { ClientStatus: 'running', DeploymentStatus: canaryHealth(true) } as const;
const automatic = { DesiredCanaries: 1, AutoPromote: true };
const waits = (untilMs?: number, batchDue = false) => ({ kind: 'wait', untilMs, batchDue });
const fails = (description: string, autoRevert = false) => ({ kind: 'fail', description, autoRevert });

describe('a running deployment', () => {
  it.each<[string, Situation, unknown]>([
    [
      'fails at once over an unhealthy instance that nobody will try again',
      { allocs: [unhealthy], group: { ReschedulePolicy: never } },
      fails('Failed due to unhealthy allocations'),
    ],
    [
      'fails at once over an instance whose attempts are used up',
      { allocs: [{ ...unhealthy, ...usedUp }], group: { ReschedulePolicy: once } },
      fails('Failed due to unhealthy allocations'),
    ],
    [
      'fails at once over an unhealthy instance where it has no deadline, whoever would try it again',
      { allocs: [unhealthy], state: { ProgressDeadline: 0 } },
      fails('Failed due to unhealthy allocations'),
    ],
    [
      'says whether its group wants to go back',
      { allocs: [unhealthy], state: { ProgressDeadline: 0, AutoRevert: true } },
      fails('Failed due to unhealthy allocations', true),
    ],
    [
      'fails over unhealthy instances before it fails over time',
      { allocs: [unhealthy], group: { ReschedulePolicy: never }, state: { RequireProgressBy: inMs(-1) } },
      fails('Failed due to unhealthy allocations'),
    ],
    [
      'fails when its deadline has passed, to the millisecond',
      { state: { RequireProgressBy: inMs(0), AutoRevert: true } },
      fails('Failed due to progress deadline', true),
    ],
    ['waits for its deadline until then', { state: { RequireProgressBy: inMs(1) } }, waits(NOW_MS + 1)],
    [
      'fails over time rather than try once more',
      { allocs: [unhealthy], state: { RequireProgressBy: inMs(-1) } },
      fails('Failed due to progress deadline'),
    ],
    [
      'fails over one that was healthy and ended where nobody will try it again',
      { allocs: [{ ...healthy, ClientStatus: 'failed' }], group: { ReschedulePolicy: never } },
      fails('Failed due to unhealthy allocations'),
    ],
    ['waits for one whose node is lost', { state: { HealthyAllocs: 2 }, allocs: [healthy, away] }, waits()],
    ['succeeds when all are healthy', { state: { HealthyAllocs: 2 }, allocs: both }, { kind: 'succeed' }],
    [
      'goes on where one that was healthy is lost, until another is',
      {
        state: { HealthyAllocs: 2, RequireProgressBy: inMs(1) },
        allocs: [healthy, { ...healthy, ClientStatus: 'lost' }],
      },
      waits(NOW_MS + 1),
    ],
    [
      'is late where a canary that was healthy is lost and no other comes',
      {
        state: { DesiredCanaries: 1, HealthyAllocs: 1, RequireProgressBy: inMs(0) },
        allocs: [{ ...healthyCanary, ClientStatus: 'lost' }],
      },
      fails('Failed due to progress deadline'),
    ],
    [
      'succeeds although its deadline has passed since',
      { state: { HealthyAllocs: 2, RequireProgressBy: inMs(-1) }, allocs: both },
      { kind: 'succeed' },
    ],
    ['succeeds at once where nothing is wanted', { state: { DesiredTotal: 0, PlacedAllocs: 0 } }, { kind: 'succeed' }],
    [
      'promotes healthy canaries by itself where it was told to',
      { state: { ...automatic, HealthyAllocs: 1 }, allocs: [healthyCanary] },
      { kind: 'promote', groups: ['app'] },
    ],
    [
      'promotes nothing by itself while a canary is not healthy, and is held to its deadline',
      { state: { ...automatic, RequireProgressBy: inMs(1) }, allocs: [{ DeploymentStatus: canaryHealth(null) }] },
      waits(NOW_MS + 1),
    ],
    [
      'is not late while healthy canaries wait for a person',
      {
        state: { DesiredCanaries: 1, HealthyAllocs: 1, RequireProgressBy: inMs(-1) },
        allocs: [healthyCanary],
      },
      waits(),
    ],
    [
      'does not succeed while its canaries are not promoted',
      { state: { HealthyAllocs: 2, DesiredCanaries: 1 }, allocs: both },
      waits(),
    ],
    [
      'succeeds once they are',
      { state: { HealthyAllocs: 2, DesiredCanaries: 1, Promoted: true }, allocs: both },
      { kind: 'succeed' },
    ],
    ['waits for a health that nobody has judged, without a timer where it has none', {}, waits()],
    ['waits where its job was forgotten', { job: undefined, allocs: [unhealthy] }, waits()],
  ])('%s', (_, situation, decision) => {
    expect(decide(situation)).toEqual(decision);
  });

  it.each<[string, Partial<Allocation>, boolean]>([
    ['failed and may be tried again', unhealthy, true],
    ['was told to stop', { ...unhealthy, DesiredStatus: 'stop' }, false],
    ['has its successor', { ...unhealthy, NextAllocation: 'b' }, false],
    [
      'is marked already',
      { ...unhealthy, DesiredTransition: { Migrate: null, Reschedule: true, ForceReschedule: null } },
      false,
    ],
    ['is healthy', { DeploymentStatus: health(true) }, false],
    ['is not judged', { DeploymentStatus: health(null) }, false],
  ])('tries an instance again, or not, that %s', (_, fields, again) => {
    const decision = decide({ allocs: [fields], group: { ReschedulePolicy: once } });
    expect(decision.kind).toBe(again ? 'reschedule' : 'wait');
    if (decision.kind === 'reschedule') expect(decision.allocs.map((alloc) => alloc.ID)).toEqual(['a0']);
  });

  it('tries all that failed again in one go', () => {
    expect(decide({ allocs: [unhealthy, {}, unhealthy] })).toMatchObject({
      kind: 'reschedule',
      allocs: [{ ID: 'a0' }, { ID: 'a2' }],
    });
  });
});

describe('the timer of a deployment that waits', () => {
  const paced = { Update: newUpdate({ BatchInterval: 90 * SECOND }) };
  const placedSome = { DesiredTotal: 6, PlacedAllocs: 2 };

  it.each<[string, Situation, unknown]>([
    [
      'is the next batch, where that comes before the deadline',
      { group: paced, state: { ...placedSome, LastBatchMs: NOW_MS - 30_000, RequireProgressBy: inMs(600_000) } },
      waits(NOW_MS + 60_000),
    ],
    [
      'is the deadline, where that comes before the next batch',
      { group: paced, state: { ...placedSome, LastBatchMs: NOW_MS - 30_000, RequireProgressBy: inMs(20_000) } },
      waits(NOW_MS + 20_000),
    ],
    [
      'has rung when the interval is over: the next batch may go',
      { group: paced, state: { ...placedSome, LastBatchMs: NOW_MS - 90_000, RequireProgressBy: inMs(600_000) } },
      waits(NOW_MS + 600_000, true),
    ],
    [
      'knows another batch although as many were placed as are wanted: one of them may be lost since',
      { group: paced, state: { DesiredTotal: 6, PlacedAllocs: 6, HealthyAllocs: 5, LastBatchMs: NOW_MS - 90_000 } },
      waits(undefined, true),
    ],
    ['knows no batch before the first one', { group: paced, state: placedSome }, waits()],
    ['knows no batch without an interval', { state: { ...placedSome, LastBatchMs: NOW_MS - 90_000 } }, waits()],
  ])('%s', (_, situation, decision) => {
    expect(decide(situation)).toEqual(decision);
  });

  it('is the nearest one of all groups that have not ended', () => {
    const job = newJob({ TaskGroups: [newGroup(), newGroup({ Name: 'db' }), newGroup({ Name: 'done' })] });
    const deployment = newDeployment(job);
    const TaskGroups = {
      app: newDeploymentState({ RequireProgressBy: inMs(90_000) }),
      db: newDeploymentState({ RequireProgressBy: inMs(40_000) }),
      done: newDeploymentState({ HealthyAllocs: 1, RequireProgressBy: inMs(10_000) }),
    };
    const allocs = [newAlloc(job, 0, { TaskGroup: 'done', DeploymentID: 'd', ...healthy })];
    expect(decideDeployment({ deployment: { ...deployment, TaskGroups }, job, allocs, nowMs: NOW_MS })).toEqual(
      waits(NOW_MS + 40_000),
    );
  });
});

describe('a deployment that does not run', () => {
  it.each(['paused', 'failed', 'successful', 'cancelled'] as const)('waits for nothing when it is %s', (Status) => {
    const late = { RequireProgressBy: inMs(-1), ProgressDeadline: 0 };
    expect(decide({ deployment: { Status }, state: late, allocs: [unhealthy] })).toEqual(waits());
  });
});
