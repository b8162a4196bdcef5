/**
 * A Docker engine of a test's own: in a network namespace of its own, with its data under a temporary folder and an
 * image made of busybox, since nothing can be pulled. It ends with the test, also when the test is killed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { sleep, systemClock } from '../../lib/clock.ts';
import { isAlive, readStat } from '../proc.ts';

export const TEST_IMAGE = 'serin-test:1';

export interface TestEngine {
  readonly docker: Docker;
  readonly socketPath: string;
  readonly dir: string;
  /** Of a process in the engine's network. */
  readonly pid: number;
  /** Ends the engine alone; containers go on where it was started to keep them. */
  kill(): Promise<void>;
  /** Starts it again over the same data. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const PROGRAMS = ['/usr/sbin/dockerd', '/bin/busybox', '/usr/bin/unshare', '/usr/bin/setpriv'];
const READY_WITHIN_MS = 120_000;

/** Why none can be started here; undefined: it can. */
export function engineMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'a Docker engine needs root';
  const missing = PROGRAMS.filter((program) => !existsSync(program));
  return missing.length > 0 ? `${missing.join(', ')} missing` : undefined;
}

export async function startTestEngine(): Promise<TestEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'serin-docker-'));
  const socketPath = join(dir, 'sock');
  writeFileSync(join(dir, 'config.json'), '{}');
  const docker = new Docker({ socketPath });
  let daemon: ChildProcess | undefined;
  const start = async () => {
    rmSync(join(dir, 'pid'), { force: true });
    rmSync(join(dir, 'exec/containerd/containerd.pid'), { force: true });
    daemon = launch(dir, socketPath);
    await engineReady(docker, join(dir, 'log'));
  };
  const end = async (signal: NodeJS.Signals) => {
    const child = daemon;
    daemon = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  };
  await start();
  await importTestImage(dir, docker);
  return {
    docker,
    socketPath,
    dir,
    get pid() {
      return daemon?.pid ?? 0;
    },
    start,
    kill: () => end('SIGKILL'),
    close: async () => {
      if (daemon === undefined) await start();
      for (const { Id } of await docker.listContainers({ all: true })) {
        await docker.getContainer(Id).remove({ force: true });
      }
      await end('SIGTERM');
      await containerdEnded(dir);
      unmountBelow(dir);
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** The network is its own and empty but for loopback: nothing of the machine's firewall is touched. */
function launch(dir: string, socketPath: string): ChildProcess {
  const folders = ['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec'), '--pidfile', join(dir, 'pid')];
  const options = [
    ...folders,
    '-H',
    `unix://${socketPath}`,
    '--config-file',
    join(dir, 'config.json'),
    '--live-restore',
  ];
  const script = `/bin/busybox ip link set lo up && exec /usr/sbin/dockerd "$@"`;
  const log = openSync(join(dir, 'log'), 'a');
  const args = ['--pdeathsig', 'TERM', '/usr/bin/unshare', '--net', '/bin/sh', '-c', script, 'dockerd', ...options];
  const child = spawn('/usr/bin/setpriv', args, { stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

export async function engineReady(docker: Docker, log: string): Promise<void> {
  for (const until = systemClock.nowMs() + READY_WITHIN_MS; ; ) {
    try {
      await docker.ping();
      return;
    } catch (error) {
      if (systemClock.nowMs() > until)
        throw new Error(`no engine: ${readFileSync(log, 'utf8').slice(-2_000)}`, { cause: error });
      await sleep(systemClock, 50);
    }
  }
}

/** Of busybox alone. */
export async function importTestImage(dir: string, docker: Docker): Promise<void> {
  const root = join(dir, 'rootfs');
  for (const folder of ['bin', 'etc', 'tmp']) mkdirSync(join(root, folder), { recursive: true });
  await copyFile('/bin/busybox', join(root, 'bin/busybox'));
  for (const name of [
    'sh',
    'sleep',
    'cat',
    'nc',
    'id',
    'env',
    'hostname',
    'seq',
    'touch',
    'tail',
    'stty',
    'setsid',
    'test',
  ]) {
    symlinkSync('busybox', join(root, 'bin', name));
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n');
  execFileSync('tar', ['-C', root, '-cf', join(dir, 'rootfs.tar'), '.']);
  const [repo, tag] = TEST_IMAGE.split(':');
  const stream = await docker.importImage(join(dir, 'rootfs.tar'), { repo: repo!, tag: tag! });
  stream.resume();
  await new Promise((resolve) => stream.once('end', resolve));
}

/** A killed engine leaves its containerd, which the next one takes over. */
async function containerdEnded(dir: string): Promise<void> {
  const file = join(dir, 'exec/containerd/containerd.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  // It may be ending by itself just now.
  if (pid === 0 || !commandLineOf(pid).includes(dir) || !endProcess(pid)) return;
  const alive = () => {
    const stat = readStat(pid);
    return stat !== undefined && isAlive(stat);
  };
  for (let waited = 0; alive() && waited < 2_000; waited++) await sleep(systemClock, 25);
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function endProcess(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGTERM');
  } catch {
    return false;
  }
}

function unmountBelow(dir: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(`${dir}/`)).reverse())
    execFileSync('umount', ['-l', mount]);
}
