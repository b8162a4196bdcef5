import { describe, expect, it } from 'vitest';
import { type ContainerPlan, containerSpec, type ProcessPlan, processSpec } from './oci-spec.ts';

const plan: ContainerPlan = {
  root: '/data/root',
  readOnly: [{ source: '/usr', target: '/usr' }],
  writable: [{ source: '/data/web/local', target: '/local' }],
  args: ['/bin/sh'],
  capabilities: ['setgid', 'setuid'],
  openFiles: { soft: 100, hard: 200 },
  cgroup: '/serin/id-1',
  limits: { version: 1, hasSwap: false },
  cpuMHz: 500,
  memoryMB: 64,
  memoryMaxMB: 0,
  pidsLimit: 99,
};

// biome-ignore lint/suspicious/noExplicitAny: the runtime's own shape, read in a test.
const spec = (more: Partial<ContainerPlan> = {}): any => containerSpec({ ...plan, ...more });

describe('a container', () => {
  it('has its own processes, mounts and shared memory; the network of the node', () => {
    const types = (made: { linux: { namespaces: { type: string }[] } }) =>
      made.linux.namespaces.map(({ type }) => type);
    expect(types(spec())).toEqual(['pid', 'ipc', 'mount', 'uts']);
    expect(types(spec({ limits: { version: 2, hasSwap: false } }))).toContain('cgroup');
  });

  it('has a read-only root, and binds that cannot be used to gain anything', () => {
    const { root, mounts } = spec();
    expect(root).toEqual({ path: '/data/root', readonly: true });
    expect(mounts.slice(-2)).toEqual([
      { destination: '/usr', type: 'bind', source: '/usr', options: ['bind', 'ro', 'nosuid', 'nodev'] },
      { destination: '/local', type: 'bind', source: '/data/web/local', options: ['bind', 'rw', 'nosuid', 'nodev'] },
    ]);
  });

  it('starts with what its first process needs, nothing to inherit, nothing to gain', () => {
    const { process } = spec();
    expect(process.noNewPrivileges).toBe(true);
    expect(process.capabilities).toMatchObject({
      bounding: ['CAP_SETGID', 'CAP_SETUID'],
      effective: ['CAP_SETGID', 'CAP_SETUID'],
      inheritable: [],
      ambient: [],
    });
    expect(process.rlimits).toEqual([{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }]);
    expect(process.env).toEqual([expect.stringMatching(/^PATH=/)]);
  });

  it.each<[string, Partial<ContainerPlan>, object]>([
    ['memory', {}, { memory: { limit: 64 << 20 } }],
    [
      'swap, where it can be limited',
      { limits: { version: 2, hasSwap: true } },
      { memory: { limit: 64 << 20, swap: 64 << 20 } },
    ],
    ['room beyond', { memoryMaxMB: 128 }, { memory: { limit: 128 << 20, reservation: 64 << 20 } }],
    ['processor', {}, { cpu: { shares: 500 } }],
    ['the least share', { cpuMHz: 1 }, { cpu: { shares: 2 } }],
    ['processes', {}, { pids: { limit: 99 } }],
  ])('is limited: %s', (_name, more, expected) => {
    expect(spec(more).linux.resources).toMatchObject(expected);
    expect(spec(more).linux.cgroupsPath).toBe('/serin/id-1');
  });

  it('masks what the kernel tells of the whole machine', () => {
    expect(spec().linux.maskedPaths).toContain('/proc/kcore');
    expect(spec().linux.readonlyPaths).toContain('/proc/sysrq-trigger');
  });
});

describe('a process beside the task', () => {
  const process: ProcessPlan = {
    args: ['/bin/sh', '-c', 'true'],
    env: { A: 'b' },
    user: { uid: 33, gid: 34 },
    groups: [7],
    cwd: '/',
    bounding: ['chown', 'kill'],
    ambient: [],
    openFiles: { soft: 1, hard: 2 },
    terminal: false,
  };

  it('has no capability unless it is root, or the job adds one', () => {
    expect(processSpec(process)).toMatchObject({
      user: { uid: 33, gid: 34, additionalGids: [7] },
      env: ['A=b'],
      noNewPrivileges: true,
      capabilities: { bounding: ['CAP_CHOWN', 'CAP_KILL'], effective: [], ambient: [] },
    });
    expect(processSpec({ ...process, ambient: ['kill'] })).toMatchObject({
      capabilities: { effective: ['CAP_KILL'], ambient: ['CAP_KILL'] },
    });
    expect(processSpec({ ...process, user: { uid: 0, gid: 0 } })).toMatchObject({
      capabilities: { effective: ['CAP_CHOWN', 'CAP_KILL'], ambient: [] },
    });
  });
});
