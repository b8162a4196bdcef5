import { afterEach, describe, expect, it } from 'vitest';
import { type FakeAgent, type Routes, startFakeAgent } from './testing/fake-agent.ts';
import { runWords } from './testing/run-words.ts';

const ID = 'aaaaaaaa-0000-0000-0000-000000000000';
const json = (value: unknown) => ({ text: JSON.stringify(value) });

let agent: FakeAgent | undefined;

afterEach(async () => {
  await agent?.close();
  agent = undefined;
});

async function run(words: readonly string[], routes: Routes) {
  agent = await startFakeAgent(routes);
  return runWords(['alloc', ...words], { address: agent.address, nowMs: Date.parse('2026-11-20T16:15:52Z') });
}

const state = { State: 'running', Failed: false, Restarts: 0, LastRestart: null, StartedAt: null, FinishedAt: null };
const task = (Name: string, Lifecycle: object | null) => ({ Name, Lifecycle });
const resources = { Cpu: { CpuShares: 100 }, Memory: { MemoryMB: 64, MemoryMaxMB: 128 } };
const usage = {
  CpuStats: { Measured: ['Percent', 'Total Ticks'], Percent: 25, TotalTicks: 40, ThrottledPeriods: 0 },
  MemoryStats: { Measured: ['RSS'], RSS: 48 * 1024 ** 2, Cache: 0 },
};
const alloc = {
  ID,
  EvalID: ID,
  Name: 'web.app[0]',
  NodeID: ID,
  NodeName: 'vm',
  JobID: 'web',
  JobVersion: 0,
  TaskGroup: 'app',
  ClientStatus: 'running',
  DesiredStatus: 'run',
  CreateTime: 0,
  ModifyTime: 0,
  Job: {
    Version: 0,
    TaskGroups: [
      {
        Name: 'app',
        Tasks: [
          task('clean', { Hook: 'poststop', Sidecar: false }),
          task('a-server', null),
          task('side', { Hook: 'prestart', Sidecar: true }),
        ],
      },
    ],
  },
  TaskStates: {
    clean: { ...state, Events: [] },
    'a-server': { ...state, Events: [] },
    side: { ...state, Events: [] },
  },
  AllocatedResources: { Tasks: { 'a-server': resources, side: resources, clean: resources }, Shared: { DiskMB: 300 } },
  Services: [{ Service: 'web', Status: 'passing', Address: '127.0.0.1', Port: 80, PortLabel: 'http', Checks: [] }],
};
const checks = {
  c1: {
    ID: 'c1',
    Check: 'alive',
    Group: 'web.app[0]',
    Task: '',
    Service: 'web',
    Mode: 'healthiness',
    Status: 'success',
    Output: 'ok',
    Timestamp: 1795191350,
    Successes: 7,
  },
};
const routes: Routes = {
  [`GET /v1/allocation/${ID}`]: json(alloc),
  [`GET /v1/client/allocation/${ID}/stats`]: json({ Tasks: { 'a-server': { ResourceUsage: usage } } }),
  [`GET /v1/client/allocation/${ID}/checks`]: json(checks),
};

describe('alloc status', () => {
  it('shows tasks in the order in which they run, with what they are', async () => {
    const { out } = await run(['status', ID], routes);
    expect([...out.matchAll(/^Task "(.*)$/gm)].map(([, rest]) => rest)).toEqual([
      'side" (prestart sidecar) is "running"',
      'a-server" is "running"',
      'clean" (poststop) is "running"',
    ]);
  });

  it('shows what is used of what was asked for, and how far memory may go', async () => {
    expect((await run(['status', ID], routes)).out).toContain(
      [
        'CPU         Memory         Disk     Addresses',
        '40/100 MHz  48 MiB/64 MiB  300 MiB  ',
        '            Max: 128 MiB            ',
      ].join('\n'),
    );
  });

  it('shows with -stats what its node measures, and nothing that it does not', async () => {
    const { out } = await run(['status', '-stats', ID], routes);
    expect(out).toContain(
      'Memory Stats\nRSS\n48 MiB\n\nCPU Stats\nPercent  Total Ticks\n25.00%   40 MHz\n\nTask Events:',
    );
    expect(out).not.toContain('Throttled');
  });

  it('shows its checks: how often in a row, when, and what was said', async () => {
    const { out } = await run(['status', ID], routes);
    expect(out).toContain('Services\nService  Status   Address\nweb      passing  127.0.0.1:80\n\nChecks\n');
    expect(out).toMatch(/web {6}\(group\) {2}alive {2}healthiness {2}success {2}7 successes {2}2s ago {2}ok/);
  });
});

describe('alloc checks', () => {
  it('shows them in full', async () => {
    const { out } = await run(['checks', ID], routes);
    expect(out).toMatch(/^Status of 1 Nomad Service Check\n\nID {8}= c1\nName {6}= alive\n/);
  });

  it('prints them as data', async () => {
    expect(JSON.parse((await run(['checks', '-json', ID], routes)).out)).toEqual(checks);
    await agent?.close();
    expect((await run(['checks', '-t', '{{range .}}{{.Status}}{{end}}', ID], routes)).out).toBe('success\n');
  });

  it('says that there are none', async () => {
    const none = { [`GET /v1/client/allocation/${ID}/checks`]: json({}) };
    expect((await run(['checks', ID], none)).out).toBe('No checks found\n');
  });

  it('says that the allocation was collected', async () => {
    const gone = { [`GET /v1/client/allocation/${ID}/checks`]: { status: 404, text: 'it is gone' } };
    expect(await run(['checks', ID], gone)).toMatchObject({ status: 1, err: expect.stringContaining('it is gone') });
  });
});
