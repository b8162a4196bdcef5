/** A machine of the simulation, as its node would register it. */
import type { Node } from '../src/model/node.ts';

export function simulatedNode(
  id: string,
  at: number,
  size: { readonly cpu?: number; readonly memoryMB?: number } = {},
): Node {
  return {
    ID: id,
    SecretID: '',
    Datacenter: 'dc1',
    Name: `node-${at}`,
    HTTPAddr: `127.0.0.1:${4646 + at}`,
    TLSEnabled: false,
    Attributes: {
      'kernel.name': 'linux',
      'cpu.arch': 'amd64',
      'unique.hostname': `node-${at}`,
      'os.signals': 'SIGTERM',
      'driver.mock': '1',
      'driver.raw_exec': '1',
    },
    NodeResources: {
      Cpu: { CpuShares: size.cpu ?? 4000, TotalCpuCores: 4, ReservableCpuCores: null },
      Memory: { MemoryMB: size.memoryMB ?? 8192 },
      Disk: { DiskMB: 100_000 },
      Networks: [
        {
          Mode: 'host',
          Device: 'lo',
          CIDR: '127.0.0.1/32',
          IP: '127.0.0.1',
          MBits: 1000,
          DNS: null,
          ReservedPorts: null,
          DynamicPorts: null,
        },
      ],
      NodeNetworks: null,
      Devices: null,
    },
    ReservedResources: {
      Cpu: { CpuShares: 0, ReservedCpuCores: null },
      Memory: { MemoryMB: 0 },
      Disk: { DiskMB: 0 },
      Networks: { ReservedHostPorts: '' },
    },
    Links: null,
    Meta: { rack: `r${at % 3}` },
    NodeClass: '',
    ComputedClass: '',
    Drivers: Object.fromEntries(
      ['mock', 'raw_exec'].map((name) => [
        name,
        { Attributes: null, Detected: true, Healthy: true, HealthDescription: 'Healthy', UpdateTime: '' },
      ]),
    ),
    HostVolumes: null,
    Status: 'ready',
    StatusDescription: '',
    StatusUpdatedAt: 0,
    SchedulingEligibility: 'eligible',
    Drain: false,
    DrainStrategy: null,
    LastDrain: null,
    Events: null,
    CreateIndex: 0,
    ModifyIndex: 0,
  };
}
