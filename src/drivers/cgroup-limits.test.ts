import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CgroupLimits,
  cannotMakeCgroups,
  cgroupProcesses,
  cgroupUsage,
  findCgroupLimits,
  oomKills,
} from './cgroup-limits.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'serin-cgroups-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

const v1 = (...names: string[]): string =>
  names.map((name) => `cgroup ${dir}/${name} cgroup rw,relatime,${name} 0 0`).join('\n');
const v2 = (path = dir): string => `cgroup2 ${path} cgroup2 rw,nosuid,nodev 0 0`;

describe('what is mounted decides', () => {
  it('a pure v2 hierarchy', () => {
    put('cgroup.controllers', 'cpuset cpu io memory hugetlb pids\n');
    expect(findCgroupLimits(v2())).toMatchObject({ version: 2, isHybrid: false, memory: dir, cpu: dir, pids: dir });
  });

  it('v1 controllers, with a v2 hierarchy beside them or without', () => {
    const mounts = v1('memory', 'cpuacct', 'pids');
    const paths = { memory: `${dir}/memory`, cpu: `${dir}/cpuacct`, pids: `${dir}/pids` };
    expect(findCgroupLimits(mounts)).toEqual({ version: 1, isHybrid: false, hasSwap: false, ...paths });
    expect(findCgroupLimits(`${v2(`${dir}/unified`)}\n${mounts}`)).toMatchObject({ version: 1, isHybrid: true });
  });

  it('v1 controllers that share a mount', () => {
    put('memory/memory.memsw.limit_in_bytes', '0');
    const shared = `cgroup ${dir}/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0`;
    expect(findCgroupLimits(`${v1('memory', 'pids')}\n${shared}`)).toMatchObject({
      cpu: `${dir}/cpu,cpuacct`,
      hasSwap: true,
    });
  });

  it('nothing, or too little, is named', () => {
    expect(findCgroupLimits('tmpfs /tmp tmpfs rw 0 0')).toBe('no cgroup hierarchy is mounted');
    put('cgroup.controllers', 'cpuset cpu\n');
    expect(findCgroupLimits(v2())).toBe(`the cgroup hierarchy at ${dir} has no controller for memory, pids`);
    rmSync(join(dir, 'cgroup.controllers'));
    expect(findCgroupLimits(`${v2()}\n${v1('memory')}`)).toMatch(/has no controller for memory, cpu, pids/);
  });

  it('one that cannot be written to', () => {
    const limits: CgroupLimits = {
      version: 2,
      isHybrid: false,
      memory: join(dir, 'file'),
      cpu: dir,
      pids: dir,
      hasSwap: false,
    };
    put('file', '');
    expect(cannotMakeCgroups(limits, 'serin')).toMatch(/cgroups cannot be made: .*ENOTDIR/);
    expect(cannotMakeCgroups({ ...limits, memory: dir }, 'serin')).toBeUndefined();
  });
});

describe('what is counted', () => {
  const one = (version: 1 | 2): CgroupLimits => ({
    version,
    isHybrid: false,
    memory: dir,
    cpu: dir,
    pids: dir,
    hasSwap: false,
  });

  it('of v2', () => {
    put('serin/a/memory.stat', 'anon 4096\nfile 99\nanon_thp 7\n');
    put('serin/a/cpu.stat', 'usage_usec 2500\nuser_usec 1\n');
    put('serin/a/memory.events', 'low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n');
    put('serin/a/cgroup.procs', '12\n13\n');
    expect(cgroupUsage(one(2), '/serin/a')).toEqual({ rssBytes: 4096, cpuMs: 2.5 });
    expect(oomKills(one(2), '/serin/a')).toBe(2);
    expect(cgroupProcesses(one(2), '/serin/a')).toEqual([12, 13]);
  });

  it('of v1', () => {
    put('serin/a/memory.stat', 'cache 5\nrss 1\ntotal_rss 8192\n');
    put('serin/a/cpuacct.usage', '3500000\n');
    put('serin/a/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n');
    expect(cgroupUsage(one(1), '/serin/a')).toEqual({ rssBytes: 8192, cpuMs: 3.5 });
    expect(oomKills(one(1), '/serin/a')).toBe(1);
  });

  it('of one that is gone: nothing', () => {
    expect(cgroupUsage(one(2), '/serin/b')).toEqual({ rssBytes: 0, cpuMs: 0 });
    expect(oomKills(one(1), '/serin/b')).toBe(0);
    expect(cgroupProcesses(one(1), '/serin/b')).toEqual([]);
  });
});
