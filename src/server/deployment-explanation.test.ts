import { describe, expect, it } from 'vitest';
import { type Allocation, type AllocServiceStatus, EMPTY_METRIC, type TaskState } from '../model/allocation.ts';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import type { ExplainedInstance } from '../model/deployment-explanation.ts';
import { SECOND, timestampOf, ZERO_TIME } from '../model/nanos.ts';
import { health, NOW_MS, newAlloc, newGroup, newIngressService, newJob, newUpdate } from '../scheduler/fixtures.ts';
import { evaluation } from '../state/fixtures.ts';
import type { BlockerSituation } from './deployment-blocker.ts';
import { deploymentExplanation } from './deployment-explanation.ts';
import { newDeployment } from './fixtures.ts';

const Update = newUpdate({ MinHealthyTime: 10 * SECOND });
const job = newJob({
  Version: 1,
  TaskGroups: [newGroup({ Name: 'app', Update, Count: 2, Services: [newIngressService('web')] })],
});
const before = newJob({ Version: 0 });

const DEADLINE = { RequireProgressBy: timestampOf(NOW_MS + 252_000) };
const deployed = (state: Partial<DeploymentState> = {}, fields: Partial<Deployment> = {}): Deployment =>
  newDeployment(job, { ...DEADLINE, ...state }, { ID: 'd', ...fields });

const instance = (index: number, fields: Partial<Allocation> = {}): Allocation =>
  newAlloc(job, index, { ID: `${index}1111111-0`, DeploymentID: 'd', CreateIndex: index, ...fields });
const old = (index: number, fields: Partial<Allocation> = {}): Allocation =>
  newAlloc(before, index, { ID: `${index}0000000-0`, DeploymentID: 'd0', TaskGroup: 'app', ...fields });

const explain = (allocs: readonly Allocation[], fields: Partial<BlockerSituation> = {}) =>
  deploymentExplanation({ deployment: deployed(), job, allocs, evaluations: [], nowMs: NOW_MS, ...fields }).Groups[0]!;
const only = (alloc: Allocation, fields: Partial<BlockerSituation> = {}): ExplainedInstance =>
  explain([alloc], fields).Instances[0]!;

const running: TaskState = {
  State: 'running',
  Failed: false,
  Restarts: 0,
  LastRestart: null,
  StartedAt: timestampOf(NOW_MS - 3_000),
  FinishedAt: null,
  Events: [],
};
const event = (Type: string, DisplayMessage: string) => ({ Type, Time: 0, DisplayMessage });
const crashed: TaskState = {
  ...running,
  State: 'pending',
  Events: [event('Terminated', 'Exit Code: 1'), event('Restarting', 'Task restarting in 4s')],
};
const service = (
  Status: AllocServiceStatus['Status'],
  ...Checks: AllocServiceStatus['Checks']
): AllocServiceStatus[] => [{ Service: 'web', PortLabel: 'http', Address: '127.0.0.1', Port: 20000, Status, Checks }];
const check = (Status: 'passing' | 'critical' | 'pending', Output = '', PassingSinceMs?: number) => ({
  Check: 'web',
  Status,
  Output,
  TimestampMs: NOW_MS,
  ...(PassingSinceMs !== undefined && { PassingSinceMs }),
});
const traffic = { Ready: false, Applied: false, Drained: false, Owing: ['edge-1'], ChangedMs: NOW_MS - 2_000 };
const ports = [{ Label: 'http', Value: 20000, To: 0, HostIP: '' }];

