import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
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

const scriptCheck = sampleCheck({ Type: 'script', Command: '/bin/true' });
const exposed = sampleService({ Checks: [scriptCheck], Ingress: [sampleIngress] });

let lab: NodeLab;

beforeEach(async () => {
  lab = new NodeLab();
  await lab.start();
});

afterEach(() => lab.close());

async function place(id: string, group: Partial<TaskGroup> = {}, alloc: Partial<Allocation> = {}): Promise<void> {
  lab.twin.place(sampleAlloc(id, alloc), sampleJob([sampleGroup(group)], { ID: `job-${id}` }));
  await lab.pass(0);
}

/** As `place`, with the job id that the row names. */
async function placeTask(id: string, task: Partial<Task>, alloc: Partial<Allocation> = {}): Promise<void> {
  await place(id, { Tasks: [sampleTask(task)] }, { JobID: `job-${id}`, ...alloc });
}

const placeGroup = (id: string, group: Partial<TaskGroup>, alloc: Partial<Allocation> = {}) =>
  place(id, group, { JobID: `job-${id}`, ...alloc });

describe('a node and its server', () => {
  it('registers itself with what it found, and keeps its identity', async () => {
    const { node } = lab.twin;
    expect(node).toMatchObject({
      Name: 'one',
      Datacenter: 'dc1',
      NodeClass: 'big',
      Status: 'ready',
      NodeResources: { Cpu: { CpuShares: 4000 } },
      Drivers: { mock: { Detected: true, Healthy: true } },
      Attributes: { 'driver.mock': '1', 'kernel.name': process.platform },
    });
    await lab.leave();
    await lab.start();
    expect(lab.twin.node?.ID).toBe(node?.ID);
    expect(lab.twin.node?.SecretID).toBe(node?.SecretID);
  });

  it('says twice within each TTL that it is alive, and registers again where it is not known', async () => {
    await lab.pass(20_000);
    expect(lab.twin.heartbeats).toBeGreaterThanOrEqual(4);
    expect(lab.twin.registrations).toBe(1);
    lab.twin.forgetNode();
    await lab.pass(10_000);
    expect(lab.twin.registrations).toBe(2);
  });

  it('tells the server when a driver goes and when it is back, and nothing while all stays as it is', async () => {
    await lab.pass(60_000);
    expect(lab.twin.registrations).toBe(1);
    lab.machine.away = 'no engine';
    await lab.pass(20_000);
    expect(lab.twin.node?.Drivers.mock).toMatchObject({ Detected: false, HealthDescription: 'no engine' });
    expect(lab.twin.node?.Attributes).not.toHaveProperty(['driver.mock']);
    lab.machine.away = undefined;
    await lab.pass(20_000);
    expect(lab.twin.node?.Drivers.mock).toMatchObject({ Detected: true });
    expect(lab.twin.registrations).toBe(3);
  });

  it('tells the server of a disk that fills up, a tenth at a time', async () => {
    const freeMB = (DiskMB: number) => {
      lab.machineFacts = (machine) => ({ ...machine, resources: { ...machine.resources, Disk: { DiskMB } } });
    };
    freeMB(10_000);
    await lab.leave();
    await lab.start();
    const { registrations } = lab.twin;
    freeMB(9_500);
    await lab.pass(60_000);
    expect(lab.twin.registrations).toBe(registrations);
    freeMB(8_900);
    await lab.pass(60_000);
    expect(lab.twin.registrations).toBe(registrations + 1);
    expect(lab.twin.node?.NodeResources.Disk.DiskMB).toBe(8_900);
  });

  it('ends a start that takes its time when the task is no longer wanted', async () => {
    await placeTask('a1', { Config: { start_delay_ms: 600_000 } });
    await lab.pass(1_000);
    expect(lab.events('a1').at(-1)).toBe('Driver: Preparing');
    lab.twin.stop('a1');
    await lab.pass(1_000);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
    expect(lab.events('a1').join()).not.toContain('Driver Failure');
    expect(lab.machine.tasks.size).toBe(0);
  });

  it('leaves while a start takes its time, and the next agent starts the task anew', async () => {
    await placeTask('a1', { Config: { start_delay_ms: 5_000 } });
    await lab.pass(1_000);
    await lab.leave();
    await lab.start();
    await lab.pass(10_000);
    expect(lab.alloc('a1').ClientStatus).toBe('running');
    expect(lab.machine.running()).toHaveLength(1);
    expect(lab.events('a1').join()).not.toContain('Driver Failure');
  });

  it('stops nothing while no server answers, and tells everything once one does', async () => {
    await placeTask('a1', {});
    await lab.pass(100);
    await placeTask('a2', { Config: { run_for_ms: 60_000 }, RestartPolicy: NEVER });
    await lab.pass(100);
    lab.twin.setUp(false);
    await lab.pass(600_000);
    expect(lab.machine.running()).toHaveLength(1);
    lab.twin.setUp(true);
    await lab.pass(5_000);
    expect(lab.alloc('a1').ClientStatus).toBe('running');
    expect(lab.alloc('a2').ClientStatus).toBe('failed');
  });

  it('groups the reports of allocations that change together', async () => {
    for (let i = 0; i < 20; i++) {
      lab.twin.place(sampleAlloc(`g${i}`), sampleJob());
    }
    await lab.pass(50);
    expect(lab.machine.running()).toHaveLength(20);
    expect(lab.twin.reports.length).toBeLessThanOrEqual(4);
  });

  it('stops an allocation that the server does not know any more', async () => {
    await placeTask('a1', {});
    lab.twin.forget('a1');
    await lab.pass(100);
    expect(lab.machine.running()).toEqual([]);
  });

  it('answers for an allocation that was stopped before it ran here', async () => {
    await placeTask('a1', {}, { DesiredStatus: 'stop' });
    await lab.pass(100);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
    expect(lab.machine.starts).toEqual([]);
  });

  it('fails an allocation whose driver it does not have, in words', async () => {
    await placeTask('a1', { Driver: 'docker', RestartPolicy: NEVER });
    await lab.pass(100);
    expect(lab.alloc('a1').ClientStatus).toBe('failed');
    expect(lab.events('a1')).toContain('Driver Failure: driver "docker" is not on this node');
  });
});

