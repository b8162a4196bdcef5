import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { describeDriver } from './contract.ts';
import type { ExitResult, TaskConfig, TaskHandle } from './driver.ts';
import { ExecDriver } from './exec.ts';
import { findExecMachine } from './exec-machine.ts';
import { isAlive, type ProcessId } from './proc.ts';
import { eventually } from './testing/eventually.ts';
import { marked } from './testing/marked.ts';
import { makeProgramLab, type ProgramLab } from './testing/program-lab.ts';

const CGROUP = `serin-test-${process.pid}`;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const never = new AbortController().signal;

const makeLab = (): ProgramLab =>
  makeProgramLab({
    kind: 'exec',
    cgroupName: CGROUP,
    badConfigs: [
      {},
      { command: 3 },
      { command: 'a', args: 'b' },
      { command: 'a', image: 'b' },
      { command: 'a', cap_add: ['sys_admin'] },
      { command: 'a', cap_add: 'chown' },
      { command: 'a', cap_drop: ['flying'] },
      { command: 'a', pids_limit: 0 },
      { command: 'a', work_dir: 'local' },
    ],
  });

/** Required on machines that can have it: there a suite that does not run is one that fails. */
const whyNot = ((): string | undefined => {
  const stateDir = mkdtempSync(join(tmpdir(), 'serin-exec-probe-'));
  const machine = findExecMachine({ stateDir, path: PATH, runtime: '', cgroupName: CGROUP });
  rmSync(stateDir, { recursive: true, force: true });
  return typeof machine === 'string' && process.env.SERIN_LIVE !== 'required' ? machine : undefined;
})();

describe.skipIf(whyNot !== undefined)(`exec${whyNot === undefined ? '' : `: ${whyNot}`}`, () => {
  describeDriver('exec', async () => makeLab());
  describe('of exec alone', ofExecAlone);
});

