/**
 * Where the kernel limits and counts memory, processor time and processes: a pure v2 hierarchy, or v1 controllers, also
 * where a v2 hierarchy without controllers stands beside them ("hybrid"). What is mounted decides.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../lib/errors.ts';

export interface CgroupLimits {
  readonly version: 1 | 2;
  /** Whether a v2 hierarchy is mounted beside v1 controllers. */
  readonly isHybrid: boolean;
  /** The mounts of the three controllers; on v2 one and the same. */
  readonly memory: string;
  readonly cpu: string;
  readonly pids: string;
  /** Whether swap can be limited. */
  readonly hasSwap: boolean;
}

const NEEDED = ['memory', 'cpu', 'pids'] as const;

/** A text says what is missing. */
export function findCgroupLimits(mounts = read('/proc/mounts')): CgroupLimits | string {
  const entries = mounts.split('\n').map((line) => line.split(' '));
  const unified = entries.find((fields) => fields[2] === 'cgroup2')?.[1];
  const v1 = (controller: string): string | undefined =>
    entries.find((fields) => fields[2] === 'cgroup' && fields[3]?.split(',').includes(controller))?.[1];
  const separate = { memory: v1('memory'), cpu: v1('cpuacct'), pids: v1('pids') };
  if (separate.memory !== undefined && separate.cpu !== undefined && separate.pids !== undefined) {
    const { memory, cpu, pids } = separate;
    const hasSwap = existsSync(join(memory, 'memory.memsw.limit_in_bytes'));
    return { version: 1, isHybrid: unified !== undefined, memory, cpu, pids, hasSwap };
  }
  if (unified === undefined) return 'no cgroup hierarchy is mounted';
  return unifiedLimits(unified);
}

function unifiedLimits(root: string): CgroupLimits | string {
  const controllers = read(join(root, 'cgroup.controllers')).trim().split(/\s+/);
  const missing = NEEDED.filter((name) => !controllers.includes(name));
  if (missing.length > 0) return `the cgroup hierarchy at ${root} has no controller for ${missing.join(', ')}`;
  return { version: 2, isHybrid: false, memory: root, cpu: root, pids: root, hasSwap: existsSync('/proc/swaps') };
}

/** Why no cgroup can be made there; undefined where one can. Tried by making one. */
export function cannotMakeCgroups(limits: CgroupLimits, name: string): string | undefined {
  try {
    for (const root of new Set([limits.memory, limits.cpu, limits.pids])) {
      const probe = join(root, `${name}-probe`);
      mkdirSync(probe, { recursive: true });
      rmdirSync(probe);
    }
    return undefined;
  } catch (error) {
    return `cgroups cannot be made: ${messageOf(error)}`;
  }
}

/** A cgroup of that path in every hierarchy that is mounted. */
export const cgroupsNamed = (path: string, mounts = read('/proc/mounts')): string[] =>
  mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields[2] === 'cgroup' || fields[2] === 'cgroup2')
    .map((fields) => join(fields[1] ?? '', path))
    .filter((folder) => existsSync(folder));

export function cgroupProcesses(limits: CgroupLimits, path: string): number[] {
  return read(join(limits.pids, path, 'cgroup.procs'))
    .split('\n')
    .filter(Boolean)
    .map(Number);
}

/** How often the kernel killed something in it because memory was short. */
export function oomKills(limits: CgroupLimits, path: string): number {
  const file = limits.version === 1 ? 'memory.oom_control' : 'memory.events';
  return figure(read(join(limits.memory, path, file)), 'oom_kill');
}

export interface CgroupUsage {
  readonly rssBytes: number;
  readonly cpuMs: number;
}

export function cgroupUsage(limits: CgroupLimits, path: string): CgroupUsage {
  const memory = read(join(limits.memory, path, 'memory.stat'));
  if (limits.version === 2) {
    const cpu = read(join(limits.cpu, path, 'cpu.stat'));
    return { rssBytes: figure(memory, 'anon'), cpuMs: figure(cpu, 'usage_usec') / 1e3 };
  }
  const nanos = Number(read(join(limits.cpu, path, 'cpuacct.usage')).trim() || 0);
  return { rssBytes: figure(memory, 'total_rss'), cpuMs: nanos / 1e6 };
}

/** "oom_kill 1" among lines like it. */
function figure(text: string, name: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

/** "" for what is not there: a cgroup may go between two looks. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
