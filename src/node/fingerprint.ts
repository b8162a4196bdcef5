/** What this machine is: attributes for constraints, and the room that tasks may use. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { signalNames } from '../drivers/signals.ts';
import type { NodeResources } from '../model/node.ts';
import { cgroupAttributes } from './fingerprint-cgroup.ts';
import { networksOf, speedOf } from './fingerprint-network.ts';
import { mountOf, readMounts, spaceOf } from './mounts.ts';

export interface Machine {
  readonly attributes: Record<string, string>;
  readonly resources: NodeResources;
  /** The address under which its services are reached. */
  readonly address: string;
}

export interface FingerprintOptions {
  readonly dataDir: string;
  /** The address to offer ports on; "127.0.0.1" unless configured. */
  readonly address: string;
  /** MHz in all, where the machine's own word is wrong; 0: ask the machine. */
  readonly cpuTotalCompute: number;
  /** Likewise; 0: ask the machine. */
  readonly memoryTotalMB?: number;
  /** Mbit/s; 0: ask the machine. */
  readonly networkSpeed?: number;
  /** Both ends included; only where they are not the usual ones. */
  readonly dynamicPorts?: { readonly first: number; readonly last: number };
  readonly version: string;
}

const MIB = 1024 * 1024;
/** For machines that do not say (many ARM ones). */
const FALLBACK_MHZ = 1_000;

export function fingerprintMachine(options: FingerprintOptions): Machine {
  const { attributes: cpu, resources: Cpu } = cpuOf(options.cpuTotalCompute);
  const disk = spaceOf(options.dataDir) ?? { totalBytes: 0, freeBytes: 0 };
  const mounts = readMounts();
  const release = osRelease();
  const memoryBytes = options.memoryTotalMB ? options.memoryTotalMB * MIB : os.totalmem();
  return {
    address: options.address,
    attributes: {
      ...cpu,
      ...cgroupAttributes(mounts),
      'kernel.arch': os.machine(),
      'kernel.name': os.platform(),
      'kernel.version': os.release(),
      'memory.totalbytes': String(memoryBytes),
      'nomad.version': COMPATIBLE_VERSION,
      'os.name': release.ID ?? os.platform(),
      'os.signals': signalNames().join(','),
      'os.version': release.VERSION_ID ?? '',
      'serin.version': options.version,
      'unique.hostname': os.hostname(),
      'unique.network.ip-address': options.address,
      'unique.storage.bytesfree': String(disk.freeBytes),
      'unique.storage.bytestotal': String(disk.totalBytes),
      'unique.storage.volume': mountOf(options.dataDir, mounts)?.device ?? options.dataDir,
    },
    resources: {
      Cpu,
      Memory: { MemoryMB: Math.floor(memoryBytes / MIB) },
      Disk: { DiskMB: Math.floor(disk.freeBytes / MIB) },
      ...networksOf(options.address, interfaces(), (device) => options.networkSpeed || speedOf(device)),
      Devices: null,
      ...(options.dynamicPorts && {
        MinDynamicPort: options.dynamicPorts.first,
        MaxDynamicPort: options.dynamicPorts.last,
      }),
    },
  };
}

/** Whose job files this node understands: what constraints on `attr.nomad.version` compare with. */
const COMPATIBLE_VERSION = '1.1.2';

/** As job files spell them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Where /proc cannot be read the system still says how many cores there are. */
function cpuOf(totalCompute: number): {
  readonly attributes: Record<string, string>;
  readonly resources: NodeResources['Cpu'];
} {
  const cpus = os.cpus();
  const cores = cpus.length || os.availableParallelism();
  const mhz = clockRate(cpus.map((cpu) => cpu.speed));
  const compute = totalCompute > 0 ? totalCompute : mhz * cores;
  return {
    attributes: {
      'cpu.arch': ARCHITECTURES[os.arch()] ?? os.arch(),
      'cpu.frequency': String(mhz),
      'cpu.modelname': cpus[0]?.model ?? '',
      'cpu.numcores': String(cores),
      'cpu.totalcompute': String(compute),
    },
    resources: {
      CpuShares: compute,
      TotalCpuCores: cores,
      ReservableCpuCores: Array.from({ length: cores }, (_core, at) => at),
    },
  };
}

/** The first of these that says anything: the full speed, which stays; the present one, as the kernel or Node.js says it. */
function clockRate(speeds: readonly number[]): number {
  const full = Number(readText('/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq')) / 1000;
  const present = cpuinfoMHz(readText('/proc/cpuinfo'));
  return Math.floor([full, present, Math.max(0, ...speeds)].find((mhz) => mhz > 0) ?? FALLBACK_MHZ);
}

/** Of the fastest core in /proc/cpuinfo; 0 where it does not say. */
export function cpuinfoMHz(cpuinfo: string): number {
  return Math.max(0, ...[...cpuinfo.matchAll(/^cpu MHz\s*:\s*([\d.]+)/gm)].map(([, mhz]) => Number(mhz)));
}

function interfaces() {
  try {
    return os.networkInterfaces();
  } catch {
    return {};
  }
}

/** The fields of /etc/os-release. */
export function osRelease(text = readText('/etc/os-release')): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const match = /^([A-Z_]+)="?([^"]*)"?$/.exec(line);
      return match ? [[match[1]!, match[2]!]] : [];
    }),
  );
}

/** "" where it cannot be read. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