describe('an instance', () => {
  it.each<[string, Partial<Allocation>, string, string]>([
    ['failed', { ClientStatus: 'failed' }, 'failed', 'failed'],
    ['is lost', { ClientStatus: 'lost', NodeName: 'n1' }, 'lost', 'lost: node n1 is down'],
    [
      'crashes',
      { TaskStates: { server: crashed } },
      'restarting',
      'task "server": Exit Code: 1; Task restarting in 4s',
    ],
    [
      'fails its check',
      { Services: service('critical', check('critical', 'HTTP 500')) },
      'check',
      'check "web" says: HTTP 500',
    ],
    [
      'waits for its first check',
      { Services: service('critical', check('pending')) },
      'starting',
      'check "web" has not answered yet',
    ],
    ['waits for an ingress', { Services: service('passing'), Traffic: traffic }, 'ingress', 'waits for ingress edge-1'],
    ['waits for its node', { ClientStatus: 'pending', NodeName: 'n1' }, 'starting', 'waits for node n1 to start it'],
    ['is healthy', { DeploymentStatus: health(true) }, 'healthy', 'healthy'],
    [
      'was healthy and no longer passes',
      { DeploymentStatus: health(true), Services: service('critical', check('critical', 'no')) },
      'check',
      'check "web" says: no',
    ],
    ['was judged unhealthy', { DeploymentStatus: health(false) }, 'unhealthy', 'did not become healthy in time'],
    ['runs well since 3 s', { TaskStates: { server: running } }, 'proving', 'healthy for 3s of 10s'],
    [
      'passes since 1 s only',
      { TaskStates: { server: running }, Services: service('passing', check('passing', '', NOW_MS - 1000)) },
      'proving',
      'healthy for 1s of 10s',
    ],
    [
      'has an ingress since 2 s only',
      { TaskStates: { server: running }, Traffic: { ...traffic, Ready: true, Owing: [] } },
      'proving',
      'healthy for 2s of 10s',
    ],
    ['is well, since nobody knows when', {}, 'proving', 'must be healthy for 10s'],
    ['stops', { DesiredStatus: 'stop' }, 'draining', 'stops'],
  ])('that %s', (_, fields, State, Message) => {
    expect(only(instance(1, fields))).toMatchObject({ AllocID: '11111111-0', JobVersion: 1, State, Message });
  });

  it('that failed says when another takes its place', () => {
    const evaluations = [evaluation({ ID: 'f', WaitUntilMs: NOW_MS + 28_000 })];
    expect(only(instance(1, { ClientStatus: 'failed', FollowupEvalID: 'f' }), { evaluations }).Message).toBe(
      'failed; another is placed in 28s',
    );
  });

  it('that was replaced is gone; one whose place is empty is told', () => {
    const replaced = instance(1, { ClientStatus: 'failed', NextAllocation: 'x' });
    expect(
      explain([replaced, instance(2, { ClientStatus: 'failed' })]).Instances.map(({ AllocID }) => AllocID),
    ).toEqual(['21111111-0']);
  });

  it('that drains says how many requests are in flight where, as far as it is known', () => {
    const alloc = instance(1, { DesiredStatus: 'stop', Traffic: traffic, Ports: ports });
    expect(only(alloc).Message).toBe('drains: waits for the word of ingress edge-1');
    const says = (InFlight: number) => [
      { Name: 'edge-1', Servers: { '11111111-0:20000': { State: 'draining' as const, InFlight } } },
    ];
    expect(only(alloc, { ingresses: says(2) }).Message).toBe('drains: 2 requests in flight at edge-1');
    expect(only(alloc, { ingresses: says(1) }).Message).toBe('drains: 1 request in flight at edge-1');
  });

  it('of before runs on, or is kept warm after the promotion', () => {
    expect(only(old(1))).toMatchObject({ State: 'old', JobVersion: 0, Message: 'runs as before' });
    expect(only(old(1, { RestsUntilMs: NOW_MS + 492_000 }))).toMatchObject({
      State: 'warm',
      Message: 'kept warm for 8m12s more; gets no requests',
    });
  });
});

describe('fifty instances', () => {
  const fifty = Array.from({ length: 50 }, (_, at) => instance(at, { DeploymentStatus: health(true) }));

  it('are ten lines, those in trouble first, and a count of the others', () => {
    const allocs = [
      ...fifty.slice(2),
      instance(50),
      instance(51, { Services: service('critical', check('critical', 'no')) }),
    ];
    const { Instances, Others } = explain(allocs);
    expect(Instances.map(({ State }) => State)).toEqual(['check', 'proving', ...Array(8).fill('healthy')]);
    expect(Others).toEqual({ healthy: 40 });
  });
});