const NEVER = { Attempts: 0, Interval: MINUTE, Delay: SECOND, Mode: 'fail' };

it('a clock that is set is told to the tasks that run, and ends none', async () => {
  await placeTask('a1', {});
  await lab.pass(100);
  lab.agent.clockSet(3_600_000);
  lab.agent.clockSet(-90_000);
  await lab.pass(100);
  const told = lab.events('a1').filter((event) => event.startsWith('Clock'));
  expect(told.map((event) => event.split(';')[0])).toEqual([
    'Clock: The clock of the node was set forward by 1h0m0s',
    'Clock: The clock of the node was set back by 1m30s',
  ]);
  expect(lab.alloc('a1').ClientStatus).toBe('running');
});

describe('a node whose folders are removed by hand', () => {
  const folder = () => join(lab.dir, 'alloc', 'a1');

  it('says so in an event of the task that runs, once, and leaves the task alone', async () => {
    await placeTask('a1', {});
    rmSync(folder(), { recursive: true });
    await lab.pass(60_000);
    expect(lab.events('a1').filter((event) => event.includes('Somebody removed'))).toHaveLength(1);
    expect(lab.machine.running()).toHaveLength(1);
    expect(lab.alloc('a1').ClientStatus).toBe('running');
  });

  it('makes them again when the task is started again', async () => {
    await placeTask('a1', { Config: { run_for_ms: 1_000, exit_code: 1 } });
    rmSync(folder(), { recursive: true });
    await lab.pass(20_000);
    expect(lab.events('a1')).toContain("Task Setup: The allocation's folder was gone; it was made again, empty");
    expect(existsSync(join(folder(), 'web', 'local'))).toBe(true);
    expect(existsSync(join(folder(), 'alloc', 'logs'))).toBe(true);
  });
});

describe('a node whose disk is full', () => {
  it('runs on, tells the server what happens, and starts nothing that it could not find again', async () => {
    await placeTask('a1', {});
    await placeTask('a2', { Config: { run_for_ms: 1_000 }, RestartPolicy: NEVER });
    lab.fillDisk(true);
    await placeTask('a3', { RestartPolicy: NEVER });
    await lab.pass(5_000);
    expect(lab.alloc('a1').ClientStatus).toBe('running');
    expect(lab.alloc('a2').ClientStatus).toBe('failed');
    expect(lab.events('a3')[2]).toMatch(/^Driver Failure: .*allocs\.journal cannot be written: ENOSPC/);
    expect(lab.machine.running()).toHaveLength(1);
    lab.fillDisk(false);
    await placeTask('a4', {});
    await lab.pass(30_000);
    await lab.leave();
    await lab.start();
    expect(lab.agent.listAllocs().map(({ alloc, status }) => [alloc.ID, status.ClientStatus])).toEqual(
      expect.arrayContaining([
        ['a1', 'running'],
        ['a2', 'failed'],
        ['a4', 'running'],
      ]),
    );
  });
});

