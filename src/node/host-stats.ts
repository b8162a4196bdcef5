/**
 * What the machine of a node is doing, as the wire says it (/v1/client/stats). Processor time is a share of the time
 * since an earlier look: the node looks every 15 s by itself, so that nobody has to ask twice, and nothing runs between.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { Clock } from '../lib/clock.ts';
import { type Mount, mountOf, readMounts, spaceOf } from './mounts.ts';

export interface HostStats {
  /** Of the disk that the node keeps its tasks' folders on. */
  readonly AllocDirStats: DiskStats | null;
  readonly CPU: readonly CoreStats[];
  /** MHz. */
  readonly CPUTicksConsumed: number;
  readonly DeviceStats: readonly [];
  readonly DiskStats: readonly DiskStats[];
  readonly Memory: {
    readonly Available: number;
    readonly Free: number;
    readonly Total: number;
    readonly Used: number;
  };
  /** Nanoseconds since the epoch. */
  readonly Timestamp: number;
  /** Seconds since the machine was started. */
  readonly Uptime: number;
}

/** Percent. */
export interface CoreStats {
  readonly CPU: string;
  readonly Idle: number;
  readonly System: number;
  readonly Total: number;
  readonly User: number;
}

export interface DiskStats {
  readonly Available: number;
  readonly Device: string;
  readonly InodesUsedPercent: number;
  readonly Mountpoint: string;
  readonly Size: number;
  readonly Used: number;
  readonly UsedPercent: number;
}

type CoreTimes = os.CpuInfo['times'];

export interface HostReadings {
  readonly cores: () => readonly CoreTimes[];
  readonly memory: () => HostStats['Memory'];
  readonly uptimeS: () => number;
  readonly disks: (dataDir: string) => Pick<HostStats, 'AllocDirStats' | 'DiskStats'>;
}

/** Over less than this a share of time is noise: the last figures are said again. */
const SHORTEST_MS = 500;

export class HostMeter {
  readonly #clock: Clock;
  readonly #readings: HostReadings;
  #before: { readonly atMs: number; readonly cores: readonly CoreTimes[] };
  #shares: readonly CoreStats[] = [];

  constructor(clock: Clock, readings: HostReadings = systemReadings) {
    this.#clock = clock;
    this.#readings = readings;
    this.#before = { atMs: clock.nowMs(), cores: readings.cores() };
  }

  /** Begins the time that the next figures are of. */
  look(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#before.atMs < SHORTEST_MS) return;
    const cores = this.#readings.cores();
    this.#shares = cores.map((times, at) => shareOf(at, this.#before.cores[at], times));
    this.#before = { atMs: nowMs, cores };
  }

  /** `coreMHz`: of one core, for ticks are MHz. */
  measure(dataDir: string, coreMHz: number): HostStats {
    this.look();
    const busy = this.#shares.reduce((total, { Total }) => total + Total, 0);
    return {
      ...this.#readings.disks(dataDir),
      CPU: this.#shares,
      CPUTicksConsumed: (busy / 100) * coreMHz,
      DeviceStats: [],
      Memory: this.#readings.memory(),
      Timestamp: Math.round(this.#clock.nowMs()) * 1e6,
      Uptime: Math.floor(this.#readings.uptimeS()),
    };
  }
}

function shareOf(at: number, before: CoreTimes | undefined, now: CoreTimes): CoreStats {
  const since = (kind: keyof CoreTimes) => Math.max(0, now[kind] - (before?.[kind] ?? now[kind]));
  const [user, system, idle] = [since('user') + since('nice'), since('sys') + since('irq'), since('idle')];
  const all = user + system + idle;
  const percent = (part: number) => (all > 0 ? (part / all) * 100 : 0);
  return {
    CPU: `cpu${at}`,
    Idle: percent(idle),
    System: percent(system),
    Total: percent(user + system),
    User: percent(user),
  };
}

export const systemReadings: HostReadings = {
  cores: () => os.cpus().map(({ times }) => times),
  memory: () => memoryStats(readMeminfo()),
  uptimeS: () => os.uptime(),
  disks: diskStats,
};

/** Of /proc/meminfo; what the kernel would give up if asked counts as available. */
export function memoryStats(meminfo: string): HostStats['Memory'] {
  const bytesOf = (name: string): number | undefined => {
    const kB = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1];
    return kB === undefined ? undefined : Number(kB) * 1024;
  };
  const Total = bytesOf('MemTotal') ?? os.totalmem();
  const Free = bytesOf('MemFree') ?? os.freemem();
  const Available = bytesOf('MemAvailable') ?? Free;
  return { Available, Free, Total, Used: Total - Available };
}

function readMeminfo(): string {
  try {
    return readFileSync('/proc/meminfo', 'utf8');
  } catch {
    return '';
  }
}

/** Disks of this machine, each once. A file system of another one may hang, and a look must not. */
function diskStats(dataDir: string): Pick<HostStats, 'AllocDirStats' | 'DiskStats'> {
  const mounts = readMounts();
  const own = mountOf(dataDir, mounts) ?? { device: '', folder: dataDir, kind: '' };
  const local = new Map<string, Mount>([[own.device, own]]);
  for (const mount of mounts) {
    if (mount.device.startsWith('/dev/') && !local.has(mount.device)) local.set(mount.device, mount);
  }
  const disks = [...local.values()].flatMap((mount) => diskOf(mount, mount.folder) ?? []);
  return { AllocDirStats: diskOf(own, dataDir) ?? null, DiskStats: disks };
}

function diskOf({ device, folder }: Mount, path: string): DiskStats | undefined {
  const space = spaceOf(path);
  if (space === undefined) return undefined;
  const { totalBytes, freeBytes, freeToRootBytes, inodesUsedPercent } = space;
  const used = totalBytes - freeToRootBytes;
  return {
    Available: freeBytes,
    Device: device,
    InodesUsedPercent: inodesUsedPercent,
    Mountpoint: folder,
    Size: totalBytes,
    Used: used,
    UsedPercent: used + freeBytes > 0 ? (used / (used + freeBytes)) * 100 : 0,
  };
}
