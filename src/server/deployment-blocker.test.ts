import { expect, it } from 'vitest';
import { type Allocation, type AllocTraffic, EMPTY_METRIC } from '../model/allocation.ts';
import type { DeploymentState } from '../model/deployment.ts';
import { SECOND, ZERO_TIME } from '../model/nanos.ts';
import { health, NOW_MS, newAlloc, newGroup, newIngressService, newJob, newUpdate } from '../scheduler/fixtures.ts';
import { deployment, evaluation } from '../state/fixtures.ts';
import { type BlockerSituation, deploymentBlocker, groupBlocker } from './deployment-blocker.ts';

const update = newUpdate({ MinHealthyTime: 2 * SECOND });
const job = newJob({ TaskGroups: [newGroup({ Name: 'app', Update: update, Services: [newIngressService('web')] })] });

const state = (fields: Partial<DeploymentState> = {}): DeploymentState => ({
  AutoRevert: false,
  AutoPromote: false,
  ProgressDeadline: 60 * SECOND,
  RequireProgressBy: new Date(NOW_MS + 60_000).toISOString(),
  Promoted: false,
  PlacedCanaries: null,
  DesiredCanaries: 0,
  DesiredTotal: 2,
  PlacedAllocs: 2,
  HealthyAllocs: 0,
  UnhealthyAllocs: 0,
  ...fields,
});

const traffic = (fields: Partial<AllocTraffic>): AllocTraffic => ({
  Ready: false,
  Applied: false,
  Drained: false,
  Owing: ['edge'],
  ChangedMs: NOW_MS,
  ...fields,
});

const instance = (index: number, fields: Partial<Allocation> = {}): Allocation =>
  newAlloc(job, index, { ID: `${index}1111111-0000`, DeploymentID: 'dddddddd-1', ...fields });

const canary = (ClientStatus: 'running' | 'lost') =>
  instance(1, { ClientStatus, DeploymentStatus: { ...health(true)!, Canary: true } });

const running = (fields: Partial<BlockerSituation> = {}, group: Partial<DeploymentState> = {}) =>
  deploymentBlocker({
    deployment: deployment({ ID: 'dddddddd-1', TaskGroups: { app: state(group) } }),
    job,
    allocs: [],
    evaluations: [],
    nowMs: NOW_MS,
    ...fields,
  });

const passing: NonNullable<Allocation['Services']> = [
  { Service: 'web', PortLabel: 'http', Address: '127.0.0.1', Port: 20000, Status: 'passing', Checks: [] },
];
const critical: NonNullable<Allocation['Services']> = [
  {
    ...passing[0]!,
    Status: 'critical',
    Checks: [{ Check: 'alive', Status: 'critical', Output: '404 Not Found', TimestampMs: NOW_MS }],
  },
];

it('a deployment that has ended waits for nothing', () => {
  expect(
    running({ deployment: deployment({ ID: 'd', Status: 'successful', TaskGroups: { app: state() } }) }),
  ).toBeUndefined();
});

it('a paused deployment waits for a person and says what to type', () => {
  const paused = deployment({ ID: 'dddddddd-1', Status: 'paused', TaskGroups: { app: state() } });
  expect(running({ deployment: paused })).toEqual({
    Reason: 'person',
    Message: 'it is paused until somebody resumes it',
    Command: 'serin deployment resume dddddddd',
  });
});

it('healthy canaries wait for a person, and no timer runs', () => {
  const canaries = { DesiredCanaries: 1, HealthyAllocs: 1 };
  expect(running({ allocs: [canary('running')] }, canaries)).toEqual({
    Reason: 'person',
    Message: 'the canaries of group "app" are healthy and wait until somebody promotes them',
    Command: 'serin deployment promote dddddddd',
  });
});

it('a canary that was healthy and is lost waits for the next one, not for a person', () => {
  const canaries = { DesiredCanaries: 1, HealthyAllocs: 1 };
  const blocker = running({ allocs: [canary('lost')] }, canaries);
  expect(blocker).toMatchObject({ Reason: 'retry', UntilMs: NOW_MS + 60_000 });
});

it.each([
  [
    'until another takes its place',
    { ReplaceAtMs: NOW_MS + 40_000 },
    {},
    { Reason: 'retry', UntilMs: NOW_MS + 40_000 },
  ],
  ['until the deadline', {}, {}, { Reason: 'retry', UntilMs: NOW_MS + 60_000 }],
  ['for a person where no timer runs', {}, { RequireProgressBy: ZERO_TIME }, { Reason: 'person' }],
])('an instance whose node is lost is waited for, %s', (_, times, group, expected) => {
  const Disconnected = { SinceMs: NOW_MS - 20_000, ...times };
  const away = instance(1, { NodeName: 'n1', DeploymentStatus: health(true), Disconnected });
  const blocker = running({ allocs: [away] }, group);
  expect(blocker).toMatchObject({ ...expected, Command: expect.stringMatching(/^serin node status/) });
  expect(blocker?.Message).toMatch(/^instance 11111111: its node n1 is lost since 20s; /);
});