describe('a task', () => {
  it('gets its folders, its environment and its ports', async () => {
    const Ports = [{ Label: 'http', Value: 20_001, To: 0, HostIP: '127.0.0.1' }];
    const Env = {
      URL: 'http://${NOMAD_ADDR_http}/${node.datacenter}/${meta.rack}/${attr.kernel.name}',
      RAW: '${unknown}',
    };
    await placeTask('a1', { Env }, { Ports });
    const [start] = lab.machine.starts;
    expect(start?.env).toMatchObject({
      PATH: '/usr/bin:/bin',
      NOMAD_ALLOC_ID: 'a1',
      NOMAD_ALLOC_INDEX: '0',
      NOMAD_PORT_http: '20001',
      NOMAD_TASK_DIR: `${start?.taskDir}/local`,
      URL: `http://127.0.0.1:20001/dc1/r1/${process.platform}`,
      RAW: '${unknown}',
    });
  });

  it('restarts after its delay while its policy allows, then fails, in the words of the wire', async () => {
    await placeTask('a1', { Config: { run_for_ms: 1_000, exit_code: 1 } });
    await lab.pass(1_100);
    expect(lab.events('a1').slice(-2)).toEqual(['Terminated: Exit Code: 1', 'Restarting: Task restarting in 15s']);
    expect(lab.alloc('a1')).toMatchObject({
      ClientStatus: 'running',
      TaskStates: { web: { State: 'pending', Restarts: 1 } },
    });
    await lab.pass(60_000);
    expect(lab.events('a1').slice(-2)).toEqual([
      'Terminated: Exit Code: 1',
      'Not Restarting: Exceeded allowed attempts 2 in interval 30m0s and mode is "fail"',
    ]);
    expect(lab.alloc('a1')).toMatchObject({
      ClientStatus: 'failed',
      TaskStates: { web: { State: 'dead', Failed: true, Restarts: 2 } },
    });
    expect(lab.machine.starts).toHaveLength(3);
  });

  it('keeps its newest ten events', async () => {
    const RestartPolicy = { Attempts: 100, Interval: MINUTE, Delay: SECOND, Mode: 'fail' };
    await placeTask('a1', { Config: { run_for_ms: 10 }, RestartPolicy });
    await lab.pass(30_000);
    expect(lab.events('a1')).toHaveLength(10);
  });

  it('fails at once where its policy allows no restarts', async () => {
    await placeTask('a1', { Config: { start_error: 'binary "/bin/no" could not be found' }, RestartPolicy: NEVER });
    await lab.pass(100);
    expect(lab.events('a1')).toEqual([
      'Received: Task received by client',
      'Task Setup: Building Task Directory',
      'Driver Failure: binary "/bin/no" could not be found',
      'Not Restarting: Policy allows no restarts',
    ]);
  });

  it('fails at once, whatever its policy, when its config is wrong', async () => {
    await placeTask('a1', { Config: { image: 'nginx' } });
    await lab.pass(100);
    expect(lab.alloc('a1').ClientStatus).toBe('failed');
    expect(lab.events('a1').at(-1)).toMatch(/^Failed Validation: config: mock has no "image"/);
  });

  it('of a batch job completes with status 0 and is started again with another', async () => {
    const job = sampleJob([sampleGroup({ Tasks: [sampleTask({ Config: { run_for_ms: 100 } })] })], { Type: 'batch' });
    lab.twin.place(sampleAlloc('a1'), job);
    await lab.pass(200);
    expect(lab.alloc('a1')).toMatchObject({ ClientStatus: 'complete', ClientDescription: 'All tasks have completed' });
  });

  it("takes a failed sibling's end as its own", async () => {
    const Tasks = [
      sampleTask({ Name: 'web' }),
      sampleTask({ Name: 'helper', Config: { run_for_ms: 100, exit_code: 1 }, RestartPolicy: NEVER }),
    ];
    await placeGroup('a1', { Tasks });
    await lab.pass(200);
    expect(lab.events('a1').slice(2)).toEqual([
      'Started: Task started by client',
      'Sibling Task Failed: Task\'s sibling "helper" failed',
      'Killing: Sent interrupt. Waiting 5s before force killing',
      'Terminated: Exit Code: 130, Signal: 2',
      'Killed: Task successfully killed',
    ]);
    expect(lab.alloc('a1')).toMatchObject({
      ClientStatus: 'failed',
      TaskStates: { web: { Failed: false }, helper: { Failed: true } },
    });
  });

  it('that leads takes the others with it', async () => {
    const job = sampleJob(
      [
        sampleGroup({
          Tasks: [sampleTask({ Leader: true, Config: { run_for_ms: 100 } }), sampleTask({ Name: 'log' })],
        }),
      ],
      { Type: 'batch' },
    );
    lab.twin.place(sampleAlloc('a1'), job);
    await lab.pass(200);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
    expect(lab.events('a1', 'log')).toContain('Leader Task Dead: Leader Task in Group dead');
  });

  it('waits for the prestart tasks, and the poststop tasks wait for it', async () => {
    const Tasks = [
      sampleTask({ Name: 'web' }),
      sampleTask({
        Name: 'init',
        Lifecycle: { Hook: 'prestart', Sidecar: false },
        Config: { run_for_ms: 100 },
        RestartPolicy: NEVER,
      }),
      sampleTask({ Name: 'proxy', Lifecycle: { Hook: 'prestart', Sidecar: true } }),
      sampleTask({ Name: 'hello', Lifecycle: { Hook: 'poststart', Sidecar: false }, Config: { run_for_ms: 10 } }),
      sampleTask({ Name: 'bye', Lifecycle: { Hook: 'poststop', Sidecar: false }, Config: { run_for_ms: 100 } }),
    ];
    const job = sampleJob([sampleGroup({ Tasks })], { Type: 'batch' });
    const started = () => lab.machine.starts.map((start) => start.taskName);
    lab.twin.place(sampleAlloc('a1'), job);
    await lab.pass(50);
    expect(started()).toEqual(['proxy', 'init']);
    await lab.pass(100);
    expect(started()).toEqual(['proxy', 'init', 'web', 'hello']);
    lab.twin.stop('a1');
    await lab.pass(50);
    expect(started().at(-1)).toBe('bye');
    expect(lab.alloc('a1').ClientStatus).toBe('running');
    await lab.pass(100);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });
});

