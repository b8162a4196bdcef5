/** The screen of a node, beside what a real peer printed for the same node. */
import { describe, expect, it } from 'vitest';
import type { AllocStatsView, AllocView, HostStatsView, NodeView } from '../../api/views.ts';
import { golden } from '../testing/fake-agent.ts';
import { formatNode } from './node.ts';
import { formatUptime } from './node-usage.ts';
import { plainStyle } from './style.ts';

const GIB = 1024 ** 3;
const node = golden<NodeView>('03-run-v1-after/node.json');
const allocations = golden<AllocView[]>('03-run-v1-after/node_allocations.json');
const view = { nowMs: Date.parse('2026-11-20T16:15:38Z'), verbose: false };

/** What the recording machine was doing. */
const disk = { Size: 252 * GIB, Used: 27 * GIB, Available: 75 * GIB, UsedPercent: 26.5, InodesUsedPercent: 3.69 };
const host: HostStatsView = {
  AllocDirStats: { ...disk, Device: '/dev/vda', Mountpoint: '/' },
  CPU: [{ CPU: 'cpu0', User: 1.03, System: 2, Idle: 96.97 }],
  CPUTicksConsumed: 2748.3,
  DiskStats: [{ ...disk, Device: '/dev/vda', Mountpoint: '/' }],
  Memory: { Total: 24 * GIB, Used: 421 * 1024 ** 2, Available: 23 * GIB, Free: 20 * GIB },
  Uptime: 23 * 60 + 57,
};
const used: AllocStatsView = {
  ResourceUsage: { CpuStats: { TotalTicks: 0.1 }, MemoryStats: { RSS: 45 * 1024 ** 2 } },
};
const usage = { host, allocs: allocations.map(() => used) };

const screen = (options: Partial<Parameters<typeof formatNode>[4]> = {}, verbose = false): string =>
  formatNode(node, allocations, { ...view, verbose }, plainStyle, { short: false, usage, ...options });

/** The lines from a title to the next empty one. */
const section = (text: string, title: string): string[] | undefined =>
  text
    .split('\n\n')
    .find((part) => part.startsWith(`${title}\n`))
    ?.split('\n')
    .slice(1);

describe('the screen of a node', () => {
  it('says what is given away and what is used, as a real peer does', () => {
    expect(section(screen(), 'Allocated Resources')).toEqual([
      'CPU            Memory          Disk',
      '600/40000 MHz  192 MiB/64 GiB  1.8 GiB/75 GiB',
    ]);
    expect(section(screen(), 'Allocation Resource Utilization')).toEqual([
      'CPU          Memory',
      '0/40000 MHz  270 MiB/64 GiB',
    ]);
    expect(section(screen(), 'Host Resource Utilization')).toEqual([
      'CPU             Memory          Disk',
      '2748/40000 MHz  421 MiB/24 GiB  27 GiB/252 GiB',
    ]);
    expect(screen()).toMatch(/\nStatus += ready\nUptime += 23m57s\nDriver Status += raw_exec\n/);
  });

  it('has the sections in the order that people know', () => {
    const titles = screen({ stats: true })
      .split('\n\n')
      .flatMap((part) => /^[A-Z][A-Za-z ]+(?=\n)/.exec(part)?.[0] ?? []);
    expect(titles).toEqual([
      'Node Events',
      'Allocated Resources',
      'Allocation Resource Utilization',
      'Host Resource Utilization',
      'CPU Stats',
      'Memory Stats',
      'Disk Stats',
      'Allocations',
    ]);
  });

  it('has each core, the memory and each disk with -stats', () => {
    const text = screen({ stats: true });
    expect(section(text, 'CPU Stats')).toEqual([
      'CPU    = cpu0',
      'User   = 1.03%',
      'System = 2.00%',
      'Idle   = 96.97%',
    ]);
    expect(section(text, 'Disk Stats')).toContain('Inodes Percent = 3.69%');
    expect(section(text, 'Memory Stats')).toContain('Used      = 421 MiB');
  });

  it('is short without events and figures', () => {
    const text = screen({ short: true });
    expect(text).toContain('Allocations\n');
    for (const absent of ['Node Events', 'Allocated', 'Utilization']) expect(text).not.toContain(absent);
  });

  it('says why where the machine cannot be asked, and shows the rest', () => {
    const text = screen({ usage: { host: 'not known while the node is down', allocs: [] }, stats: true });
    expect(section(text, 'Host Resource Utilization')).toEqual(['not known while the node is down']);
    expect(text).not.toContain('Uptime');
    expect(text).not.toContain('CPU Stats');
    expect(text).toContain('Allocations\n');
  });

  it('tells more of drivers and attributes when asked to', () => {
    const text = screen({}, true);
    expect(section(text, 'Drivers')?.[1]).toMatch(/^raw_exec +true +true +Healthy +2026-/);
    expect(text).toContain('cpu.totalcompute');
    expect(section(text, 'Meta')).toBeDefined();
  });

  it('names the driver that an event is of', () => {
    const event = { Message: 'Driver docker is not detected', Subsystem: 'Driver', Details: { driver: 'docker' } };
    const Events = [{ ...event, Timestamp: '2026-11-20T16:15:32Z', CreateIndex: 0 }];
    const text = formatNode({ ...node, Events }, [], view, plainStyle, { short: false });
    expect(section(text, 'Node Events')?.[1]).toBe(
      '2026-11-20T16:15:32Z  Driver: docker  Driver docker is not detected',
    );
  });
});

it.each([
  [5, '5s'],
  [1437, '23m57s'],
  [61_345.9, '17h2m25s'],
  [360_000, '100h0m0s'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatUptime(seconds)).toBe(text);
});
