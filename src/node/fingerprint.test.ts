import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MockDriver } from '../drivers/mock.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import type { Node } from '../model/node.ts';
import { cpuinfoMHz, fingerprintMachine, osRelease } from './fingerprint.ts';
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
  expect(resources.Networks?.[0]).toMatchObject({ Device: 'lo', IP: '127.0.0.1', CIDR: '127.0.0.1/32' });
});

it('has every attribute that constraints of the field ask for', () => {
  const names = Object.keys(machine().attributes);
  const { Attributes } = JSON.parse(readFileSync('testdata/http/node.json', 'utf8')) as Node;
  const notOurs = ['driver.raw_exec', 'nomad.advertise.address', 'nomad.revision', 'unique.cgroup.mountpoint'];
  expect(Object.keys(Attributes).filter((name) => !names.includes(name) && !notOurs.includes(name))).toEqual([]);
});

it('takes what is configured over what the machine says', () => {
  const { attributes, resources } = fingerprintMachine({
    dataDir: '/',
    address: '127.0.0.1',
    cpuTotalCompute: 1_234,
    memoryTotalMB: 512,
    networkSpeed: 100,
    dynamicPorts: { first: 21_000, last: 21_009 },
    version: '1.0.0',
  });
  expect(resources).toMatchObject({ Cpu: { CpuShares: 1_234 }, Memory: { MemoryMB: 512 } });
  expect(resources).toMatchObject({ MinDynamicPort: 21_000, MaxDynamicPort: 21_009 });
  expect(resources.Networks?.[0]?.MBits).toBe(100);
  expect(attributes['memory.totalbytes']).toBe(String(512 * 1024 * 1024));
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

it('takes the clock rate of the fastest core, where the kernel says it', () => {
  expect(cpuinfoMHz('cpu MHz\t\t: 1999.5\ncpu cores: 1\ncpu MHz\t\t: 2596.125\n')).toBe(2596.125);
  expect(cpuinfoMHz('BogoMIPS: 50.00\n')).toBe(0);
});

it('reads os-release', () => {
  expect(osRelease('ID=debian\nVERSION_ID="12"\n# x\n')).toEqual({ ID: 'debian', VERSION_ID: '12' });
});