describe('a port that a stranger listens on', () => {
  const Ports = [{ Label: 'http', Value: 23456, To: 0, HostIP: '127.0.0.1' }];

  const restarts = (Attempts: number) => ({ Attempts, Mode: 'fail', Interval: 60 * SECOND, Delay: 2 * SECOND });

  it('is waited for as the restart policy says, and told', async () => {
    lab.strangers.set(23456, 'pid 7 (node stranger.js)');
    await placeGroup('a', { Services: [exposed], RestartPolicy: restarts(2) }, { Ports });
    await lab.pass(100);
    expect(lab.alloc('a').ClientStatus).toBe('pending');
    const sentence = 'Setup Failure: port 23456 ("http") is held by pid 7 (node stranger.js)';
    expect(lab.events('a')).toContain(sentence);
    lab.strangers.delete(23456);
    await lab.pass(3_000);
    expect(lab.alloc('a').ClientStatus).toBe('running');
  });

  it('fails the instance in the end, and one that is not wanted any more at once', async () => {
    lab.strangers.set(23456, 'pid 7 (node stranger.js)');
    await placeGroup('a', { Services: [exposed], RestartPolicy: restarts(2) }, { Ports });
    await placeGroup('b', { Services: [exposed], RestartPolicy: restarts(2) }, { Ports });
    await lab.pass(1_000);
    lab.twin.stop('b');
    await lab.pass(500);
    expect(lab.alloc('b').ClientStatus).toBe('complete');
    expect(lab.alloc('a').ClientStatus).toBe('pending');
    await lab.pass(10_000);
    expect(lab.alloc('a').ClientStatus).toBe('failed');
  });

  it('fails the instance before it starts: its check would have asked the stranger', async () => {
    lab.strangers.set(23456, 'pid 7 (node stranger.js)');
    await placeGroup('a', { Services: [exposed], RestartPolicy: restarts(0) }, { Ports });
    await lab.pass(100);
    expect(lab.alloc('a').ClientStatus).toBe('failed');
    const sentence = 'Setup Failure: port 23456 ("http") is held by pid 7 (node stranger.js)';
    expect(lab.events('a')).toContain(sentence);
    expect(
      lab
        .reportsOf('a')
        .flatMap(({ Services }) => Services ?? [])
        .filter(({ Status }) => Status === 'passing'),
    ).toEqual([]);
  });

  it('is no stranger where an earlier agent had started the instance', async () => {
    await placeGroup('a', { Services: [exposed] }, { Ports });
    await lab.pass(100);
    await lab.leave();
    lab.strangers.set(23456, 'pid 8 (the instance itself)');
    await lab.start();
    await lab.pass(100);
    expect(lab.alloc('a').ClientStatus).toBe('running');
  });
});