it.each([
  ['until the deadline', {}, { Reason: 'health', UntilMs: NOW_MS + 60_000 }],
  ['for a person where there is none', { RequireProgressBy: ZERO_TIME }, { Reason: 'person' }],
])('one that fails a check after it was healthy holds the update up, %s', (_, group, expected) => {
  const sick = instance(1, { DeploymentID: '', DeploymentStatus: health(true), Services: critical });
  const blocker = running({ allocs: [sick] }, group);
  expect(blocker).toMatchObject(expected);
  expect(blocker?.Message).toBe(
    'instance 11111111 (version 0) was found healthy and serves nothing now, so no other may go: check "alive" says: 404 Not Found',
  );
});

it('no room names the group, why, the evaluation that knows more, and when it will be given up', () => {
  const metric = { ...EMPTY_METRIC, NodesEvaluated: 3, DimensionExhausted: { memory: 2 } };
  const FailedTGAllocs = { app: { ...metric, ConstraintFiltered: { '${attr.arch} = arm': 1 } } };
  const evaluations = [
    evaluation({ ID: 'aaaaaaaa-1', BlockedEval: 'bbbbbbbb-1', QueuedAllocations: { app: 1 }, FailedTGAllocs }),
    evaluation({ ID: 'bbbbbbbb-1', Status: 'blocked' }),
  ];
  expect(running({ evaluations })).toEqual({
    Reason: 'capacity',
    Message:
      'no node has room for 1 of group "app": constraint "${attr.arch} = arm" excludes 1 node, memory exhausted on 2 nodes',
    Command: 'serin eval status aaaaaaaa',
    UntilMs: NOW_MS + 60_000,
  });
});

it('an ingress that owes its word is named', () => {
  const allocs = [instance(1, { Services: passing, Traffic: traffic({}) })];
  expect(running({ allocs })).toMatchObject({
    Reason: 'load-balancer',
    Message: 'ingress edge has yet to take instance 11111111 (version 0)',
  });
});

it('an ingress that cannot listen says so; what keeps other ports closed is not told here', () => {
  const allocs = [instance(1, { Services: passing, Traffic: traffic({}) })];
  const ingresses = [
    {
      Name: 'edge',
      Problems: [
        { Listen: 9090, Message: 'cannot listen on 127.0.0.1:9090: another process holds the port' },
        { Listen: 8080, Message: 'cannot listen on 127.0.0.1:8080: another process holds the port' },
      ],
    },
  ];
  expect(running({ allocs, ingresses })).toMatchObject({
    Message:
      'ingress edge has yet to take instance 11111111 (version 0): it cannot listen on 127.0.0.1:8080: another process holds the port',
    Command: "ss -ltnp 'sport = :8080'",
  });
});

it('an instance of before that is wanted is no one that an ingress has yet to take: a warm set gets no requests', () => {
  const warm = instance(1, { DeploymentID: 'the-one-before', Services: passing, Traffic: traffic({}) });
  expect(running({ allocs: [warm] })?.Reason).toBe('scheduler');
  expect(running({ allocs: [{ ...warm, DesiredStatus: 'stop' }] })?.Reason).toBe('load-balancer');
});

it('a drain that is not acknowledged is named', () => {
  const allocs = [instance(1, { DesiredStatus: 'stop', Traffic: traffic({ Ready: true }) })];
  expect(running({ allocs })?.Message).toBe(
    'ingress edge has yet to finish what is in flight to instance 11111111 (version 0)',
  );
});

it('an instance that is not yet healthy says how long it must be, and which check fails', () => {
  const allocs = [instance(1, { Services: [] }), instance(2, { Services: critical })];
  expect(running({ allocs })).toMatchObject({
    Reason: 'health',
    Message: 'instance 21111111 and 1 more must be healthy for 2s: check "alive" says: 404 Not Found',
    UntilMs: NOW_MS + 60_000,
  });
});

it('an instance that was judged unhealthy says so', () => {
  const allocs = [instance(1, { Services: critical, DeploymentStatus: health(false) })];
  expect(running({ allocs })?.Message).toBe(
    'instance 11111111 did not become healthy in time: check "alive" says: 404 Not Found',
  );
});

