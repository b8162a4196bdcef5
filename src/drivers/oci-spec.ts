/**
 * The description of a container as OCI runtimes read it (`config.json`). Pure: what comes in decides what comes out.
 * Own pid, mount, ipc and uts namespaces, the node's network; nothing gains a privilege that it did not start with.
 */
import type { CgroupLimits } from './cgroup-limits.ts';
import type { Bind } from './exec-root.ts';
import { ociName } from './oci-capabilities.ts';
import type { UserIds } from './users.ts';

export interface ContainerPlan {
  /** The folder that becomes "/". */
  readonly root: string;
  readonly readOnly: readonly Bind[];
  readonly writable: readonly Bind[];
  /** The first process. */
  readonly args: readonly string[];
  readonly capabilities: readonly string[];
  readonly openFiles: OpenFiles;
  /** Below the cgroup mounts: "/serin/ID". */
  readonly cgroup: string;
  readonly limits: Pick<CgroupLimits, 'version' | 'hasSwap'>;
  readonly cpuMHz: number;
  readonly memoryMB: number;
  readonly memoryMaxMB: number;
  readonly pidsLimit: number;
}

/** How many files a process may have open. */
export interface OpenFiles {
  readonly soft: number;
  readonly hard: number;
}

const FIRST_ENV = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

export const containerSpec = (plan: ContainerPlan): object => ({
  ociVersion: '1.0.2',
  process: {
    terminal: false,
    user: { uid: 0, gid: 0 },
    args: plan.args,
    env: FIRST_ENV,
    cwd: '/',
    capabilities: capabilitySets(plan.capabilities, []),
    rlimits: [openFilesLimit(plan.openFiles)],
    noNewPrivileges: true,
  },
  root: { path: plan.root, readonly: true },
  mounts: [
    ...KERNEL_MOUNTS,
    ...plan.readOnly.map((bind) => mountOf(bind, ['bind', 'ro', 'nosuid', 'nodev'])),
    ...plan.writable.map((bind) => mountOf(bind, ['bind', 'rw', 'nosuid', 'nodev'])),
  ],
  linux: {
    namespaces: [...NAMESPACES, ...(plan.limits.version === 2 ? ['cgroup'] : [])].map((type) => ({ type })),
    cgroupsPath: plan.cgroup,
    resources: resourcesOf(plan),
    maskedPaths: MASKED,
    readonlyPaths: READ_ONLY,
  },
});

export interface ProcessPlan {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: UserIds;
  readonly groups: readonly number[];
  readonly cwd: string;
  readonly bounding: readonly string[];
  /** Those that it has although its user is not root. */
  readonly ambient: readonly string[];
  readonly openFiles: OpenFiles;
  readonly terminal: boolean;
}

/** One more process in a container that runs, as the runtime's `exec --process` reads it. */
export const processSpec = (plan: ProcessPlan): object => ({
  terminal: plan.terminal,
  user: { uid: plan.user.uid, gid: plan.user.gid, additionalGids: plan.groups },
  args: plan.args,
  env: Object.entries(plan.env).map(([name, value]) => `${name}=${value}`),
  cwd: plan.cwd,
  capabilities: capabilitySets(plan.user.uid === 0 ? plan.bounding : plan.ambient, plan.ambient, plan.bounding),
  rlimits: [openFilesLimit(plan.openFiles)],
  noNewPrivileges: true,
});

function capabilitySets(held: readonly string[], ambient: readonly string[], bounding = held): object {
  const names = (list: readonly string[]) => list.map(ociName);
  return {
    bounding: names(bounding),
    effective: names(held),
    permitted: names(held),
    inheritable: names(ambient),
    ambient: names(ambient),
  };
}

const openFilesLimit = ({ soft, hard }: OpenFiles): object => ({ type: 'RLIMIT_NOFILE', soft, hard });

const mountOf = ({ source, target }: Bind, options: readonly string[]): object => ({
  destination: target,
  type: 'bind',
  source,
  options,
});

const MB = 1024 * 1024;
/** The least that the kernel takes. */
const LEAST_SHARES = 2;

/** Shares are weights against each other: MHz serve as well as any. */
function resourcesOf({ limits, cpuMHz, memoryMB, memoryMaxMB, pidsLimit }: ContainerPlan): object {
  const limit = Math.max(memoryMB, memoryMaxMB) * MB;
  return {
    devices: [{ allow: false, access: 'rwm' }],
    memory: {
      limit,
      ...(limits.hasSwap ? { swap: limit } : {}),
      ...(memoryMaxMB > memoryMB ? { reservation: memoryMB * MB } : {}),
    },
    cpu: { shares: Math.max(LEAST_SHARES, Math.round(cpuMHz)) },
    pids: { limit: pidsLimit },
  };
}

const NAMESPACES = ['pid', 'ipc', 'mount', 'uts'];

const KERNEL_MOUNTS: readonly object[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
  },
];

/** What of the kernel tells of the whole machine, or changes it. */
const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];
const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