describe('the end of an instance', () => {
  it('waits until every ingress says that nothing is in flight, then kills', async () => {
    await placeGroup('a1', { Services: [exposed] });
    await lab.pass(100);
    lab.twin.setTraffic('a1', { Ready: true });
    await lab.pass(0);
    lab.twin.stop('a1');
    await lab.pass(5_000);
    expect(lab.alloc('a1').Services?.[0]?.Status).toBe('draining');
    expect(lab.machine.signals).toEqual([]);
    lab.twin.setTraffic('a1', { Applied: true });
    await lab.pass(1_000);
    expect(lab.machine.signals).toEqual([]);
    lab.twin.setTraffic('a1', { Drained: true });
    await lab.pass(10);
    expect(lab.machine.signals).toMatchObject([{ signal: 'SIGINT' }]);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });

  it('kills at the drain deadline when an ingress owes its word', async () => {
    await placeGroup('a1', { Services: [exposed] });
    await lab.pass(100);
    lab.twin.stop('a1');
    await lab.pass(29_900);
    expect(lab.machine.signals).toEqual([]);
    await lab.pass(200);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });

  it('gives what an ingress let in before it knew of the drain the whole deadline as well', async () => {
    await placeGroup('a1', { Services: [exposed] });
    await lab.pass(100);
    lab.twin.stop('a1');
    await lab.pass(29_000);
    lab.twin.setTraffic('a1', { Applied: true });
    await lab.pass(29_900);
    expect(lab.machine.signals).toEqual([]);
    await lab.pass(200);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });

  it('is not at the drain deadline while no server answers: the ingresses do not know of it, and go on', async () => {
    await placeGroup('a1', { Services: [exposed] });
    await lab.pass(100);
    lab.twin.stop('a1');
    await lab.pass(1_000);
    lab.twin.setUp(false);
    await lab.pass(600_000);
    expect(lab.machine.signals).toEqual([]);
    lab.twin.setUp(true);
    await lab.pass(25_000);
    expect(lab.machine.signals).toEqual([]);
    await lab.pass(10_000);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });

  it('keeps at least shutdown_delay between the draining and the signal', async () => {
    await placeGroup('a1', {
      Services: [exposed],
      ShutdownDelay: 2 * SECOND,
      Tasks: [sampleTask({ ShutdownDelay: 3 * SECOND, KillSignal: 'SIGTERM' })],
    });
    await lab.pass(100);
    const began = lab.clock.nowMs();
    lab.twin.setTraffic('a1', { Drained: true });
    lab.twin.stop('a1');
    await lab.pass(10_000);
    expect(lab.machine.signals).toMatchObject([{ signal: 'SIGTERM', atMs: began + 3_000 }]);
  });

  it('waits for the draining, but for no shutdown_delay, when it is told not to', async () => {
    await placeGroup('a1', { Services: [exposed], ShutdownDelay: 3 * SECOND });
    await lab.pass(100);
    const asked = { Migrate: true, Reschedule: null, ForceReschedule: null, NoShutdownDelay: true };
    lab.twin.stop('a1', { DesiredTransition: asked });
    await lab.pass(1_000);
    expect(lab.machine.signals).toEqual([]);
    lab.twin.setTraffic('a1', { Drained: true });
    await lab.pass(10);
    expect(lab.machine.signals).toHaveLength(1);
  });

  it('refuses a signal for what does not run, and one that is none', async () => {
    await placeTask('a1', { Config: { ignores: ['SIGHUP'] } });
    await lab.pass(100);
    await expect(lab.agent.signal('a1', 'SIGNONE')).rejects.toThrow('"SIGNONE" is no signal on this machine');
    await lab.agent.signal('a1', 'hup');
    await lab.pass(1_000);
    const signaled = lab.events('a1').filter((event) => event.startsWith('Signaling'));
    expect(signaled).toEqual(['Signaling: Task being sent signal hangup']);
    lab.twin.stop('a1');
    await lab.pass(100);
    await expect(lab.agent.signal('a1', 'SIGHUP')).rejects.toThrow(/Task not running: allocation a1 is complete/);
  });

  it('kills the whole task when kill_timeout has passed', async () => {
    await placeTask('a1', { Config: { ignores: ['SIGINT'] } });
    lab.twin.stop('a1');
    await lab.pass(4_900);
    expect(lab.machine.running()).toHaveLength(1);
    await lab.pass(200);
    expect(lab.events('a1').slice(-3)).toEqual([
      'Killing: Sent interrupt. Waiting 5s before force killing',
      'Terminated: Exit Code: 137, Signal: 9',
      'Killed: Task successfully killed',
    ]);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });

  it('needs no drain where nothing comes in', async () => {
    await placeGroup('a1', { Services: [sampleService()] });
    lab.twin.stop('a1');
    await lab.pass(10);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });

  it('does not start again what was to be stopped when the agent went', async () => {
    await placeGroup('a1', { Services: [exposed], Tasks: [sampleTask({ Config: { kill_after_ms: 1_000 } })] });
    await lab.pass(100);
    lab.twin.setTraffic('a1', { Drained: true });
    lab.twin.stop('a1');
    await lab.pass(10);
    await lab.leave();
    await lab.pass(5_000);
    await lab.start();
    await lab.pass(5_000);
    expect(lab.machine.starts).toHaveLength(1);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
  });
});

