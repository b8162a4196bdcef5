import { describe, expect, it } from 'vitest';
import type { DeploymentView } from '../../api/views.ts';
import type { DeploymentEvidence } from '../../model/deployment.ts';
import type { ExplainedInstance, GroupExplanation } from '../../model/deployment-explanation.ts';
import { formatExplanation } from './explanation.ts';
import { plainStyle } from './style.ts';

const state = { DesiredTotal: 3, HealthyAllocs: 1, DesiredCanaries: 0, Promoted: false };
const deployment = (fields: object = {}): DeploymentView =>
  ({
    ID: '9e0b62bd-0000',
    JobID: 'web',
    JobVersion: 2,
    Status: 'running',
    TaskGroups: { app: state },
    ...fields,
  }) as unknown as DeploymentView;

const instance = (at: number, State: ExplainedInstance['State'], Message: string, fields = {}): ExplainedInstance => ({
  AllocID: `${at}1111111-0000`,
  Name: `web.app[${at}]`,
  NodeName: 'n1',
  JobVersion: 2,
  Canary: false,
  State,
  Message,
  ...fields,
});
const group = (fields: Partial<GroupExplanation> = {}): GroupExplanation => ({
  Name: 'app',
  Timer: { Message: 'fails in 4m12s unless another instance becomes healthy (progress_deadline)' },
  Instances: [],
  Others: {},
  ...fields,
});
const Blocker = {
  Reason: 'health',
  Message: 'instance 11111111 must be healthy for 2s: check "alive" says: HTTP 500',
  Command: 'serin alloc status 11111111',
};

const show = (view: DeploymentView, options: object = {}) =>
  formatExplanation(view, { nowMs: 0, verbose: false, detail: 'whole', ...options }, plainStyle);

describe('a deployment that waits', () => {
  const instances = [
    instance(1, 'check', 'check "alive" says: HTTP 500'),
    instance(2, 'healthy', 'healthy', { Canary: true }),
    instance(3, 'old', 'runs as before', { JobVersion: 1, NodeName: 'node-10' }),
  ];
  const waiting = deployment({
    Blocker,
    Explanation: { Groups: [group({ Blocker: Blocker as never, Instances: instances, Others: { healthy: 40 } })] },
  });

  it('says for what, for how long, shows the tree, and what to try', () => {
    expect(show(waiting)).toBe(`Waiting for
instance 11111111 must be healthy for 2s: check "alive" says: HTTP 500
fails in 4m12s unless another instance becomes healthy (progress_deadline)

deployment 9e0b62bd: web version 2
└─ group app: 1 of 3 healthy
   ├─ 11111111  version 2          on n1       check "alive" says: HTTP 500
   ├─ 21111111  version 2  canary  on n1       healthy
   ├─ 31111111  version 1          on node-10  runs as before
   └─ and 40 more that are healthy

Try: serin alloc status 11111111`);
  });

  it('shows at most three instances where it is to be short', () => {
    expect(show(waiting, { detail: 'short' })).toBe(`Waiting for
instance 11111111 must be healthy for 2s: check "alive" says: HTTP 500
fails in 4m12s unless another instance becomes healthy (progress_deadline)
├─ 11111111  version 2          on n1       check "alive" says: HTTP 500
├─ 21111111  version 2  canary  on n1       healthy
├─ 31111111  version 1          on node-10  runs as before
└─ and 40 more that are healthy
Try: serin alloc status 11111111`);
  });

  it('is one line per trouble where only news count', () => {
    expect(show(waiting, { detail: 'news' })).toBe(`Waiting for
instance 11111111 must be healthy for 2s: check "alive" says: HTTP 500
fails in 4m12s unless another instance becomes healthy (progress_deadline)
└─ 11111111  version 2  on n1  check "alive" says: HTTP 500
Try: serin alloc status 11111111`);
  });

  it('of several groups says for each what holds it back, and counts what it does not name', () => {
    const many = [0, 1, 2, 3, 4, 5, 6].map((at) => instance(at, at < 6 ? 'draining' : 'healthy', 'x'));
    const Groups = [
      group({ Name: 'api', Instances: many, Others: { old: 2 } }),
      group({ Blocker: { Reason: 'capacity', Message: 'no node has room' }, Timer: { Message: 'fails soon' } }),
    ];
    const TaskGroups = { api: { ...state, HealthyAllocs: 3 }, app: { ...state, DesiredCanaries: 1 } };
    expect(
      show(
        deployment({
          Blocker: { Reason: 'capacity', Message: 'no node has room' },
          TaskGroups,
          Explanation: { Groups },
        }),
      ),
    ).toBe(`Waiting for
no node has room

deployment 9e0b62bd: web version 2
├─ group api: 3 of 3 healthy
│  ├─ 01111111  version 2  on n1  x
│  ├─ 11111111  version 2  on n1  x
│  ├─ 21111111  version 2  on n1  x
│  ├─ 31111111  version 2  on n1  x
│  ├─ 41111111  version 2  on n1  x
│  └─ and 4 more: 1 draining, 1 healthy, 2 running as before
└─ group app: 1 of 3 healthy, 1 canary first
   ├─ no node has room
   └─ fails soon`);
  });

  it('says what requests see, and what finds no place where something else is waited for first', () => {
    const Capacity = { Missing: 2, EvalID: 'e', Reasons: [{ Message: 'memory exhausted on 3 nodes', Nodes: 3 }] };
    const Groups = [group({ Traffic: { Message: 'the canaries get 5% of the requests', CanaryWeight: 5 }, Capacity })];
    expect(show(deployment({ Blocker, Explanation: { Groups } }))).toContain(`
   ├─ the canaries get 5% of the requests
   └─ 2 find no place: memory exhausted on 3 nodes`);
  });

  it('of a server that sends no tree is the sentence alone', () => {
    expect(show(deployment({ Blocker: { Reason: 'scheduler', Message: 'it is about to end' } }))).toBe(
      'Waiting for\nit is about to end',
    );
  });

  it('says nothing of a peer, which knows nothing of the kind', () => {
    expect(show(deployment())).toBe('');
    expect(show(deployment({ Status: 'failed' }))).toBe('');
  });
});