describe('the timer of a group', () => {
  it.each<[string, Partial<DeploymentState>, Partial<Deployment>, string, number | undefined]>([
    [
      'is its deadline',
      {},
      {},
      'fails in 4m12s unless another instance becomes healthy (progress_deadline)',
      NOW_MS + 252_000,
    ],
    [
      'says what follows',
      { AutoRevert: true },
      {},
      'fails in 4m12s unless another instance becomes healthy (progress_deadline); then it goes back to the latest stable version (auto_revert)',
      NOW_MS + 252_000,
    ],
    [
      'stands while paused',
      {},
      { Status: 'paused', PausedAtMs: NOW_MS - 60_000 },
      'paused: the clock of progress_deadline stands at 5m12s',
      undefined,
    ],
    [
      'does not run while canaries wait',
      { DesiredCanaries: 1, HealthyAllocs: 1 },
      {},
      'no timer runs: it waits until somebody promotes it or fails it',
      undefined,
    ],
    [
      'is none without a deadline',
      { ProgressDeadline: 0, RequireProgressBy: ZERO_TIME },
      {},
      'no timer runs (progress_deadline = 0): the first instance that is judged unhealthy fails it',
      undefined,
    ],
    [
      'starts with the first placement',
      { RequireProgressBy: ZERO_TIME },
      {},
      'the clock of progress_deadline starts with the first instance that is placed',
      undefined,
    ],
    [
      'is over when all are healthy',
      { HealthyAllocs: 2 },
      {},
      'no timer runs: every instance of the group is healthy',
      undefined,
    ],
  ])('%s', (_, state, fields, Message, UntilMs) => {
    const canary = instance(1, { DeploymentStatus: { ...health(true)!, Canary: true } });
    const { Timer } = explain([canary], { deployment: deployed(state, fields) });
    const Unless = Message.replace('fails in 4m12s ', '');
    expect(Timer).toEqual({ Message, ...(UntilMs !== undefined && { UntilMs, Unless }) });
  });
});

describe('what requests see', () => {
  it.each<[string, Partial<DeploymentState>, string | undefined]>([
    ['nothing of a rolling update', {}, undefined],
    [
      'nothing of a second set',
      { DesiredCanaries: 2, IsBlueGreen: true },
      'blue/green: the new set gets no requests; its promotion moves all of them in one step',
    ],
    ['a weight', { DesiredCanaries: 1, CanaryWeight: 5 }, 'the canaries get 5% of the requests'],
    [
      'a part of a second set',
      { DesiredCanaries: 2, IsBlueGreen: true, CanaryWeight: 10 },
      'blue/green: the new set gets 10% of the requests; its promotion moves all of them in one step',
    ],
    ['a share by count', { DesiredCanaries: 1 }, 'the canaries get their share of the requests by count'],
    [
      'the old set kept warm',
      { DesiredCanaries: 2, Promoted: true, WarmUntilMs: NOW_MS + 60_000 },
      'all requests go to the new set; the old one is kept warm for 1m0s more',
    ],
  ])('%s', (_, state, message) => {
    expect(explain([], { deployment: deployed(state) }).Traffic?.Message).toBe(message);
  });
});

it('missing room is told with its counts', () => {
  const metric = { ...EMPTY_METRIC, NodesEvaluated: 2, DimensionExhausted: { memory: 2 } };
  const evaluations = [
    evaluation({ ID: 'aa', BlockedEval: 'bb', QueuedAllocations: { app: 3 }, FailedTGAllocs: { app: metric } }),
    evaluation({ ID: 'bb', Status: 'blocked' }),
  ];
  expect(explain([], { evaluations })).toMatchObject({
    Blocker: { Reason: 'capacity' },
    Capacity: { Missing: 3, EvalID: 'aa', Reasons: [{ Message: 'memory exhausted on 2 nodes', Nodes: 2 }] },
  });
});

it('where no node was looked at the reason says so', () => {
  const evaluations = [
    evaluation({ ID: 'aa', BlockedEval: 'bb', QueuedAllocations: { app: 3 }, FailedTGAllocs: { app: EMPTY_METRIC } }),
    evaluation({ ID: 'bb', Status: 'blocked' }),
  ];
  expect(explain([], { evaluations }).Capacity?.Reasons).toEqual([{ Message: 'no node is eligible', Nodes: 0 }]);
});
