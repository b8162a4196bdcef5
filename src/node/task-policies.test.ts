/** Lifecycle hooks, the leader, checks that restart, kill timeouts: what the policies of a job do to its tasks. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskGroup } from '../model/job.ts';
import { MINUTE, SECOND } from '../model/nanos.ts';
import type { Task } from '../model/task.ts';
import { NodeLab } from './testing/node-lab.ts';
import {
  sampleAlloc,
  sampleCheck,
  sampleGroup,
  sampleIngress,
  sampleJob,
  sampleService,
  sampleTask,
} from './testing/samples.ts';

const NEVER = { Attempts: 0, Interval: MINUTE, Delay: SECOND, Mode: 'fail' };

let lab: NodeLab;

beforeEach(async () => {
  lab = new NodeLab();
  await lab.start();
});

afterEach(() => lab.close());

async function place(group: Partial<TaskGroup>, type: 'service' | 'batch' = 'service'): Promise<void> {
  lab.twin.place(sampleAlloc('a1'), sampleJob([sampleGroup(group)], { Type: type }));
  await lab.pass(0);
}

const task = (Name: string, Config: Task['Config'] = {}, changes: Partial<Task> = {}) =>
  sampleTask({ Name, Config, RestartPolicy: NEVER, ...changes });

const hooked = (Hook: string, Name: string, Config: Task['Config'] = {}, changes: Partial<Task> = {}) =>
  task(Name, Config, { Lifecycle: { Hook, Sidecar: false }, ...changes });

const sidecar = (Name: string, Config: Task['Config'] = {}, changes: Partial<Task> = {}) =>
  task(Name, Config, { Lifecycle: { Hook: 'prestart', Sidecar: true }, ...changes });

const started = () => lab.machine.starts.map((start) => start.taskName);
const stateOf = (name: string) => lab.alloc('a1').TaskStates?.[name];
const signalled = () =>
  lab.machine.signals.map(({ taskId }) => lab.machine.starts.find((start) => start.id === taskId)?.taskName);

async function anotherAgent(): Promise<void> {
  await lab.crash();
  await lab.start();
  await lab.pass(0);
}

describe('lifecycle tasks of a service', () => {
  it('are done with a success, and are not started again', async () => {
    const policy = { RestartPolicy: { Attempts: 5, Interval: MINUTE, Delay: SECOND, Mode: 'fail' } };
    const init = hooked('prestart', 'init', { run_for_ms: 100 }, policy);
    const hello = hooked('poststart', 'hello', { run_for_ms: 100 }, policy);
    await place({ Tasks: [task('web'), init, hello] });
    await lab.pass(60_000);
    expect(started()).toEqual(['init', 'web', 'hello']);
    expect(stateOf('init')).toMatchObject({ State: 'dead', Failed: false, Restarts: 0 });
    expect(lab.alloc('a1').ClientStatus).toBe('running');
  });

  it('that end where they should run beside the main tasks are started again, in batch jobs too', async () => {
    const policy = { RestartPolicy: { Attempts: 5, Interval: MINUTE, Delay: SECOND, Mode: 'fail' } };
    await place({ Tasks: [task('work'), sidecar('mesh', { run_for_ms: 100 }, policy)] }, 'batch');
    await lab.pass(1_500);
    expect(started()).toEqual(['mesh', 'work', 'mesh']);
  });

  it('keep the main tasks back until sidecars have started', async () => {
    await place({ Tasks: [task('web'), sidecar('mesh', { start_delay_ms: 5_000 })] });
    await lab.pass(4_000);
    expect(started()).toEqual(['mesh']);
    expect(lab.events('a1', 'web')).toEqual(['Received: Task received by client']);
    await lab.pass(2_000);
    expect(started()).toEqual(['mesh', 'web']);
  });

  it('fail the instance when a prestart task fails: the main task never starts and says why', async () => {
    const init = hooked('prestart', 'init', { run_for_ms: 10, exit_code: 3 });
    await place({ Tasks: [task('web'), init, sidecar('mesh'), hooked('poststop', 'bye', { run_for_ms: 10 })] });
    await lab.pass(1_000);
    expect(started()).toEqual(['mesh', 'init', 'bye']);
    expect(lab.events('a1', 'web')).toEqual([
      'Received: Task received by client',
      'Sibling Task Failed: Task\'s sibling "init" failed',
    ]);
    expect(lab.alloc('a1').ClientStatus).toBe('failed');
    expect(stateOf('web')).toMatchObject({ State: 'dead', Failed: false, StartedAt: null });
  });

  it('retry a prestart task as its policy says', async () => {
    const policy = { RestartPolicy: { Attempts: 2, Interval: MINUTE, Delay: SECOND, Mode: 'fail' } };
    await place({ Tasks: [task('web'), hooked('prestart', 'init', { start_error: 'no' }, policy)] });
    await lab.pass(10_000);
    expect(started()).toEqual(['init', 'init', 'init']);
    expect(lab.alloc('a1').ClientStatus).toBe('failed');
  });

  it('run a poststop task after a stop, after a failure, and not where nothing ever ran', async () => {
    const Tasks = [task('web'), hooked('poststop', 'bye', { run_for_ms: 10 })];
    await place({ Tasks });
    lab.twin.stop('a1');
    await lab.pass(100);
    expect(started()).toEqual(['web', 'bye']);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
    const failing = [task('web', { run_for_ms: 10, exit_code: 1 }), Tasks[1]!];
    lab.twin.place(sampleAlloc('a2', { JobID: 'two' }), sampleJob([sampleGroup({ Tasks: failing })], { ID: 'two' }));
    await lab.pass(100);
    expect(started()).toEqual(['web', 'bye', 'web', 'bye']);
    expect(lab.alloc('a2').ClientStatus).toBe('failed');
    lab.twin.place(sampleAlloc('a3', { DesiredStatus: 'stop' }), sampleJob([sampleGroup({ Tasks })]));
    await lab.pass(100);
    expect(started()).toHaveLength(4);
  });

  it('end with the main tasks of a batch job: sidecars are stopped, and say why', async () => {
    await place({ Tasks: [task('work', { run_for_ms: 1_000 }), sidecar('mesh')] }, 'batch');
    await lab.pass(1_100);
    expect(lab.alloc('a1')).toMatchObject({ ClientStatus: 'complete' });
    expect(lab.events('a1', 'mesh')).toContain('Main Tasks Dead: Main tasks in the group died');
  });

  it('let a poststart task finish its work when the main tasks are done', async () => {
    const hello = hooked('poststart', 'hello', { run_for_ms: 5_000 });
    await place({ Tasks: [task('work', { run_for_ms: 1_000 }), hello] }, 'batch');
    await lab.pass(4_000);
    expect(stateOf('hello')).toMatchObject({ State: 'running' });
    await lab.pass(2_000);
    expect(stateOf('hello')).toMatchObject({ State: 'dead', Failed: false });
    expect(signalled()).toEqual([]);
  });

  it('do not stand in the way of its health, unless they fail', async () => {
    const deployed = sampleAlloc('a1', { DeploymentID: 'd1' });
    const init = hooked('prestart', 'init', { run_for_ms: 100 });
    const bye = hooked('poststop', 'bye');
    const Tasks = [task('web'), init, hooked('poststart', 'hello', { run_for_ms: 60_000 }), sidecar('mesh'), bye];
    lab.twin.place(deployed, sampleJob([sampleGroup({ Tasks })]));
    await lab.pass(11_000);
    expect(lab.alloc('a1').DeploymentStatus).toMatchObject({ Healthy: true });
    const failing = hooked('poststart', 'hello', { run_for_ms: 100, exit_code: 1 });
    const job = sampleJob([sampleGroup({ Tasks: [task('web'), failing] })], { ID: 'two' });
    lab.twin.place(sampleAlloc('a2', { JobID: 'two', DeploymentID: 'd2' }), job);
    await lab.pass(1_000);
    expect(lab.alloc('a2')).toMatchObject({ ClientStatus: 'failed', DeploymentStatus: { Healthy: false } });
  });
});

describe('the order in which tasks are stopped', () => {
  const slow = (ms: number) => ({ kill_after_ms: ms });

  it('is the leader, the others, the sidecars; then the poststop tasks run', async () => {
    const leader = task('web', slow(1_000), { Leader: true });
    const Tasks = [sidecar('mesh', slow(1_000)), task('log', slow(1_000)), leader, hooked('poststop', 'bye')];
    await place({ Tasks });
    lab.twin.stop('a1');
    await lab.pass(500);
    expect(signalled()).toEqual(['web']);
    await lab.pass(1_000);
    expect(signalled()).toEqual(['web', 'log']);
    await lab.pass(1_000);
    expect(signalled()).toEqual(['web', 'log', 'mesh']);
    expect(started()).not.toContain('bye');
    await lab.pass(1_000);
    expect(started()).toContain('bye');
  });

  it('lets requests in flight end first, also when a sibling has failed', async () => {
    const service = sampleService({ TaskName: 'web', Ingress: [sampleIngress] });
    const failing = task('log', { run_for_ms: 1_000, exit_code: 1 });
    await place({ Services: [service], Tasks: [task('web'), failing] });
    await lab.pass(500);
    lab.twin.setTraffic('a1', { Ready: true, Drained: false });
    await lab.pass(5_000);
    expect(lab.alloc('a1').Services?.[0]?.Status).toBe('draining');
    expect(signalled()).toEqual([]);
    lab.twin.setTraffic('a1', { Drained: true });
    await lab.pass(10);
    expect(signalled()).toEqual(['web']);
    expect(lab.alloc('a1').ClientStatus).toBe('failed');
  });

  it('does not wait for a task between two starts, and does not start it again meanwhile', async () => {
    const service = sampleService({ TaskName: 'web', Ingress: [sampleIngress] });
    const policy = { RestartPolicy: { Attempts: 5, Interval: MINUTE, Delay: 3 * SECOND, Mode: 'fail' } };
    await place({ Services: [service], Tasks: [task('web'), task('log', { run_for_ms: 1_000 }, policy)] });
    lab.twin.setTraffic('a1', { Ready: true, Drained: false });
    await lab.pass(2_000);
    lab.twin.stop('a1');
    await lab.pass(10_000);
    expect(started()).toEqual(['web', 'log']);
    expect(stateOf('log')).toMatchObject({ State: 'dead', Failed: false });
    lab.twin.setTraffic('a1', { Drained: true });
    await lab.pass(10);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });

  it('keeps shutdown_delay before a restart that somebody asked for, too', async () => {
    await place({ ShutdownDelay: 2 * SECOND, Tasks: [task('web', {}, { ShutdownDelay: 3 * SECOND })] });
    await lab.pass(100);
    const began = lab.clock.nowMs();
    const done = lab.agent.restart('a1', undefined, new AbortController().signal);
    await lab.pass(10_000);
    await done;
    expect(lab.machine.signals).toMatchObject([{ signal: 'SIGINT', atMs: began + 3_000 }]);
    expect(started()).toEqual(['web', 'web']);
  });

  it('gives a task the least of its kill_timeout and what the node grants, and says so', async () => {
    await place({ Tasks: [task('web', { ignores: ['SIGINT'] }, { KillTimeout: 2 * MINUTE })] });
    lab.twin.stop('a1');
    await lab.pass(29_900);
    expect(lab.machine.running()).toHaveLength(1);
    await lab.pass(200);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
    expect(lab.events('a1')).toContain(
      'Killing: Sent interrupt. Waiting 30s before force killing (kill_timeout asks for 2m0s, max_kill_timeout cuts it)',
    );
  });
});

describe('check_restart', () => {
  const check = sampleCheck({
    Type: 'script',
    Command: '/bin/true',
    CheckRestart: { Limit: 3, Grace: 0, IgnoreWarnings: false },
  });

  it('counts as a restart: with the attempts used up the task has failed', async () => {
    const policy = { RestartPolicy: { Attempts: 2, Interval: 30 * MINUTE, Delay: 5 * SECOND, Mode: 'fail' } };
    const web = task('web', { exec_exit_code: 1 }, policy);
    await place({ Services: [sampleService({ Checks: [check] })], Tasks: [web] });
    await lab.pass(180_000);
    expect(started()).toHaveLength(3);
    expect(lab.alloc('a1')).toMatchObject({
      ClientStatus: 'failed',
      TaskStates: { web: { Restarts: 2, Failed: true } },
    });
    expect(lab.events('a1').slice(-3)).toEqual([
      'Restart Signaled: healthcheck: check "alive" unhealthy',
      'Terminated: Exit Code: 130, Signal: 2',
      'Not Restarting: Exceeded allowed attempts 2 in interval 30m0s and mode is "fail"',
    ]);
  });
});

describe('the next agent', () => {
  it('does not run a prestart task again that is done, nor one that ended while no agent ran', async () => {
    const init = hooked('prestart', 'init', { run_for_ms: 1_000 });
    await place({ Tasks: [task('web'), init] });
    await lab.pass(500);
    await lab.crash();
    await lab.pass(1_000);
    await lab.start();
    await lab.pass(100);
    expect(started()).toEqual(['init', 'web']);
    await anotherAgent();
    expect(started()).toEqual(['init', 'web']);
  });

  it('runs the poststart task when the one before died before the main task ran', async () => {
    const hello = hooked('poststart', 'hello', { run_for_ms: 100 });
    await place({ Tasks: [task('web', { start_delay_ms: 1_000 }), hello] });
    await anotherAgent();
    await lab.pass(2_000);
    expect(started().at(-1)).toBe('hello');
    await anotherAgent();
    await lab.pass(2_000);
    expect(started().filter((name) => name === 'hello')).toHaveLength(1);
  });

  it('goes on with an end that a sibling or the leader had begun', async () => {
    const leader = task('web', { run_for_ms: 1_000 }, { Leader: true });
    await place({ Tasks: [leader, task('log', { kill_after_ms: 2_000 })] }, 'batch');
    await lab.pass(1_500);
    expect(signalled()).toEqual(['log']);
    await lab.crash();
    lab.machine.signals.length = 0;
    await lab.start();
    await lab.pass(5_000);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
    expect(lab.events('a1', 'log').filter((event) => event.startsWith('Leader'))).toHaveLength(1);
  });

  it('ends followers whose leader ended while no agent ran', async () => {
    await place({ Tasks: [task('web', { run_for_ms: 1_000 }, { Leader: true }), task('log')] }, 'batch');
    await lab.crash();
    await lab.pass(5_000);
    await lab.start();
    await lab.pass(100);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });

  it('runs the poststop task once, whenever the one before died', async () => {
    const bye = hooked('poststop', 'bye', { run_for_ms: 1_000 });
    await place({ Tasks: [task('web', { kill_after_ms: 500 }), bye] });
    lab.twin.stop('a1');
    await lab.pass(100);
    await anotherAgent();
    await lab.pass(700);
    expect(started()).toEqual(['web', 'bye']);
    await anotherAgent();
    await lab.pass(100);
    await lab.crash();
    await lab.pass(2_000);
    await lab.start();
    await lab.pass(100);
    expect(started()).toEqual(['web', 'bye']);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });

  it('does not run a poststop task again whose end nobody knows, and says so', async () => {
    const bye = hooked('poststop', 'bye', {}, { RestartPolicy: { ...NEVER, Attempts: 3 } });
    await place({ Tasks: [task('web'), bye] });
    lab.twin.stop('a1');
    await lab.pass(100);
    await lab.crash();
    lab.machine.tasks.clear();
    await lab.start();
    await lab.pass(60_000);
    expect(started()).toEqual(['web', 'bye']);
    expect(lab.events('a1', 'bye').at(-1)).toMatch(/^Not Restarting: Nobody knows how it ended/);
    expect(lab.alloc('a1').ClientStatus).toBe('failed');
  });

  it('waits for the end of a task that was to be stopped, before it calls the instance ended', async () => {
    await place({ Tasks: [task('web', { kill_after_ms: 3_000 })] });
    lab.twin.stop('a1');
    await lab.pass(100);
    await lab.crash();
    await lab.start();
    await lab.pass(100);
    expect(lab.alloc('a1').ClientStatus).toBe('running');
    await lab.pass(5_000);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
    expect(lab.machine.running()).toEqual([]);
    expect(lab.events('a1').slice(-2)[0]).toMatch(/^Terminated/);
  });
});

describe('a restart of all tasks', () => {
  const all = () => lab.agent.restartAll('a1', new AbortController().signal);

  it('runs those again that were done, in their order, and no poststop task', async () => {
    const init = hooked('prestart', 'init', { run_for_ms: 100 });
    const hello = hooked('poststart', 'hello', { run_for_ms: 100 });
    await place({
      Tasks: [task('web', { kill_after_ms: 500 }), init, hello, sidecar('mesh'), hooked('poststop', 'bye')],
    });
    await lab.pass(1_000);
    expect(started()).toEqual(['mesh', 'init', 'web', 'hello']);
    const done = all();
    await lab.pass(5_000);
    await done;
    expect(started().slice(4)).toEqual(['mesh', 'init', 'web', 'hello']);
    expect(stateOf('web')).toMatchObject({ State: 'running', Restarts: 1 });
    expect(stateOf('init')).toMatchObject({ State: 'dead', Restarts: 1, Failed: false });
    expect(lab.reportsOf('a1').every(({ ClientStatus }) => ClientStatus !== 'complete')).toBe(true);
    lab.twin.stop('a1');
    await lab.pass(2_000);
    expect(started().at(-1)).toBe('bye');
  });

  it('gives way to a stop', async () => {
    await place({ Tasks: [task('web', { kill_after_ms: 1_000 }), hooked('poststop', 'bye', { run_for_ms: 10 })] });
    await lab.pass(100);
    const done = all();
    await lab.pass(100);
    lab.twin.stop('a1');
    await lab.pass(5_000);
    await done;
    expect(started()).toEqual(['web', 'bye']);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });

  it('is gone on with by the next agent', async () => {
    const init = hooked('prestart', 'init', { run_for_ms: 100 });
    await place({ Tasks: [task('web'), init] });
    await lab.pass(1_000);
    await all();
    await lab.pass(50);
    await anotherAgent();
    await lab.pass(2_000);
    expect(started()).toEqual(['init', 'web', 'init', 'web']);
  });

  it('is refused where nothing is left to restart', async () => {
    await place({ Tasks: [task('web')] });
    lab.twin.stop('a1');
    await lab.pass(100);
    await expect(all()).rejects.toThrow(/has ended/);
  });
});

it('a task whose driver this node has no more has ended, nobody knows how', async () => {
  await place({ Tasks: [task('web')] });
  await lab.pass(100);
  await lab.crash();
  lab.withoutDrivers = true;
  await lab.start();
  await lab.pass(1_000);
  expect(lab.events('a1').slice(-2)).toEqual([
    'Terminated: Exit Code: -1, Exit Message: "driver "mock" is not on this node any more"',
    'Not Restarting: Policy allows no restarts',
  ]);
  expect(lab.alloc('a1').ClientStatus).toBe('failed');
});
