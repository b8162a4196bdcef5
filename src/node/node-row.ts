/** The node's own row, as it registers itself. */
import { isDeepStrictEqual } from 'node:util';
import type { Driver } from '../drivers/driver.ts';
import { timestampOf } from '../model/nanos.ts';
import { type DriverInfo, MAX_KILL_TIMEOUT, type Node, type NodeReservedResources } from '../model/node.ts';
import { computedClass } from './computed-class.ts';
import type { Machine } from './fingerprint.ts';

export interface NodeDescription {
  readonly id: string;
  readonly secretId: string;
  readonly name: string;
  readonly datacenter: string;
  readonly nodeClass: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly reserved: NodeReservedResources;
  readonly httpAddr: string;
  /** "30s": no task's kill_timeout is longer there. */
  readonly maxKillTimeout: string;
  /** Its API is served over TLS. */
  readonly tlsEnabled: boolean;
}

export const NOTHING_RESERVED: NodeReservedResources = {
  Cpu: { CpuShares: 0, ReservedCpuCores: null },
  Memory: { MemoryMB: 0 },
  Disk: { DiskMB: 0 },
  Networks: { ReservedHostPorts: '' },
};

export async function describeNode(
  description: NodeDescription,
  machine: Machine,
  drivers: Iterable<Driver>,
  nowMs: number,
): Promise<Node> {
  const infos: Record<string, DriverInfo> = {};
  const attributes = {
    ...machine.attributes,
    'nomad.advertise.address': description.httpAddr,
    [MAX_KILL_TIMEOUT]: description.maxKillTimeout,
  };
  for (const driver of drivers) {
    const found = await driver.fingerprint();
    Object.assign(attributes, found.attributes);
    infos[driver.name] = driverInfo(driver.name, found, nowMs);
  }
  const row: Omit<Node, 'ComputedClass'> = {
    ID: description.id,
    SecretID: description.secretId,
    Datacenter: description.datacenter,
    Name: description.name,
    HTTPAddr: description.httpAddr,
    TLSEnabled: description.tlsEnabled,
    Attributes: attributes,
    NodeResources: machine.resources,
    ReservedResources: description.reserved,
    Links: null,
    Meta: { ...description.meta },
    NodeClass: description.nodeClass,
    Drivers: infos,
    HostVolumes: null,
    Status: 'ready',
    StatusDescription: '',
    StatusUpdatedAt: Math.floor(nowMs / 1000),
    SchedulingEligibility: 'eligible',
    Drain: false,
    DrainStrategy: null,
    LastDrain: null,
    Events: null,
    CreateIndex: 0,
    ModifyIndex: 0,
  };
  return { ...row, ComputedClass: computedClass(row) };
}

function driverInfo(name: string, found: Awaited<ReturnType<Driver['fingerprint']>>, nowMs: number): DriverInfo {
  return {
    Attributes: found.detected ? { [`driver.${name}`]: 'true' } : {},
    Detected: found.detected,
    Healthy: found.healthy,
    HealthDescription: found.description,
    UpdateTime: timestampOf(nowMs),
  };
}

/** Whether tasks find the same drivers on both; when each was looked at does not matter. */
export const sameDrivers = (a: Node, b: Node): boolean => isDeepStrictEqual(driverFacts(a), driverFacts(b));

/** "docker: Healthy; exec: …", for people. */
export const driverWords = ({ Drivers }: Node): string =>
  Object.entries(Drivers)
    .map(([name, { HealthDescription }]) => `${name}: ${HealthDescription}`)
    .join('; ');

const driverFacts = ({ Drivers, Attributes }: Node) => ({
  infos: Object.entries(Drivers).map(([name, { UpdateTime: _when, ...info }]) => [name, info]),
  attributes: Object.entries(Attributes).filter(([name]) => name.startsWith('driver.')),
});