describe("a successor on its predecessor's room", () => {
  it('starts when that one has ended', async () => {
    await placeTask('a1', { Config: { kill_after_ms: 2_000 } });
    await placeTask('a2', {}, { PreviousAllocation: 'a1', AwaitsPrevious: true });
    lab.twin.stop('a1');
    await lab.pass(1_900);
    expect(lab.machine.starts).toHaveLength(1);
    await lab.pass(200);
    expect(lab.machine.starts).toHaveLength(2);
    expect(lab.alloc('a2').ClientStatus).toBe('running');
  });

  it('ends at once when it is not wanted any more', async () => {
    await placeTask('a1', {});
    await placeTask('a2', {}, { PreviousAllocation: 'a1', AwaitsPrevious: true });
    lab.twin.stop('a2');
    await lab.pass(100);
    expect(lab.alloc('a2').ClientStatus).toBe('complete');
    expect(lab.machine.starts).toHaveLength(1);
  });

  it('starts where its predecessor never ran here', async () => {
    await placeTask('a2', {}, { PreviousAllocation: 'elsewhere', AwaitsPrevious: true });
    await lab.pass(100);
    expect(lab.alloc('a2').ClientStatus).toBe('running');
  });
});

describe('health for a deployment', () => {
  const inDeployment = { DeploymentID: 'd1' };
  const judged = (id: string) => lab.reportsOf(id).filter((update) => update.Healthy !== undefined);

  it('is judged once, exactly when min_healthy_time is over', async () => {
    await placeGroup('a1', { Services: [sampleService({ Checks: [scriptCheck] })] }, inDeployment);
    await lab.pass(9_900);
    expect(judged('a1')).toEqual([]);
    await lab.pass(200);
    expect(judged('a1')).toMatchObject([{ Healthy: { Healthy: true, DeploymentID: 'd1' } }]);
    await lab.pass(60_000);
    expect(judged('a1')).toHaveLength(1);
  });

  it('waits for the ingress where there is one', async () => {
    await placeGroup(
      'a1',
      { Services: [exposed] },
      { ...inDeployment, Traffic: { Ready: false, Applied: false, Drained: true, Owing: [], ChangedMs: 0 } },
    );
    await lab.pass(30_000);
    expect(judged('a1')).toEqual([]);
    lab.twin.setTraffic('a1', { Ready: true, Drained: false });
    await lab.pass(9_900);
    expect(judged('a1')).toEqual([]);
    await lab.pass(200);
    expect(judged('a1')).toMatchObject([{ Healthy: { Healthy: true } }]);
  });

  it('begins to count again after a restart', async () => {
    await placeTask(
      'a1',
      { Config: { run_for_ms: 6_000 }, RestartPolicy: { Attempts: 100, Interval: MINUTE, Delay: 0, Mode: 'fail' } },
      inDeployment,
    );
    await lab.pass(4 * 60_000);
    expect(judged('a1')).toEqual([]);
    await lab.pass(61_000);
    expect(judged('a1')).toMatchObject([{ Healthy: { Healthy: false } }]);
    expect(
      lab.events('a1').some((event) => event.includes('Task not running for min_healthy_time of 10s by deadline')),
    ).toBe(true);
  });

  it('is lost at once when a task fails', async () => {
    await placeTask('a1', { Config: { run_for_ms: 50, exit_code: 3 }, RestartPolicy: NEVER }, inDeployment);
    await lab.pass(100);
    expect(judged('a1')).toMatchObject([{ Healthy: { Healthy: false, DeploymentID: 'd1' } }]);
    expect(lab.events('a1').slice(-3)).toEqual([
      'Terminated: Exit Code: 3',
      'Not Restarting: Policy allows no restarts',
      'Alloc Unhealthy: Unhealthy because of failed task',
    ]);
  });

  it('is lost at the deadline when a check never passes, and says which', async () => {
    const Services = [sampleService({ Checks: [scriptCheck] })];
    await placeGroup('a1', { Services, Tasks: [sampleTask({ Config: { exec_exit_code: 1 } })] }, inDeployment);
    await lab.pass(5 * 60_000 - 100);
    expect(judged('a1')).toEqual([]);
    await lab.pass(200);
    expect(judged('a1')).toMatchObject([{ Healthy: { Healthy: false } }]);
    expect(lab.events('a1').at(-1)).toBe(
      'Alloc Unhealthy: Services not healthy by deadline: check "alive" not passing',
    );
  });

  it('is still known to the next agent, and told again only where it was not heard', async () => {
    await placeTask('a1', {}, inDeployment);
    await lab.pass(11_000);
    expect(judged('a1')).toHaveLength(1);
    await lab.leave();
    await lab.start();
    await lab.pass(20_000);
    expect(judged('a1')).toHaveLength(1);
  });

  it('is judged anew when an in-place update brings another deployment', async () => {
    await placeTask('a1', {}, inDeployment);
    await lab.pass(11_000);
    lab.twin.place({ ...lab.alloc('a1'), DeploymentID: 'd2' }, sampleJob());
    await lab.pass(100);
    expect(judged('a1')).toHaveLength(2);
    expect(lab.machine.starts).toHaveLength(1);
  });
});