function ofExecAlone(): void {
  let lab: ProgramLab;
  let driver: ExecDriver;
  let files = 0;
  beforeAll(() => {
    lab = makeLab();
    driver = lab.open() as ExecDriver;
  });
  afterAll(async () => {
    const leftovers = await lab.leftovers();
    expect(leftovers.filter((path) => path.includes(CGROUP))).toEqual([]);
    await lab.close();
  });

  /** Runs a script to its end; its output has lines "name: text". */
  const run = async (script: string, more: Partial<TaskConfig> = {}, config: Record<string, unknown> = {}) => {
    const stdoutPath = join(lab.dir, `out-${files++}`);
    const task = lab.shell(script, { stdoutPath, ...more });
    const handle = await driver.start({ ...task, config: { ...task.config, ...config } });
    const result = (await driver.wait(handle, never)) as ExitResult;
    await driver.destroy(handle);
    return { result, output: readFileSync(stdoutPath, 'utf8') };
  };
  const STATUS = 'cat /proc/self/status';
  const field = (output: string, name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(output)?.[1] ?? '';

  it('runs as nobody with no capability, none to gain, and few that anything could ever have', async () => {
    const { output } = await run(STATUS);
    expect(field(output, 'Uid').split('\t')).toEqual(Array(4).fill(String(passwdUid('nobody'))));
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) expect(field(output, set)).toMatch(/^0+$/);
    expect(field(output, 'NoNewPrivs')).toBe('1');
    expect(BigInt(`0x${field(output, 'CapBnd')}`)).toBe(bits([29, 0, 1, 3, 4, 5, 10, 31, 6, 8, 7, 18]));
  });

  it('gives what cap_add names to an unprivileged user too, and takes what cap_drop names from root', async () => {
    const added = await run(STATUS, {}, { cap_add: ['CAP_NET_BIND_SERVICE'] });
    expect(BigInt(`0x${field(added.output, 'CapEff')}`)).toBe(bits([10]));
    const dropped = await run(STATUS, { user: 'root' }, { cap_drop: ['all'], cap_add: ['chown'] });
    expect(field(dropped.output, 'Uid')).toMatch(/^0\s/);
    expect(BigInt(`0x${field(dropped.output, 'CapEff')}`)).toBe(bits([0]));
    expect(BigInt(`0x${field(dropped.output, 'CapBnd')}`)).toBe(bits([0]));
  });

  it('has processes, mounts and shared memory of its own, and the network of the node', async () => {
    const { output } = await run(
      'for n in pid mnt ipc uts net; do echo "$n: $(readlink /proc/self/ns/$n)"; done; echo "all: $(ls /proc | grep -c "^[0-9]")"',
    );
    for (const name of ['pid', 'mnt', 'ipc', 'uts']) {
      expect(field(output, name)).not.toBe(readlinkSync(`/proc/self/ns/${name}`));
    }
    expect(field(output, 'net')).toBe(readlinkSync('/proc/self/ns/net'));
    expect(Number(field(output, 'all'))).toBeLessThan(10);
  });

  it('can write to its own folders and nowhere else', async () => {
    const folders = ['/', '/usr', '/usr/bin', '/bin', '/etc', '/run', '/dev', '/proc/sys/kernel', '/sys/fs/cgroup'];
    const own = ['/local', '/alloc', '/secrets', '/tmp', '/dev/shm'];
    const tried = [...folders, ...own].map((folder) => `(: >${folder}/x) && echo ${folder}`).join('; ');
    for (const user of ['', 'root']) {
      const { output } = await run(`{ ${tried}; } 2>/dev/null; true`, { user });
      // Of the container's own /dev, and of the folder above the cgroups, which is its own too.
      const rootsOwn = user === 'root' ? ['/dev', '/sys/fs/cgroup'] : [];
      const written = output.split('\n').filter((path) => path !== '' && !rootsOwn.includes(path));
      expect(written.sort()).toEqual([...own].sort());
      for (const path of ['web/local/x', 'web/secrets/x', 'web/tmp/x', 'alloc/x']) rmSync(join(lab.dir, path));
    }
  });

  it('cannot raise its own limits, not even as root', async () => {
    const files = ['memory/memory.limit_in_bytes', 'memory.max', 'pids/pids.max', 'pids.max'];
    const raise = files
      .map((file) => `[ -e /sys/fs/cgroup/${file} ] && (echo 9999999999 >/sys/fs/cgroup/${file}) && echo raised`)
      .join('; ');
    expect((await run(`{ ${raise}; } 2>/dev/null; true`, { user: 'root' })).output).toBe('');
  });

  it("sees no accounts' secrets, no home, no data of the agent, and nothing of the kernel's memory", async () => {
    const hidden = ['/etc/shadow', '/etc/ssh', '/root', '/home', '/var/lib', '/etc/serin', lab.dir];
    const seen = hidden.map((path) => `[ -e ${path} ] && echo ${path}`).join('; ');
    const { output } = await run(`${seen}; echo "kcore: $(head -c 10 /proc/kcore | wc -c)"`, { user: 'root' });
    expect(output.trim()).toBe('kcore: 0');
  });

  it('finds programs and libraries of the node, names of hosts and users', async () => {
    const { output, result } = await run('node -p "\'node: \' + (1 + 1)"; echo "user: $(id -un)"; test -s /etc/hosts', {
      memoryMB: 256,
    });
    expect(result.exitCode).toBe(0);
    expect([field(output, 'node'), field(output, 'user')]).toEqual(['2', 'nobody']);
  });

  it('has the limits that its job asks for, and no more files than the agent may open', async () => {
    const { output } = await run(
      'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; ulimit -Hn',
      { memoryMB: 48 },
      { pids_limit: 77 },
    );
    const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    expect(output.trim().split('\n')).toEqual([String(48 * 1024 * 1024), '77', hard]);
  });

  it('says that memory ran out, when that is why a task was killed', async () => {
    const { result } = await run('exec tail /dev/zero', { memoryMB: 16 });
    expect(result).toEqual({ exitCode: 137, signal: 9, oomKilled: true });
  });

  it('says it too when a child was killed and the task gave up; not when the task went on well', async () => {
    const failed = await run('tail /dev/zero; exit 3', { memoryMB: 16 });
    expect(failed.result).toEqual({ exitCode: 3, signal: 0, oomKilled: true });
    const succeeded = await run('tail /dev/zero; exit 0', { memoryMB: 16 });
    expect(succeeded.result).toEqual({ exitCode: 0, signal: 0, oomKilled: false });
  });

  it('cannot fork without end', async () => {
    const { result } = await run('for i in $(seq 50); do sleep 1000 & done', {}, { pids_limit: 20 });
    expect(result.exitCode).not.toBe(0);
  });

  it('gives the task its environment to the letter, and shows it to nobody', async () => {
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: '/root',
      QUOTED: `it's "fine"\n$HOME \`x\``,
      UID: 'mine',
      SECRET: 'hush',
    };
    const config = { ...lab.sleeper(), env };
    const handle = await driver.start(config);
    await eventually(() => commandOf(taskOf(handle)).startsWith('/usr/bin/sleep'));
    const entries = readFileSync(`/proc/${taskOf(handle).pid}/environ`, 'utf8')
      .split('\0')
      .filter(Boolean);
    const seen = Object.fromEntries(
      entries.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
    );
    // There is no such home inside.
    expect(seen).toMatchObject({ ...env, HOME: '/local' });
    for (const id of [taskOf(handle), firstOf(handle)]) expect(commandOf(id)).not.toContain('hush');
    expect(filesWith(join(lab.dir, 'state'), 'hush')).toEqual([]);
    await driver.destroy(handle);
  });

  it('gives it an environment that shells do not carry', async () => {
    const { output } = await run("tr '\\0' '\\n' </proc/self/environ | sed -n 's/^a.b-c=/odd: /p'", {
      env: { PATH: '/usr/bin:/bin', 'a.b-c': 'name' },
    });
    // The shell of this script drops it again: so the program is asked that the runtime started.
    const config = { ...lab.sleeper(), env: { 'a.b-c': 'name' } };
    const handle = await driver.start(config);
    await eventually(() => commandOf(taskOf(handle)).startsWith('/usr/bin/sleep'));
    expect(readFileSync(`/proc/${taskOf(handle).pid}/environ`, 'utf8')).toContain('a.b-c=name\0');
    await driver.destroy(handle);
    expect(output).toBe('');
  });

  it('runs programs of its own folders, by path or by name', async () => {
    writeFileSync(join(lab.taskDir, 'local', 'app'), '#!/bin/sh\nexit 7\n', { mode: 0o755 });
    for (const command of ['/local/app', 'local/app', 'app']) {
      const handle = await driver.start(lab.task(command, []));
      expect(await driver.wait(handle, never), command).toMatchObject({ exitCode: 7 });
      await driver.destroy(handle);
    }
  });

  it('says what is missing, in words, when a program is not where the task would see it', async () => {
    writeFileSync(join(lab.dir, 'outside'), '#!/bin/sh\n', { mode: 0o755 });
    await expect(driver.start(lab.task(join(lab.dir, 'outside'), []))).rejects.toThrow(
      /could not be found.*as the task sees its file system/,
    );
    await expect(driver.start(lab.shell('id', { user: 'nobody-at-all' }))).rejects.toThrow('does not exist');
    expect(lab.leftovers()).toEqual(
      ['root', ...(existsSync(join(lab.dir, 'state/containers')) ? ['containers'] : [])].sort(),
    );
  });

  it('lets the task open its output again under its own name', async () => {
    const { output } = await run('echo again >>/dev/stdout; echo more >>/dev/stderr');
    expect(output).toBe('again\n');
    expect(readFileSync(join(lab.dir, 'err'), 'utf8')).toContain('more\n');
  });

  it('runs commands in the container, as its user, and leaves nothing of one that takes too long', async () => {
    const config = lab.sleeper();
    const handle = await driver.start(config);
    const request = { env: config.env, user: '', taskDir: config.taskDir, maxOutputBytes: 200 };
    const script = (text: string, timeoutMs = 60_000) =>
      driver.exec(handle, { ...request, command: '/bin/sh', args: ['-c', text], timeoutMs }, never);
    const { output } = await script(
      `id -un; readlink /proc/1/ns/pid /proc/self/ns/pid | uniq | wc -l; ${STATUS} | grep CapEff`,
    );
    expect(output).toMatch(/^nobody\n/);
    expect(field(output, 'CapEff')).toMatch(/^0+$/);
    const { pids } = await driver.stats(handle);
    await expect(script('sleep 1000 & sleep 1000', 300)).rejects.toThrow('no result within 300 ms');
    await eventually(async () => (await driver.stats(handle)).pids.length === pids.length);
    await driver.destroy(handle);
    await expect(script('true')).rejects.toThrow('the task does not run');
  });

  it('never runs a start that was called off, even if its launch is under way', async () => {
    for (const delayMs of [0, 10, 30]) {
      const task = lab.sleeper();
      const started = driver.start(task).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const found = await (lab.open() as ExecDriver).recover(task.id, undefined);
      const handle = await started;
      if (found === undefined) expect(marked(task.id)).toEqual([]);
      if (handle !== undefined) await driver.destroy(handle);
    }
  });

  it('says "unknown" when the container\'s first process was killed, and nothing runs on', async () => {
    const task = lab.forking();
    const handle = await driver.start(task);
    process.kill(firstOf(handle).pid, 'SIGKILL');
    expect(await driver.wait(handle, never)).toMatchObject({ exitCode: -1, unknown: expect.stringMatching(/unknown/) });
    expect(marked(task.id)).toEqual([]);
    expect(isAlive(taskOf(handle))).toBe(false);
    await driver.destroy(handle);
  });

  it('supervises a task with less than a megabyte', async () => {
    const handle = await driver.start(lab.sleeper());
    const rollup = readFileSync(`/proc/${firstOf(handle).pid}/smaps_rollup`, 'utf8');
    expect(Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1])).toBeLessThan(1024);
    await driver.destroy(handle);
  });

  it('names the runtime that is missing', async () => {
    const stateDir = join(lab.dir, 'elsewhere');
    const options = { stateDir, clock: systemClock, allowCaps: [], cgroupName: CGROUP };
    const without = new ExecDriver({ ...options, path: '/nowhere', runtime: '' });
    expect(await without.fingerprint()).toMatchObject({
      detected: false,
      description: 'exec needs an OCI runtime: install runc or crun',
    });
    const other = new ExecDriver({ ...options, path: PATH, runtime: 'kata' });
    expect((await other.fingerprint()).description).toBe(
      'exec needs an OCI runtime: "kata", which plugin "exec" names, is not there',
    );
    const deaf = new ExecDriver({ ...options, path: PATH, runtime: '/bin/false' });
    expect((await deaf.fingerprint()).description).toMatch('does not answer');
    await expect(without.start(lab.sleeper())).rejects.toThrow('install runc or crun');
  });
}

const taskOf = (handle: TaskHandle): ProcessId => (handle.state as unknown as { task: ProcessId }).task;
const firstOf = (handle: TaskHandle): ProcessId => (handle.state as unknown as { first: ProcessId }).first;
const commandOf = ({ pid }: ProcessId): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8');

/** Numbers of capabilities as the kernel shows them. */
const bits = (numbers: readonly number[]): bigint => numbers.reduce((all, each) => all | (1n << BigInt(each)), 0n);

function passwdUid(name: string): number {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return Number(line?.split(':')[2]);
}

function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path, 'latin1').includes(text));
}
