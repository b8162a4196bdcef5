/** The agent is killed with SIGKILL again and again; its tasks do not notice, and nothing about them is lost. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'rolldown';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allPids, isAlive, readStat } from '../drivers/proc.ts';
import { eventually } from '../drivers/testing/eventually.ts';
import { sleep, systemClock } from '../lib/clock.ts';
import type { Allocation } from '../model/allocation.ts';
import { MILLISECOND, MINUTE, SECOND } from '../model/nanos.ts';
import { serveTwin } from './testing/ipc-connection.ts';
import {
  sampleAlloc,
  sampleCheck,
  sampleGroup,
  sampleJob,
  sampleService,
  sampleTask,
  sampleUpdate,
} from './testing/samples.ts';
import { ServerTwin } from './testing/server-twin.ts';

const KILLS = 5;
const WEB = `require('fs').appendFileSync('pids', process.pid + '\\n');
require('http').createServer((q, s) => s.end('ok')).listen(process.env.NOMAD_PORT_http, '127.0.0.1');`;
const RestartPolicy = { Attempts: 0, Interval: MINUTE, Delay: SECOND, Mode: 'fail' };

let dir: string;
let entry: string;
const twin = new ServerTwin();
let agent: ChildProcess;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'serin-recovery-'));
  entry = join(dir, 'agent.mjs');
  const input = new URL('./testing/agent-process.ts', import.meta.url).pathname;
  await build({
    input,
    platform: 'node',
    output: { file: entry, format: 'esm', codeSplitting: false },
    logLevel: 'silent',
  });
});

afterAll(async () => {
  agent.kill('SIGKILL');
  for (const pid of tasksOf(/./)) process.kill(pid, 'SIGKILL');
  await eventually(() => tasksOf(/./).length === 0);
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
});

it(`finds every task again after ${KILLS} SIGKILLs: same process, same health, every end known`, async () => {
  startAgent();
  const web = await placeWeb();
  await twin.whenAlloc(web.ID, (row) => row.DeploymentStatus?.Healthy === true);
  const pid = Number(readPids(web.ID)[0]);
  const start = readStat(pid)?.start;
  const reportsBefore = twin.reports.length;

  for (let kill = 0; kill < KILLS; kill++) {
    const leave = join(dir, `leave-${kill}`);
    const exits = await placeTask(`while [ ! -e ${leave} ]; do sleep 0.05; done; exit ${10 + kill}`);
    const dies = await placeTask('exec sleep 1000');
    const goesOn = await placeTask('exec sleep 1000');
    await killAgent();
    process.kill(tasksOf(new RegExp(dies))[0]!, 'SIGKILL');
    writeFileSync(leave, '');
    await eventually(() => tasksOf(new RegExp(exits)).length === 0);
    startAgent();
    expect(await endOf(exits)).toMatchObject({ ExitCode: 10 + kill });
    expect(await endOf(dies)).toMatchObject({ ExitCode: 137, Signal: 9 });
    expect(twin.alloc(goesOn).ClientStatus).toBe('running');
    twin.stop(goesOn);
    await twin.whenAlloc(goesOn, (row) => row.ClientStatus === 'complete');
    expect(tasksOf(new RegExp(`${exits}|${dies}|${goesOn}`))).toEqual([]);
  }

  expect(readPids(web.ID)).toEqual([String(pid)]);
  expect(readStat(pid)?.start).toBe(start);
  const since = twin.reports
    .slice(reportsBefore)
    .flat()
    .filter((update) => update.ID === web.ID);
  expect(new Set(since.map((update) => update.Services?.[0]?.Status))).toEqual(new Set(['passing']));
  expect(twin.alloc(web.ID)).toMatchObject({ ClientStatus: 'running', TaskStates: { web: { Restarts: 0 } } });
  twin.stop(web.ID);
  await twin.whenAlloc(web.ID, (row) => row.ClientStatus === 'complete');
  expect(isAlive({ pid, start: start ?? '' })).toBe(false);
});

it('neither loses nor doubles a task when it is killed while it starts many', async () => {
  const ids: string[] = [];
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 10; i++) ids.push(place('exec sleep 1000'));
    await sleep(systemClock, 15 * (round + 1));
    await killAgent();
    startAgent();
  }
  for (const id of ids) await twin.whenAlloc(id, (row) => row.ClientStatus === 'running');
  await sleep(systemClock, 100);
  await eventually(() => ids.every((id) => tasksOf(new RegExp(id)).length > 0));
  for (const id of ids) expect(tasksOf(new RegExp(id)), id).toHaveLength(1);
  for (const id of ids) twin.stop(id);
  for (const id of ids) await twin.whenAlloc(id, (row) => row.ClientStatus === 'complete');
  expect(tasksOf(new RegExp(ids.join('|')))).toEqual([]);
});

it('runs each task of a lifecycle once, killed in every phase', async () => {
  const id = randomUUID();
  const step = (name: string, after: string, Hook = '', Sidecar = false) =>
    sampleTask({
      Name: name,
      Driver: 'raw_exec',
      RestartPolicy,
      Config: { command: '/bin/sh', args: ['-c', `echo ${name} >> ../alloc/trace; ${after}`] },
      ...(Hook !== '' && { Lifecycle: { Hook, Sidecar } }),
    });
  const Tasks = [
    step('web', 'exec sleep 1000'),
    step('init', 'sleep 0.3', 'prestart'),
    step('mesh', 'exec sleep 1000', 'prestart', true),
    step('hello', 'sleep 0.3', 'poststart'),
    step('bye', 'sleep 0.3', 'poststop'),
  ];
  twin.place(sampleAlloc(id, { JobID: 'life' }), sampleJob([sampleGroup({ Tasks })], { ID: 'life' }));
  for (const name of ['init', 'web', 'hello', 'bye']) {
    while (!traceOf(id).includes(name)) await sleep(systemClock, 10);
    await killAgent();
    startAgent();
    if (name === 'hello') twin.stop(id);
  }
  await twin.whenAlloc(id, (row) => row.ClientStatus === 'complete');
  expect(traceOf(id).sort()).toEqual(['bye', 'hello', 'init', 'mesh', 'web']);
  expect(tasksOf(new RegExp(id))).toEqual([]);
});

function traceOf(allocId: string): string[] {
  const file = join(dir, 'node', 'alloc', allocId, 'alloc', 'trace');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

function startAgent(): void {
  agent = fork(entry, [dir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  serveTwin(agent, twin);
}

async function killAgent(): Promise<void> {
  const gone = new Promise((resolve) => agent.on('exit', resolve));
  agent.kill('SIGKILL');
  await gone;
}

async function placeWeb(): Promise<Allocation> {
  const port = await freePort();
  const alloc = sampleAlloc(randomUUID(), {
    DeploymentID: 'd1',
    JobID: 'web',
    Ports: [{ Label: 'http', Value: port, To: 0, HostIP: '127.0.0.1' }],
  });
  const Services = [sampleService({ Checks: [sampleCheck({ Type: 'http', Path: '/', Interval: 100 * MILLISECOND })] })];
  const Tasks = [
    sampleTask({ Driver: 'raw_exec', Config: { command: process.execPath, args: ['-e', WEB] }, RestartPolicy }),
  ];
  const Update = { ...sampleUpdate, MinHealthyTime: 50 * MILLISECOND };
  twin.place(alloc, sampleJob([sampleGroup({ Tasks, Services, Update })], { ID: 'web' }));
  return alloc;
}

async function placeTask(script: string): Promise<string> {
  const id = place(script);
  await twin.whenAlloc(id, (row) => row.ClientStatus === 'running');
  while (tasksOf(new RegExp(id)).length === 0) await sleep(systemClock, 5);
  return id;
}

function place(script: string): string {
  const id = randomUUID();
  const Tasks = [
    sampleTask({ Driver: 'raw_exec', Config: { command: '/bin/sh', args: ['-c', script] }, RestartPolicy }),
  ];
  twin.place(sampleAlloc(id, { JobID: `job-${id}` }), sampleJob([sampleGroup({ Tasks })], { ID: `job-${id}` }));
  return id;
}

async function endOf(id: string) {
  const ended = (row: Allocation) => row.TaskStates?.web?.Events.some((event) => event.Type === 'Terminated') ?? false;
  const row = await twin.whenAlloc(id, ended);
  return row.TaskStates?.web?.Events.find((event) => event.Type === 'Terminated');
}

const readPids = (allocId: string): string[] =>
  readFileSync(join(dir, 'node', 'alloc', allocId, 'web', 'pids'), 'utf8')
    .trim()
    .split('\n');

/** Main processes of tasks of allocations of this test. */
function tasksOf(allocId: RegExp): number[] {
  return allPids().filter((pid) => {
    const stat = readStat(pid);
    if (stat === undefined || !isAlive(stat) || stat.session !== pid) return false;
    const entry = environ(pid).find((each) => each.startsWith('NOMAD_ALLOC_ID='));
    return entry !== undefined && allocId.test(entry) && environ(pid).some((each) => each.includes(dir));
  });
}

function environ(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