it('an instance that is judged by hand waits for a person', () => {
  const byHand = newJob({ TaskGroups: [newGroup({ Name: 'app', Update: newUpdate({ HealthCheck: 'manual' }) })] });
  const blocker = running({ job: byHand, allocs: [instance(1)] });
  expect(blocker).toMatchObject({ Reason: 'person', UntilMs: NOW_MS + 60_000 });
  expect(blocker?.Message).toContain('PUT /v1/deployment/allocation-health/dddddddd-1');
});

it.each([
  ['wrote something before it ended', ['Started', 'Terminated'], 'serin alloc logs -stderr 11111111'],
  ['was never launched', ['Driver Failure'], 'serin alloc status 11111111'],
])('of a task that %s the command shows it', (_, types, command) => {
  const Events = types.map((Type) => ({ Type, Time: 0, DisplayMessage: Type }));
  const server = { State: 'pending' as const, Failed: false, Restarts: 1, LastRestart: null, StartedAt: null };
  const allocs = [instance(1, { TaskStates: { server: { ...server, FinishedAt: null, Events } } })];
  expect(running({ allocs })).toMatchObject({ Reason: 'health', Command: command });
});

it('each group of a deployment has a blocker of its own, a finished one none', () => {
  const situation = {
    deployment: deployment({ ID: 'dddddddd-1', TaskGroups: { api: state({ HealthyAllocs: 2 }), app: state() } }),
    job,
    allocs: [instance(1, { Services: critical })],
    evaluations: [
      evaluation({ ID: 'aaaaaaaa-1', BlockedEval: 'bbbbbbbb-1', QueuedAllocations: { app: 0, db: 1 } }),
      evaluation({ ID: 'bbbbbbbb-1', Status: 'blocked' as const }),
    ],
    nowMs: NOW_MS,
  };
  expect(groupBlocker(situation, 'api')).toBeUndefined();
  expect(groupBlocker(situation, 'app')).toMatchObject({ Reason: 'health' });
  expect(deploymentBlocker(situation)).toMatchObject({ Reason: 'capacity' });
});

it('an instance that failed is followed by another after its delay', () => {
  const failed = instance(1, { ClientStatus: 'failed', DeploymentStatus: health(false), FollowupEvalID: 'ffffffff-1' });
  const evaluations = [evaluation({ ID: 'ffffffff-1', Status: 'pending', WaitUntilMs: NOW_MS + 28_000 })];
  expect(running({ allocs: [failed], evaluations })).toEqual({
    Reason: 'retry',
    Message: 'instance 11111111 failed; another is placed 28s from now',
    Command: 'serin alloc status 11111111',
    UntilMs: NOW_MS + 28_000,
  });
  expect(running({ allocs: [failed] })).toMatchObject({ Reason: 'retry', UntilMs: NOW_MS + 60_000 });
});

it('an instance whose attempts are used up is followed by none', () => {
  const policy = { ...newGroup().ReschedulePolicy, Unlimited: false, Attempts: 1, Interval: 60 * SECOND };
  const Events = [{ RescheduleTime: (NOW_MS - 1_000) * 1e6, PrevAllocID: '', PrevNodeID: '', Delay: 5 * SECOND }];
  const failed = instance(1, { ClientStatus: 'failed', ModifyTime: NOW_MS * 1e6, RescheduleTracker: { Events } });
  const job = newJob({ TaskGroups: [newGroup({ Name: 'app', ReschedulePolicy: policy })] });
  expect(running({ job, allocs: [failed] })).toMatchObject({
    Message: 'instance 11111111 failed; its reschedule attempts (1) are used up',
  });
});

it('between two batches the interval is named', () => {
  const spaced = newJob({ TaskGroups: [newGroup({ Name: 'app', Update: newUpdate({ BatchInterval: 30 * SECOND }) })] });
  const batch = { PlacedAllocs: 1, HealthyAllocs: 1, LastBatchMs: NOW_MS - 10_000, RequireProgressBy: ZERO_TIME };
  expect(running({ job: spaced }, batch)).toMatchObject({
    Reason: 'interval',
    Message: 'the next batch of group "app" starts 20s from now (stagger)',
    UntilMs: NOW_MS + 20_000,
  });
});

it('when every instance is healthy only the end is missing', () => {
  const allocs = [1, 2].map((index) => instance(index, { DeploymentStatus: health(true) }));
  expect(running({ allocs }, { HealthyAllocs: 2 })).toMatchObject({ Reason: 'scheduler' });
  expect(running({ allocs }, { HealthyAllocs: 2 })?.Message).toContain('every instance is healthy');
});
