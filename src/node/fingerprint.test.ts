import { expect, it } from 'vitest';
import { MockDriver } from '../drivers/mock.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import { fingerprintMachine, osRelease } from './fingerprint.ts';
import { describeNode, NOTHING_RESERVED } from './node-row.ts';

const machine = (cpuTotalCompute = 0) =>
  fingerprintMachine({ dataDir: '/', address: '127.0.0.1', cpuTotalCompute, version: '1.0.0' });

const describeIt = (id: string, meta: Record<string, string> = {}) => {
  const description = {
    secretId: 's',
    name: id,
    datacenter: 'dc1',
    nodeClass: '',
    meta,
    reserved: NOTHING_RESERVED,
    httpAddr: 'h:1',
    tlsEnabled: false,
    maxKillTimeout: '30s',
  };
  return describeNode({ id, ...description }, machine(4_000), [new MockDriver(new VirtualClock())], 0);
};

it('finds the attributes that job files constrain, and room to run in', () => {
  const { attributes, resources } = machine();
  for (const name of ['cpu.arch', 'cpu.numcores', 'kernel.name', 'kernel.version', 'os.name', 'unique.hostname']) {
    expect(attributes[name], name).toMatch(/./);
  }
  expect(resources.Cpu.CpuShares).toBe(Number(attributes['cpu.totalcompute']));
  expect(resources.Cpu.CpuShares).toBeGreaterThan(0);
  expect(resources.Memory.MemoryMB).toBeGreaterThan(0);
  expect(resources.Disk.DiskMB).toBeGreaterThan(0);
  expect(resources.Networks).toMatchObject([{ Device: 'lo', IP: '127.0.0.1', CIDR: '127.0.0.1/32' }]);
});

it('takes the configured compute over what the machine says', () => {
  expect(machine(1234).resources.Cpu.CpuShares).toBe(1234);
});

it('gives nodes one class that differ only in what is their own', async () => {
  const [a, b, c] = await Promise.all([
    describeIt('a'),
    describeIt('b', { 'unique.x': '1' }),
    describeIt('c', { rack: 'r1' }),
  ]);
  expect(a.ComputedClass).toMatch(/^v1:\d+$/);
  expect(b.ComputedClass).toBe(a.ComputedClass);
  expect(c.ComputedClass).not.toBe(a.ComputedClass);
});

it('reads os-release', () => {
  expect(osRelease('ID=debian\nVERSION_ID="12"\n# x\n')).toEqual({ ID: 'debian', VERSION_ID: '12' });
});