describe('services and checks', () => {
  it('pass once the checks do, without waiting for their interval', async () => {
    await placeGroup('a1', { Services: [exposed] });
    await lab.pass(10);
    expect(lab.alloc('a1').Services).toMatchObject([
      { Service: 'web', Status: 'passing', Checks: [{ Status: 'passing', Output: 'exit status 0: /bin/true' }] },
    ]);
  });

  it('are critical while their task restarts', async () => {
    await placeGroup('a1', { Services: [exposed], Tasks: [sampleTask({ Config: { run_for_ms: 5_000 } })] });
    await lab.pass(5_100);
    expect(lab.alloc('a1').Services).toMatchObject([{ Status: 'critical', Checks: [{ Status: 'pending' }] }]);
    await lab.pass(15_100);
    expect(lab.alloc('a1').Services).toMatchObject([{ Status: 'passing' }]);
  });

  it('are told with what the checks found before, by the node alone', async () => {
    await placeGroup('a1', { Services: [exposed] });
    await lab.pass(25_000);
    const found = { Result: 'passing', Status: 'passing', Output: 'exit status 0: /bin/true', Count: 3 };
    expect(lab.agent.checks('a1')).toMatchObject([{ Service: 'web', Checks: [{ Check: 'alive', History: [found] }] }]);
    expect(lab.alloc('a1').Services?.[0]?.Checks[0]).not.toHaveProperty('History');
  });

  it('stay passing through a restart of the agent', async () => {
    await placeGroup('a1', { Services: [exposed] });
    await lab.pass(100);
    await lab.leave();
    const before = lab.reportsOf('a1').length;
    await lab.start();
    await lab.pass(30_000);
    expect(
      lab
        .reportsOf('a1')
        .slice(before)
        .map((update) => update.Services?.[0]?.Status),
    ).not.toContain('critical');
  });

  it('restart a task whose check keeps failing, where the check says so', async () => {
    const check = { ...scriptCheck, CheckRestart: { Limit: 3, Grace: 0, IgnoreWarnings: false } };
    await placeGroup('a1', {
      Services: [sampleService({ Checks: [check] })],
      Tasks: [sampleTask({ Config: { exec_exit_code: 1 } })],
    });
    await lab.pass(19_900);
    expect(lab.machine.starts).toHaveLength(1);
    await lab.pass(10_100);
    expect(lab.events('a1')).toContain('Restart Signaled: healthcheck: check "alive" unhealthy');
    expect(lab.events('a1').at(-1)).toBe('Restarting: Task restarting in 15s');
    expect(lab.machine.starts).toHaveLength(1);
    await lab.pass(15_000);
    expect(lab.machine.starts).toHaveLength(2);
  });
});

