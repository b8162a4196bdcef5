/**
 * Podman behind Docker's API, as a test's own: with a network and mounts of its own, its data under a temporary folder.
 * What Podman keeps for the whole machine (locks, networks) is in file systems that only this one sees.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { allPids, type ProcessId, readStat, sendSignal } from '../proc.ts';
import { engineReady, importTestImage, TEST_IMAGE, type TestEngine } from './docker-engine.ts';

const PROGRAMS = ['/usr/bin/podman', '/usr/bin/conmon', '/usr/sbin/runc', '/bin/busybox', '/usr/bin/unshare'];

export function podmanMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'this Podman needs root';
  const missing = PROGRAMS.filter((program) => !existsSync(program));
  return missing.length > 0 ? `${missing.join(', ')} missing` : undefined;
}

/** No cgroup manager of systemd's, no limits that the agent's own hard limits do not allow. */
const CONFIG = (dir: string): string => `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "cni"
network_config_dir = "${dir}/cni"
`;

export async function startTestPodman(): Promise<Omit<TestEngine, 'kill' | 'start'>> {
  const dir = mkdtempSync(join(tmpdir(), 'serin-podman-'));
  const socketPath = join(dir, 'sock');
  writeFileSync(join(dir, 'containers.conf'), CONFIG(dir));
  const daemon = launch(dir, socketPath);
  const docker = new Docker({ socketPath });
  await engineReady(docker, join(dir, 'log'));
  await importTestImage(dir, docker);
  // Podman's import knows no tags.
  const [repo, tag] = TEST_IMAGE.split(':');
  await docker.getImage(`${repo}:latest`).tag({ repo: repo!, tag: tag! });
  return {
    docker,
    socketPath,
    dir,
    pid: daemon.pid ?? 0,
    close: async () => {
      for (const { Id } of await docker.listContainers({ all: true })) {
        await docker.getContainer(Id).remove({ force: true });
      }
      daemon.kill('SIGTERM');
      await once(daemon, 'exit');
      for (const monitor of monitorsOf(dir)) sendSignal(monitor, 'SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Podman's monitor of a command in a container stays for five minutes after its end. */
const monitorsOf = (dir: string): ProcessId[] =>
  allPids()
    .filter((pid) => commandOf(pid).includes(dir))
    .flatMap((pid) => readStat(pid) ?? []);

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const SCRIPT = `set -e
for folder in /dev/shm /run/netns /var/lib/cni; do
  /bin/busybox mkdir -p $folder
  /bin/busybox mount -t tmpfs none $folder
done
/bin/busybox ip link set lo up
exec /usr/bin/podman "$@"`;

function launch(dir: string, socketPath: string): ChildProcess {
  const folders = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run'), '--tmpdir', join(dir, 'tmp')];
  const podman = [...folders, 'system', 'service', '--time=0', `unix://${socketPath}`];
  const log = openSync(join(dir, 'log'), 'a');
  const args = ['--pdeathsig', 'TERM', '/usr/bin/unshare', '--net', '--mount', '/bin/sh', '-c', SCRIPT, 'podman'];
  const child = spawn('/usr/bin/setpriv', [...args, ...podman], {
    stdio: ['ignore', log, log],
    // Its monitors leave a file where they stand when a container is killed for its memory.
    cwd: dir,
    env: { ...process.env, CONTAINERS_CONF: join(dir, 'containers.conf') },
  });
  closeSync(log);
  return child;
}
