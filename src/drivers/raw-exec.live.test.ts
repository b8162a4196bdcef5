import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../lib/clock.ts';
import { describeDriver } from './contract.ts';
import type { TaskHandle } from './driver.ts';
import { type ProcessId, readStat } from './proc.ts';
import { TASK_MARKER } from './process-tree.ts';
import { RawExecDriver } from './raw-exec.ts';
import { eventually } from './testing/eventually.ts';
import { marked } from './testing/marked.ts';
import { makeProgramLab, type ProgramLab } from './testing/program-lab.ts';

const never = new AbortController().signal;
const CGROUP = `serin-test-${process.pid}`;

const makeLab = (cgroupName: string): ProgramLab =>
  makeProgramLab({
    kind: 'raw_exec',
    cgroupName,
    badConfigs: [
      {},
      { command: 3 },
      { command: 'a', args: 'b' },
      { command: 'a', args: [{}] },
      { command: 'a', image: 'b' },
    ],
  });

const VARIANTS = [
  ['with a cgroup', CGROUP],
  ['without a cgroup', ''],
] as const;

for (const [name, cgroupName] of VARIANTS) {
  describeDriver(`raw_exec ${name}`, async () => makeLab(cgroupName));
}

const taskOf = (handle: TaskHandle): ProcessId => (handle.state as unknown as { task: ProcessId }).task;
const shimOf = (handle: TaskHandle): ProcessId => (handle.state as unknown as { shim: ProcessId }).shim;

it('starts nothing where it is off, says what turns it on, and still ends what runs', async () => {
  const lab = makeLab('');
  const options = { stateDir: join(lab.dir, 'state'), clock: systemClock, path: '/usr/bin:/bin', cgroupName: '' };
  const handle = await lab.open().start(lab.sleeper());
  const off = new RawExecDriver({ ...options, isOff: true });
  const words = /raw_exec is off.*plugin "raw_exec" \{ config \{ enabled = true \} \}/;
  expect(await off.fingerprint()).toMatchObject({ detected: false, description: expect.stringMatching(words) });
  await expect(off.start(lab.sleeper())).rejects.toThrow(words);
  await off.stop(handle, { signal: 'SIGTERM', timeoutMs: 60_000 });
  expect(await off.wait(handle, never)).toMatchObject({ signal: 15 });
  off.close();
  await lab.close();
});

