import { expect, it } from 'vitest';
import { MockDriver } from '../drivers/mock.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import type { Node } from '../model/node.ts';
import { fingerprintMachine } from './fingerprint.ts';
import { nodeChanges } from './node-changes.ts';
import { describeNode, NOTHING_RESERVED } from './node-row.ts';

const machine = fingerprintMachine({ dataDir: '/', address: '127.0.0.1', cpuTotalCompute: 0, version: '1.0.0' });
const place = {
  secretId: 's',
  name: 'n',
  datacenter: 'dc1',
  nodeClass: '',
  meta: {},
  httpAddr: 'h:1',
  tlsEnabled: false,
  maxKillTimeout: '30s',
};
const drivers = [new MockDriver(new VirtualClock())];
const described = await describeNode({ id: 'n', reserved: NOTHING_RESERVED, ...place }, machine, drivers, 0);
const resources = { ...described.NodeResources, Disk: { DiskMB: 1_000 } };
const node: Node = { ...described, NodeResources: resources };

const attributes = (Attributes: Record<string, string>): Partial<Node> => ({
  Attributes: { ...node.Attributes, ...Attributes },
});
const ofResources = (change: Partial<Node['NodeResources']>): Partial<Node> => ({
  NodeResources: { ...resources, ...change },
});
const engine = { Attributes: null, Detected: true, Healthy: false, HealthDescription: 'no answer', UpdateTime: '' };

const CASES: readonly [what: string, change: Partial<Node>, changes: string[]][] = [
  ['nothing', {}, []],
  ['a look at another time', { StatusUpdatedAt: 99 }, []],
  ['a processor that saves power', attributes({ 'cpu.frequency': '800', 'cpu.totalcompute': '1600' }), []],
  ['a tenth of the free space', ofResources({ Disk: { DiskMB: 900 } }), []],
  ['more than a tenth of it', ofResources({ Disk: { DiskMB: 899 } }), ['disk']],
  ['space that came back', ofResources({ Disk: { DiskMB: 1_101 } }), ['disk']],
  ['another disk', attributes({ 'unique.storage.bytestotal': '1' }), ['disk']],
  ['memory', ofResources({ Memory: { MemoryMB: 1 } }), ['memory']],
  ['cores', ofResources({ Cpu: { ...resources.Cpu, TotalCpuCores: 99 } }), ['cores']],
  ['an address that is gone', ofResources({ NodeNetworks: [] }), ['network']],
  ['a host name', attributes({ 'unique.hostname': 'other' }), ['attributes']],
  ['a driver', { Drivers: { ...node.Drivers, docker: engine } }, ['drivers']],
];

it.each(CASES)('%s', (_what, change, changes) => {
  expect(nodeChanges(node, { ...node, ...change })).toEqual(changes);
});