describe('a deployment that failed', () => {
  const evidence = (at: number, Trouble: string, fields: Partial<DeploymentEvidence> = {}): DeploymentEvidence => ({
    AllocID: `${at}1111111-0000`,
    Name: `web.app[${at}]`,
    NodeName: 'n1',
    TaskGroup: 'app',
    JobVersion: 2,
    ClientStatus: 'running',
    Trouble,
    TaskEvents: {},
    Checks: [],
    Output: {},
    ...fields,
  });
  const Events = [
    { Type: 'Terminated', Time: Date.parse('2026-11-20T16:15:30Z') * 1e6, DisplayMessage: 'Exit Code: 1' },
  ];
  const first = evidence(1, 'task "server": Exit Code: 1', {
    TaskEvents: { server: Events },
    Checks: [{ Check: 'alive', Status: 'critical', Output: '\x1b[31mHTTP 500\x1b[0m\nlocked', TimestampMs: 0 }],
    Output: { server: { Stdout: 'starting', Stderr: 'ReferenceError: x\n\tat main\x07' } },
  });
  const failed = deployment({
    Status: 'failed',
    Failure: 'progress-deadline',
    Evidence: [first, evidence(2, 'task "server": Exit Code: 2')],
  });

  it('shows the evidence: all of the first instance, the trouble of the others', () => {
    expect(show(failed)).toBe(`Why it failed
no further instance became healthy in time (progress-deadline)

deployment 9e0b62bd: web version 2
└─ group app: 1 of 3 healthy
   ├─ 11111111  version 2  on n1  task "server": Exit Code: 1
   │  ├─ last events of task "server"
   │  │    2026-11-20T16:15:30Z  Terminated  Exit Code: 1
   │  ├─ check "alive" is critical; it said: HTTP 500 locked
   │  ├─ last lines of stdout of task "server"
   │  │    starting
   │  └─ last lines of stderr of task "server"
   │       ReferenceError: x
   │         at main
   └─ 21111111  version 2  on n1  task "server": Exit Code: 2
(-verbose shows as much of all of them)

Try: serin alloc logs -stderr 11111111`);
  });

  it('is the reason, the first trouble and where to see all where it is to be short', () => {
    expect(show(failed, { detail: 'short' })).toBe(`Why it failed
no further instance became healthy in time (progress-deadline)
instance 11111111 on n1: task "server": Exit Code: 1 (and 1 more)
Try: serin deployment status 9e0b62bd`);
  });

  it('without evidence says what it still waited for', () => {
    const view = deployment({
      Status: 'failed',
      Failure: 'progress-deadline',
      FailureDetail: 'no node has room for 1 of group "app"',
    });
    expect(show(view)).toBe(`Why it failed
no further instance became healthy in time (progress-deadline)
when its time was over: no node has room for 1 of group "app"

Try: serin job status -evals web`);
  });

  it('says nothing of one that was only cancelled: its description does', () => {
    expect(show(deployment({ Status: 'cancelled', Failure: 'newer-version' }))).toBe('');
  });
});
