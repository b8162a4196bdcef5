import { expect, it } from 'vitest';
import type { Allocation, TaskState } from '../model/allocation.ts';
import { health, NOW_MS, newAlloc, newJob } from '../scheduler/fixtures.ts';
import { deploymentEvidence, EVIDENCE_BYTES } from './deployment-evidence.ts';
import { newDeployment } from './fixtures.ts';

const job = newJob({ Version: 1 });
const deployment = newDeployment(job, {}, { ID: 'd' });

const task = (fields: Partial<TaskState> = {}): TaskState => ({
  State: 'running',
  Failed: false,
  Restarts: 0,
  LastRestart: null,
  StartedAt: null,
  FinishedAt: null,
  Events: [],
  ...fields,
});
const ended = (words: string): TaskState =>
  task({ State: 'dead', Failed: true, Events: [{ Type: 'Terminated', Time: 1, DisplayMessage: words }] });
const critical = (Output: string): Pick<Allocation, 'Services'> => ({
  Services: [
    {
      Service: 'web',
      PortLabel: 'http',
      Address: '127.0.0.1',
      Port: 1,
      Status: 'critical',
      Checks: [
        { Check: 'alive', Status: 'critical', Output, TimestampMs: 5 },
        { Check: 'other', Status: 'passing', Output: 'ok', TimestampMs: 5 },
      ],
    },
  ],
});

const instance = (index: number, fields: Partial<Allocation> = {}): Allocation =>
  newAlloc(job, index, { ID: `alloc-${index}`, DeploymentID: 'd', CreateIndex: index, ...fields });
const evidence = (...allocs: Allocation[]) =>
  deploymentEvidence({ deployment, job, allocs, evaluations: [], nowMs: NOW_MS });
const failed = (index: number, words: string, fields: Partial<Allocation> = {}) =>
  instance(index, { ClientStatus: 'failed', TaskStates: { server: ended(words) }, ...fields });

it('says of an instance what was wrong, what happened to it, what its checks said and what it wrote', () => {
  const Output = { server: { Stdout: 'started', Stderr: 'no such table' } };
  const unhealthy = instance(0, {
    DeploymentStatus: health(false),
    ...critical('404 Not Found'),
    TaskStates: { server: task({ Events: [{ Type: 'Started', Time: 1, DisplayMessage: 'Task started by client' }] }) },
    Output,
  });
  expect(evidence(unhealthy)).toEqual([
    {
      AllocID: 'alloc-0',
      Name: unhealthy.Name,
      NodeName: unhealthy.NodeName,
      TaskGroup: unhealthy.TaskGroup,
      JobVersion: 1,
      ClientStatus: 'running',
      Trouble: 'check "alive" says: 404 Not Found',
      TaskEvents: { server: [{ Type: 'Started', Time: 1, DisplayMessage: 'Task started by client' }] },
      Checks: [{ Check: 'alive', Status: 'critical', Output: '404 Not Found', TimestampMs: 5 }],
      Output,
    },
  ]);
});

it('keeps the last six events of a task', () => {
  const Events = Array.from({ length: 10 }, (_, at) => ({ Type: 'Terminated', Time: at, DisplayMessage: `${at}` }));
  const [one] = evidence(instance(0, { ClientStatus: 'failed', TaskStates: { server: task({ Events }) } }));
  expect(one?.TaskEvents.server?.map(({ Time }) => Time)).toEqual([4, 5, 6, 7, 8, 9]);
});

it('takes at most five, the newest, and one of each trouble first', () => {
  const same = [0, 1, 2, 3, 4, 5].map((at) => failed(at, `Exit Code: 1; Task restarting in ${at}.5s`));
  const other = failed(-1, 'Exit Code: 2');
  expect(evidence(...same, other).map(({ AllocID }) => AllocID)).toEqual([
    'alloc-5',
    'alloc--1',
    'alloc-4',
    'alloc-3',
    'alloc-2',
  ]);
});

it('blames no instance that was healthy, of before, or only told to stop', () => {
  expect(
    evidence(
      instance(0, { DeploymentStatus: health(true) }),
      instance(1, { DeploymentID: 'before', ...critical('no') }),
      instance(2, { DesiredStatus: 'stop' }),
    ),
  ).toEqual([]);
});

it('one that was judged unhealthy is to blame also when it was told to stop since, in the words of its judge', () => {
  const Events = [{ Type: 'Alloc Unhealthy', Time: 1, DisplayMessage: 'Task not running by deadline' }];
  const alloc = instance(0, {
    DesiredStatus: 'stop',
    DeploymentStatus: health(false),
    TaskStates: { server: task({ Events }) },
  });
  expect(evidence(alloc)).toMatchObject([{ Trouble: 'Task not running by deadline' }]);
});

it('those that were only slow are named where nobody else is to blame', () => {
  const slow = instance(0, { ClientStatus: 'pending', NodeName: 'n1' });
  expect(evidence(slow)).toMatchObject([{ Trouble: 'waits for node n1 to start it' }]);
  expect(evidence(slow, failed(1, 'Exit Code: 1')).map(({ AllocID }) => AllocID)).toEqual(['alloc-1']);
});

it('stays small, whatever tasks and checks have to say', () => {
  const long = Array.from({ length: 40 }, (_, at) => `line ${at} ${'x'.repeat(50)}`).join('\n');
  const tasks = ['a', 'b', 'c', 'd'];
  const loud = [0, 1, 2, 3, 4].map((index) =>
    instance(index, {
      ClientStatus: 'failed',
      ...critical('y'.repeat(5000)),
      TaskStates: Object.fromEntries(tasks.map((name) => [name, ended(`${index} ${'z'.repeat(2000)}`)])),
      Output: Object.fromEntries(tasks.map((name) => [name, { Stdout: long, Stderr: long }])),
    }),
  );
  const kept = evidence(...loud);
  expect(kept).toHaveLength(5);
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(EVIDENCE_BYTES);
});

it('shortens output to whole lines, the last ones', () => {
  const long = Array.from({ length: 30 }, (_, at) => `line ${at} ${'x'.repeat(55)}`).join('\n');
  const loud = [0, 1, 2, 3, 4].map((index) =>
    failed(index, 'Exit Code: 1', { Output: { server: { Stdout: long, Stderr: long } } }),
  );
  const lines = evidence(...loud)[0]!.Output.server!.Stdout.split('\n');
  expect(lines.at(-1)).toMatch(/^line 29 /);
  expect(lines[0]).toMatch(/^line \d+ /);
  expect(lines.length).toBeLessThan(30);
});
