import { expect, it } from 'vitest';
import { canonicalizeJob } from './canonicalize.ts';
import { groupPorts, groupResources } from './group-resources.ts';
import type { TaskGroup } from './job.ts';

const TASKS = [
  { Name: 'a', Resources: { CPU: 200, MemoryMB: 64, Networks: [{ ReservedPorts: [{ Label: 'old', Value: 99 }] }] } },
  { Name: 'b', Resources: { CPU: 50, MemoryMB: 32 } },
];
const NETWORK = { DynamicPorts: [{ Label: 'http' }], ReservedPorts: [{ Label: 'admin', Value: 80 }] };
const GROUP = { Name: 'g', EphemeralDisk: { SizeMB: 150 }, Networks: [NETWORK], Tasks: TASKS };
const group = canonicalizeJob({ ID: 'j', TaskGroups: [GROUP] }).job.TaskGroups[0] as TaskGroup;

it('a group takes what its tasks take together, and its own disk', () => {
  expect(groupResources(group)).toEqual({ cpu: 250, memoryMB: 96, diskMB: 150 });
});

it('its ports are those of its networks and of its tasks', () => {
  const { dynamic, static: fixed } = groupPorts(group);
  expect(dynamic.map((port) => port.Label)).toEqual(['http']);
  expect(fixed.map((port) => port.Value)).toEqual([80, 99]);
});
