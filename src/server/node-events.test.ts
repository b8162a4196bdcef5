import { expect, it } from 'vitest';
import type { DriverInfo, Node } from '../model/node.ts';
import { newNode } from '../scheduler/fixtures.ts';
import { registrationEvents } from './node-events.ts';

const driver = (change: Partial<DriverInfo> = {}): DriverInfo => ({
  Attributes: null,
  Detected: true,
  Healthy: true,
  HealthDescription: 'Healthy',
  UpdateTime: '',
  ...change,
});
const gone = driver({ Detected: false, Healthy: false, HealthDescription: 'no socket at /run/docker.sock' });
const sick = driver({ Healthy: false, HealthDescription: 'the engine does not answer' });

const node = (change: Partial<Node> = {}): Node => ({ ...newNode(0), Drivers: { docker: driver() }, ...change });
const room = (MemoryMB: number, DiskMB: number): Partial<Node> => ({
  NodeResources: { ...newNode(0).NodeResources, Memory: { MemoryMB }, Disk: { DiskMB } },
});

const CASES: readonly [what: string, before: Node | undefined, now: Node, events: string[]][] = [
  ['a new node', undefined, node(), ['Cluster: Node registered']],
  ['one that is back', node({ Status: 'down' }), node(), ['Cluster: Node re-registered']],
  ['one whose agent was started again', node(), node(), ['Cluster: Node re-registered']],
  [
    'a driver that went',
    node(),
    node({ Drivers: { docker: gone } }),
    ['Driver: Driver docker is not detected: no socket at /run/docker.sock'],
  ],
  ['one that came', node({ Drivers: {} }), node(), ['Driver: Driver docker is detected and healthy']],
  [
    'one that became unhealthy',
    node(),
    node({ Drivers: { docker: sick } }),
    ['Driver: Driver docker is unhealthy: the engine does not answer'],
  ],
  ['one that became healthy', node({ Drivers: { docker: sick } }), node(), ['Driver: Driver docker is healthy again']],
  ['less room', node(room(100, 1000)), node(room(100, 800)), ['Host: Free disk space changed from 1000 to 800 MB']],
  [
    'one that is back with another memory',
    node({ Status: 'down', ...room(100, 100) }),
    node(room(200, 100)),
    ['Cluster: Node re-registered', 'Host: Memory changed from 100 to 200 MB'],
  ],
];

it.each(CASES)('%s', (_what, before, now, events) => {
  expect(registrationEvents(before, now, 0).map(({ Subsystem, Message }) => `${Subsystem}: ${Message}`)).toEqual(
    events,
  );
});

it('a driver that was never there is no news', () => {
  const absent = node({ Drivers: { docker: gone } });
  expect(registrationEvents(undefined, absent, 0)).toHaveLength(1);
});
