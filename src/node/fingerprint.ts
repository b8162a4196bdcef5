/** What this machine is: attributes for constraints, and the room that tasks may use. */
import { readFileSync, statfsSync } from 'node:fs';
import os from 'node:os';
import { signalNames } from '../drivers/signals.ts';
import type { NodeNetworkResource, NodeResources } from '../model/node.ts';

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
  readonly version: string;
}

const MIB = 1024 * 1024;
/** For machines that do not say (many ARM ones). */
const FALLBACK_MHZ = 1_000;

export function fingerprintMachine(options: FingerprintOptions): Machine {
  const cpus = os.cpus();
  const mhz = clockRate(cpus.map((cpu) => cpu.speed));
  const compute = options.cpuTotalCompute > 0 ? options.cpuTotalCompute : mhz * cpus.length;
  const disk = diskOf(options.dataDir);
  const release = osRelease();
  const network = networkOf(options.address);
  return {
    address: options.address,
    attributes: {
      'cpu.arch': ARCHITECTURES[os.arch()] ?? os.arch(),
      'cpu.frequency': String(mhz),
      'cpu.modelname': cpus[0]?.model ?? '',
      'cpu.numcores': String(cpus.length),
      'cpu.totalcompute': String(compute),
      'kernel.name': os.platform(),
      'kernel.version': os.release(),
      'memory.totalbytes': String(os.totalmem()),
      'nomad.version': COMPATIBLE_VERSION,
      'os.name': release.ID ?? os.platform(),
      'os.signals': signalNames().join(','),
      'os.version': release.VERSION_ID ?? '',
      'serin.version': options.version,
      'unique.hostname': os.hostname(),
      'unique.network.ip-address': options.address,
      'unique.storage.bytesfree': String(disk.freeBytes),
      'unique.storage.bytestotal': String(disk.totalBytes),
      'unique.storage.volume': options.dataDir,
    },
    resources: {
      Cpu: { CpuShares: compute, TotalCpuCores: cpus.length, ReservableCpuCores: cpus.map((_cpu, at) => at) },
      Memory: { MemoryMB: Math.floor(os.totalmem() / MIB) },
      Disk: { DiskMB: Math.floor(disk.freeBytes / MIB) },
      Networks: [network],
      NodeNetworks: [],
      Devices: null,
    },
  };
}

/** Whose job files this node understands: what constraints on `attr.nomad.version` compare with. */
const COMPATIBLE_VERSION = '1.1.2';

/** As job files spell them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

function clockRate(speeds: readonly number[]): number {
  const fastest = Math.max(0, ...speeds);
  return fastest > 0 ? fastest : FALLBACK_MHZ;
}

function diskOf(path: string): { readonly totalBytes: number; readonly freeBytes: number } {
  try {
    const { bsize, blocks, bavail } = statfsSync(path);
    return { totalBytes: bsize * blocks, freeBytes: bsize * bavail };
  } catch {
    return { totalBytes: 0, freeBytes: 0 };
  }
}

/** The fields of /etc/os-release. */
export function osRelease(text = readOsRelease()): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const match = /^([A-Z_]+)="?([^"]*)"?$/.exec(line);
      return match ? [[match[1]!, match[2]!]] : [];
    }),
  );
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

function networkOf(address: string): NodeNetworkResource {
  const found = Object.entries(os.networkInterfaces()).find(([, own]) => own?.some((each) => each.address === address));
  const prefix = address.includes(':') ? 128 : 32;
  return {
    Mode: 'host',
    Device: found?.[0] ?? '',
    CIDR: `${address}/${prefix}`,
    IP: address,
    MBits: 1000,
    DNS: null,
    ReservedPorts: null,
    DynamicPorts: null,
  };
}
