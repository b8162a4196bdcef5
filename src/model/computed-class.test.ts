import { expect, it } from 'vitest';
import { type ClassifiedNode, computedClass } from './computed-class.ts';

const driver = { Attributes: null, Detected: true, Healthy: true, HealthDescription: '', UpdateTime: '' };
const node: ClassifiedNode = {
  Datacenter: 'dc1',
  NodeClass: '',
  Attributes: { 'kernel.name': 'linux', 'unique.hostname': 'a', arch: 'amd64' },
  Meta: { rack: 'r1', 'unique.note': 'x' },
  Drivers: { raw_exec: driver },
  HostVolumes: null,
};

it('is one class for nodes that differ only in what is unique to each, in any order of keys', () => {
  const other = {
    ...node,
    Attributes: { arch: 'amd64', 'unique.hostname': 'b', 'kernel.name': 'linux' },
    Meta: { rack: 'r1' },
  };
  expect(computedClass(other)).toBe(computedClass(node));
  expect(computedClass(node)).toMatch(/^v1:\d+$/);
});

it.each<[string, Partial<ClassifiedNode>]>([
  ['datacenter', { Datacenter: 'dc2' }],
  ['node class', { NodeClass: 'big' }],
  ['attribute', { Attributes: { ...node.Attributes, arch: 'arm64' } }],
  ['meta', { Meta: { rack: 'r2' } }],
  ['driver', { Drivers: {} }],
  ['health of a driver', { Drivers: { raw_exec: { ...driver, Healthy: false } } }],
  ['host volume', { HostVolumes: { data: { Name: 'data', Path: '/d', ReadOnly: false } } }],
])('another %s is another class', (_, change) => {
  expect(computedClass({ ...node, ...change })).not.toBe(computedClass(node));
});