describe('what a person may ask of a node', () => {
  const anySignal = new AbortController().signal;

  it('restarts a task only after its traffic went elsewhere', async () => {
    await placeGroup('a1', { Services: [exposed] });
    await lab.pass(100);
    lab.twin.setTraffic('a1', { Ready: true, Drained: false });
    await lab.pass(0);
    const restarted = lab.agent.restart('a1', undefined, anySignal);
    await lab.pass(1_000);
    expect(lab.alloc('a1').Services?.[0]?.Status).toBe('draining');
    expect(lab.machine.signals).toEqual([]);
    lab.twin.setTraffic('a1', { Ready: false, Drained: true });
    await lab.pass(100);
    await restarted;
    expect(lab.machine.starts).toHaveLength(2);
    expect(lab.alloc('a1').Services?.[0]?.Status).toBe('passing');
    expect(lab.events('a1').slice(3)).toEqual([
      'Restart Signaled: User requested task to restart',
      'Terminated: Exit Code: 130, Signal: 2',
      'Restarting: Task restarting in 0s',
      'Started: Task started by client',
    ]);
  });

  it('sends signals', async () => {
    await placeTask('a1', { Config: { ignores: ['SIGHUP'] } });
    await lab.agent.signal('a1', 'SIGHUP');
    expect(lab.machine.signals).toMatchObject([{ signal: 'SIGHUP' }]);
    await lab.pass(10);
    expect(lab.events('a1').at(-1)).toBe('Signaling: Task being sent signal hangup');
  });

  it('says which tasks there are when another is named', async () => {
    await placeTask('a1', {});
    await expect(lab.agent.signal('a1', 'SIGHUP', 'db')).rejects.toThrow('has no task "db"; its tasks: "web"');
    expect(() => lab.agent.signal('a9', 'SIGHUP')).toThrow('Nothing of allocation "a9" is on its node');
  });

  it('stops everything, drained', async () => {
    await placeGroup('a1', { Services: [exposed] });
    await placeTask('a2', {});
    await lab.pass(100);
    const stopped = lab.agent.stopAll(anySignal);
    await lab.pass(100);
    expect(lab.machine.running()).toHaveLength(1);
    lab.twin.setTraffic('a1', { Drained: true });
    await lab.pass(100);
    await stopped;
    expect(lab.machine.running()).toEqual([]);
  });

  it('once it hurries it kills what it was draining, and what ignores its signal', async () => {
    await placeGroup('a1', { Services: [exposed] });
    await placeTask('a2', { Config: { ignores: ['SIGINT', 'SIGTERM'] } });
    await lab.pass(100);
    const hurry = new AbortController();
    const stopped = lab.agent.stopAll(hurry.signal);
    await lab.pass(100);
    expect(lab.machine.running()).toHaveLength(2);
    hurry.abort();
    await lab.pass(100);
    await stopped;
    expect(lab.machine.running()).toEqual([]);
  });

  it('collects one allocation that is asked for, when it has ended', async () => {
    await placeTask('a1', {});
    expect(lab.agent.has('a1')).toBe(true);
    expect(() => lab.agent.collect('a1')).toThrow(/has not ended/);
    lab.twin.stop('a1');
    await lab.pass(100);
    lab.agent.collect('a1');
    expect(lab.agent.has('a1')).toBe(false);
    expect(() => lab.agent.collect('a1')).toThrow(/^Nothing of allocation "a1" is on its node/);
  });

  it('removes the folders of what has ended, and of nothing else', async () => {
    await placeTask('a1', {});
    await placeTask('a2', {});
    lab.twin.stop('a1');
    await lab.pass(100);
    expect(lab.agent.garbageCollect()).toBe(1);
    expect(lab.agent.listAllocs().map(({ alloc }) => alloc.ID)).toEqual(['a2']);
  });
});

describe("an agent over another's tasks", () => {
  it('takes them up without starting anything', async () => {
    await placeTask('a1', {});
    await lab.pass(100);
    const before = lab.alloc('a1').TaskStates;
    await lab.leave();
    await lab.start();
    await lab.pass(1_000);
    expect(lab.machine.starts).toHaveLength(1);
    expect(lab.alloc('a1').TaskStates).toEqual(before);
  });

  it('learns what ended meanwhile, and follows its policy', async () => {
    await placeTask('a1', { Config: { run_for_ms: 5_000, exit_code: 7 } });
    await lab.pass(100);
    await lab.leave();
    await lab.pass(60_000);
    await lab.start();
    await lab.pass(100);
    expect(lab.events('a1').slice(-2)).toEqual(['Terminated: Exit Code: 7', 'Restarting: Task restarting in 15s']);
  });

  it('runs them on while no server answers', async () => {
    await placeTask('a1', { Config: { run_for_ms: 60_000 } });
    await lab.pass(100);
    await lab.leave();
    lab.twin.setUp(false);
    await lab.start();
    await lab.pass(100_000);
    expect(lab.machine.starts.length).toBeGreaterThan(1);
  });
});
