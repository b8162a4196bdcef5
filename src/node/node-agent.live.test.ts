import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RawExecDriver } from '../drivers/raw-exec.ts';
import type { Allocation } from '../model/allocation.ts';
import { MILLISECOND, SECOND } from '../model/nanos.ts';
import { NodeAgent } from './node-agent.ts';
import { liveOptions, liveRawExec } from './testing/live-options.ts';
import {
  sampleAlloc,
  sampleCheck,
  sampleGroup,
  sampleIngress,
  sampleJob,
  sampleService,
  sampleTask,
  sampleUpdate,
} from './testing/samples.ts';
import { ServerTwin } from './testing/server-twin.ts';

const WEB = `require('http').createServer((q, s) => s.end(process.env.NOMAD_ALLOC_INDEX)).listen(process.env.NOMAD_PORT_http, '127.0.0.1');
process.on('SIGINT', () => { console.log('bye'); process.exit(0); }); console.log('hello');`;

describe('node agent with raw_exec', () => {
  let dir: string;
  let twin: ServerTwin;
  let agent: NodeAgent;
  let driver: RawExecDriver;
  let leave: AbortController;
  let run: Promise<void>;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'serin-node-'));
    twin = new ServerTwin({ ingress: playIngress });
    driver = liveRawExec(join(dir, 'raw_exec'));
    agent = new NodeAgent(liveOptions({ dataDir: join(dir, 'node'), connection: twin, drivers: [driver] }));
    leave = new AbortController();
    run = agent.run(leave.signal);
  });

  afterEach(async () => {
    await agent.stopAll(new AbortController().signal);
    leave.abort();
    await run;
    driver.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('starts a task, finds its check passing, says it is healthy, drains and stops it', async () => {
    const port = await freePort();
    const alloc = webAlloc(port);
    twin.place(alloc, webJob());
    const healthy = await twin.whenAlloc(alloc.ID, (row) => row.DeploymentStatus?.Healthy === true);
    expect(healthy).toMatchObject({
      ClientStatus: 'running',
      Services: [
        {
          Service: 'web',
          Status: 'passing',
          Address: '127.0.0.1',
          Port: port,
          Checks: [{ Check: 'alive', Status: 'passing' }],
        },
      ],
    });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('0');
    twin.stop(alloc.ID);
    const ended = await twin.whenAlloc(alloc.ID, (row) => row.ClientStatus === 'complete');
    expect(ended.TaskStates?.web?.Events.map((event) => event.DisplayMessage)).toEqual([
      'Task received by client',
      'Building Task Directory',
      'Task started by client',
      'Sent interrupt. Waiting 5s before force killing',
      'Exit Code: 0',
      'Task successfully killed',
    ]);
    expect(twin.reports.flat().some((update) => update.Services?.[0]?.Status === 'draining')).toBe(true);
    expect(await logs(agent, alloc.ID)).toBe('hello\nbye\n');
  });

  it('says with a failure what the task wrote last', async () => {
    const config = { command: '/bin/sh', args: ['-c', 'echo started; echo no such table >&2; exit 3'] };
    const never = { Attempts: 0, Interval: 0, Delay: 0, Mode: 'fail' };
    const task = sampleTask({ Driver: 'raw_exec', Config: config, RestartPolicy: never });
    const id = randomUUID();
    twin.place(sampleAlloc(id), sampleJob([sampleGroup({ Tasks: [task] })]));
    await twin.whenAlloc(id, (row) => row.ClientStatus === 'failed');
    const said = twin.reports.flat().findLast((update) => update.ID === id);
    expect(said?.Output).toEqual({ [task.Name]: { Stdout: 'started', Stderr: 'no such table' } });
  });

  it("runs a script check with the task's environment, and restarts the task on request", async () => {
    const check = sampleCheck({ Type: 'script', Command: '/bin/sh', Args: ['-c', 'echo $NOMAD_TASK_NAME/$GREETING'] });
    const task = sampleTask({
      Driver: 'raw_exec',
      Env: { GREETING: 'hi' },
      Config: { command: 'sleep', args: ['1000'] },
    });
    const id = randomUUID();
    twin.place(
      sampleAlloc(id),
      sampleJob([sampleGroup({ Tasks: [task], Services: [sampleService({ Checks: [check] })] })]),
    );
    const passing = await twin.whenAlloc(id, (row) => row.Services?.[0]?.Status === 'passing');
    expect(passing.Services?.[0]?.Checks[0]?.Output).toBe('exit status 0: web/hi');
    const before = await agent.stats(id);
    await agent.restart(id, undefined, new AbortController().signal);
    await twin.whenAlloc(id, (row) => row.TaskStates?.web?.State === 'running' && row.TaskStates.web.Restarts === 1);
    const after = await agent.stats(id);
    expect(after.web?.pids).toHaveLength(1);
    expect(after.web?.pids).not.toEqual(before.web?.pids);
  });
});

function playIngress(alloc: Allocation) {
  const status = alloc.Services?.[0]?.Status;
  if (status === undefined) return undefined;
  const Ready = status === 'passing';
  return { Ready, Applied: !Ready, Drained: status === 'draining', Owing: [], ChangedMs: 0 };
}

async function logs(agent: NodeAgent, allocId: string): Promise<string> {
  const request = { task: 'web', type: 'stdout', offset: 0, origin: 'start', follow: false } as const;
  const chunks: Buffer[] = [];
  for await (const chunk of agent.readLogs(allocId, request, new AbortController().signal)) chunks.push(chunk.Data);
  return Buffer.concat(chunks).toString('utf8');
}

/** Longer than the test waits for anything: its first result is what counts. */
const CHECKED_AGAIN_AFTER = 600 * SECOND;

const webAlloc = (port: number): Allocation =>
  sampleAlloc(randomUUID(), {
    DeploymentID: 'd1',
    Ports: [{ Label: 'http', Value: port, To: 0, HostIP: '127.0.0.1' }],
  });

function webJob() {
  const service = sampleService({
    Checks: [sampleCheck({ Type: 'http', Path: '/', Interval: CHECKED_AGAIN_AFTER })],
    Ingress: [sampleIngress],
  });
  const task = sampleTask({ Driver: 'raw_exec', Config: { command: process.execPath, args: ['-e', WEB] } });
  const Update = { ...sampleUpdate, MinHealthyTime: 50 * MILLISECOND };
  return sampleJob([sampleGroup({ Tasks: [task], Services: [service], Update })]);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