describe.each(VARIANTS)('raw_exec %s', (_name, cgroupName) => {
  let lab: ProgramLab;
  beforeAll(() => {
    lab = makeLab(cgroupName);
  });
  afterAll(async () => {
    await lab.close();
  });

  it("keeps the supervisor and the task in different sessions, neither of them the agent's", async () => {
    const driver = lab.open();
    const handle = await driver.start(lab.sleeper());
    await eventually(() => readStat(taskOf(handle).pid)?.session === taskOf(handle).pid);
    const sessions = [taskOf(handle), shimOf(handle), { pid: process.pid }].map(({ pid }) => readStat(pid)?.session);
    expect(new Set(sessions).size).toBe(3);
    await driver.destroy(handle);
  });

  it('says "unknown", and kills the task, when its supervisor was killed', async () => {
    const driver = lab.open();
    const config = lab.sleeper();
    const handle = await driver.start(config);
    process.kill(shimOf(handle).pid, 'SIGKILL');
    expect(await driver.wait(handle, never)).toMatchObject({ exitCode: -1, unknown: expect.stringMatching(/unknown/) });
    expect(marked(config.id)).toEqual([]);
  });

  it('learns of an exit at once, not by asking now and then', async () => {
    const driver = lab.open();
    const delays: number[] = [];
    for (let i = 0; i < 10; i++) {
      const handle = await driver.start(lab.sleeper());
      await sleep(systemClock, 20);
      const ended = driver.wait(handle, never);
      const killed = performance.now();
      await driver.signal(handle, 'SIGTERM');
      await ended;
      delays.push(performance.now() - killed);
    }
    // The quickest of ten: far under any interval at which one would ask, even on a machine that does much else.
    expect(Math.min(...delays)).toBeLessThan(1_000);
  });

  it('gives the task its environment to the letter, and shows it to nobody in an argument list', async () => {
    const driver = lab.open();
    const env = {
      PATH: '/usr/bin:/bin',
      QUOTED: `it's "fine"\n$HOME \`x\``,
      'a.b-c': 'odd name',
      UID: 'mine',
      SECRET: 'hush',
    };
    const config = { ...lab.sleeper(), env };
    const handle = await driver.start(config);
    await eventually(
      () =>
        readStat(taskOf(handle).pid) !== undefined &&
        readFileSync(`/proc/${taskOf(handle).pid}/cmdline`, 'utf8').startsWith('/usr/bin/sleep'),
    );
    const entries = readFileSync(`/proc/${taskOf(handle).pid}/environ`, 'utf8')
      .split('\0')
      .filter(Boolean);
    const seen = Object.fromEntries(
      entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    expect(seen).toMatchObject({ ...env, [TASK_MARKER]: config.id });
    expect(seen).not.toHaveProperty('SERIN_SHIM');
    for (const { pid } of [taskOf(handle), shimOf(handle)]) {
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('hush');
    }
    expect(readdirSync(join(lab.dir, 'state')).filter((file) => file.endsWith('.task'))).toEqual([]);
    await driver.destroy(handle);
  });

  it('appends output to files that belong to the task, never to a pipe', async () => {
    const driver = lab.open();
    const stdoutPath = join(lab.dir, 'own-out');
    const stderrPath = join(lab.dir, 'own-err');
    writeFileSync(stdoutPath, 'before\n');
    const handle = await driver.start(lab.shell('echo out; echo err >&2; exec sleep 1000', { stdoutPath, stderrPath }));
    await eventually(() => existsSync(stderrPath) && readFileSync(stderrPath, 'utf8') === 'err\n');
    expect(readFileSync(stdoutPath, 'utf8')).toBe('before\nout\n');
    const links = [0, 1, 2].map((fd) => readlinkSync(`/proc/${taskOf(handle).pid}/fd/${fd}`));
    expect(links).toEqual(['/dev/null', stdoutPath, stderrPath]);
    await driver.destroy(handle);
  });

  it.runIf(process.getuid?.() === 0)('runs as the user that the task names', async () => {
    const driver = lab.open();
    const stdoutPath = join(lab.dir, 'user-out');
    const handle = await driver.start(lab.shell('id -un', { stdoutPath, user: 'nobody' }));
    expect(await driver.wait(handle, never)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(stdoutPath, 'utf8')).toBe('nobody\n');
    await expect(driver.start(lab.shell('id', { user: 'nobody-at-all' }))).rejects.toThrow(
      'user "nobody-at-all" does not exist',
    );
  });

  it('runs commands beside the task and kills one that takes too long', async () => {
    const driver = lab.open();
    const config = lab.sleeper();
    const handle = await driver.start(config);
    const run = (script: string, timeoutMs = 60_000) =>
      driver.exec(
        handle,
        {
          command: '/bin/sh',
          args: ['-c', script],
          env: config.env,
          user: '',
          taskDir: config.taskDir,
          timeoutMs,
          maxOutputBytes: 4,
        },
        never,
      );
    expect(await run('echo 1234567; exit 2')).toEqual({ exitCode: 2, output: '1234' });
    await expect(run('sleep 1000', 50)).rejects.toThrow('no result within 50 ms');
    await driver.destroy(handle);
  });

  it('measures what the task uses', async () => {
    const driver = lab.open();
    const handle = await driver.start(lab.sleeper());
    await eventually(() => readStat(taskOf(handle).pid)?.session === taskOf(handle).pid);
    const stats = await driver.stats(handle);
    expect(stats.rssBytes).toBeGreaterThan(0);
    expect(stats.pids).toContain(taskOf(handle).pid);
    await driver.destroy(handle);
  });
});
