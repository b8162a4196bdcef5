/** The acknowledgements of ingresses as they reach allocations, over time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../lib/virtual-clock.ts';
import type { Allocation } from '../model/allocation.ts';
import type { IngressServerStatus } from '../model/ingress.ts';
import { dynamicPort, NOW_MS, newAlloc, newGroup, newIngressService, newJob } from '../scheduler/fixtures.ts';
import { ingress } from '../state/fixtures.ts';
import { put, type Running, read, runLoop, type TestState, testState } from './fixtures.ts';
import { LEASE_MS, Traffic } from './traffic.ts';

const job = newJob({
  TaskGroups: [
    newGroup({ Services: [newIngressService('web')], Networks: dynamicPort() }),
    newGroup({ Name: 'db', Networks: dynamicPort() }),
  ],
});
const web = (ID: string, fields: Partial<Allocation> = {}) =>
  newAlloc(job, 0, { ID, Ports: [{ Label: 'http', Value: 20_000, To: 0, HostIP: '127.0.0.1' }], ...fields });

let world: TestState;
let traffic: Traffic;
let tableIndex: number;
let running: Running;
beforeEach(async () => {
  world = await testState();
  await world.state.update((tx) => tx.putIngress(ingress({ ID: 'x' })));
  await put(world.state, { jobs: [job], allocs: [web('a')] });
  tableIndex = 0;
  traffic = new Traffic({ ...world, tableIndex: () => tableIndex });
  running = await runLoop(world.state, traffic);
});
afterEach(async () => {
  await running.stop();
  expect(world.clock.nextMs(), 'no timer is left behind').toBeUndefined();
});

async function report(
  id: string,
  states: Record<string, IngressServerStatus['State']> = {},
  AppliedIndex = 0,
): Promise<void> {
  const Servers = Object.fromEntries(
    Object.entries(states).map(([alloc, State]) => [`${alloc}:20000`, { State, InFlight: 0 }]),
  );
  traffic.report({ ID: id, Name: id, DataPlane: 'embedded', AppliedIndex, Servers });
  await settle();
}

async function stop(id: string): Promise<void> {
  await world.state.update((tx) => tx.putAlloc({ ...tx.alloc(id)!, DesiredStatus: 'stop' }, { serverSide: true }));
  await settle();
}

const alloc = (id: string) => read(world, (tx) => tx.alloc(id))!;
const figures = (id: string) => alloc(id).Traffic;

describe('an instance', () => {
  it('is looked at as the server starts, owed a drain by every ingress that has not spoken since', async () => {
    const owed = { Ready: false, Applied: false, Drained: false, Owing: ['x'], ChangedMs: NOW_MS };
    expect(figures('a')).toEqual(owed);
    await stop('a');
    expect(figures('a')).toMatchObject({ Drained: false, Owing: ['x'] });
  });

  it('is ready and drained as the ingress says so, and its node is told each time', async () => {
    await report('x');
    expect(figures('a')).toMatchObject({ Ready: false, Owing: ['x'] });
    const { AllocModifyIndex } = alloc('a');
    await report('x', { a: 'ready' });
    expect(figures('a')).toMatchObject({ Ready: true, Owing: [] });
    expect(alloc('a').AllocModifyIndex).toBeGreaterThan(AllocModifyIndex);
    await stop('a');
    expect(figures('a')).toMatchObject({ Applied: false, Owing: ['x'] });
    await report('x', { a: 'draining' });
    expect(figures('a')).toMatchObject({ Applied: true, Drained: false, Owing: ['x'] });
    await report('x', { a: 'drained' });
    expect(figures('a')).toMatchObject({ Applied: true, Drained: true, Owing: [] });
  });

  it('that was drained while it rested is so again only by the word of an ingress that knows that it is to stop', async () => {
    await report('x', { a: 'drained' }, 5);
    expect(figures('a')).toMatchObject({ Drained: true });
    // It serves again, of which the ingress has not spoken yet, and is to stop: requests may be in flight.
    tableIndex = 7;
    await stop('a');
    expect(figures('a')).toMatchObject({ Applied: false, Drained: false, Owing: ['x'] });
    await report('x', { a: 'drained' }, 6);
    expect(figures('a')).toMatchObject({ Applied: false, Drained: false, Owing: ['x'] });
    tableIndex = 9;
    await report('x', { a: 'draining' }, 7);
    expect(figures('a')).toMatchObject({ Applied: true, Drained: false, Owing: ['x'] });
    await report('x', { a: 'drained' }, 7);
    expect(figures('a')).toMatchObject({ Applied: true, Drained: true, Owing: [] });
  });

  it('that rested is drained as soon as the ingress has applied its stop, though it says the same of it', async () => {
    await report('x', { a: 'drained' }, 5);
    tableIndex = 6;
    await stop('a');
    await report('x', { a: 'drained' }, 6);
    expect(figures('a')).toMatchObject({ Applied: true, Drained: true, Owing: [] });
  });

  it('that comes is looked at as soon as it is placed', async () => {
    await report('x', { a: 'ready', b: 'ready' });
    await put(world.state, { allocs: [web('b')] });
    await settle();
    expect(figures('b')).toMatchObject({ Ready: true, Owing: [] });
  });

  it('that takes no requests, or has ended, has no figures', async () => {
    const rows = [newAlloc(job, 0, { ID: 'plain', TaskGroup: 'db' }), web('ended', { ClientStatus: 'complete' })];
    await put(world.state, { allocs: [...rows, web('unknown', { JobVersion: 9 })] });
    await report('x', { plain: 'ready', ended: 'ready', unknown: 'ready', never: 'ready' });
    expect(['plain', 'ended', 'unknown'].map(figures)).toEqual([undefined, undefined, undefined]);
  });
});

describe('a report', () => {
  it('that says nothing new costs no transaction, and renews the lease', async () => {
    await report('x', { a: 'ready' });
    const { index } = world.state;
    await world.clock.advance(9000);
    await report('x', { a: 'ready' });
    await world.clock.advance(9000);
    expect(world.state.index).toBe(index);
    expect(traffic.reports()).toMatchObject([{ report: { ID: 'x' }, leaseUntilMs: NOW_MS + 9000 + LEASE_MS }]);
  });
});

describe('a lease', () => {
  beforeEach(async () => {
    await world.state.update((tx) => tx.putIngress(ingress({ ID: 'y' })));
    await report('x');
    await world.clock.advance(4000);
    await report('y', { a: 'ready' });
  });

  it('that runs out lets the deployment go on where another ingress judges, yet owes the drain', async () => {
    await world.clock.advance(LEASE_MS - 4000);
    expect(figures('a')).toMatchObject({ Ready: false, Owing: ['x'] });
    await world.clock.advance(1);
    expect(figures('a')).toMatchObject({ Ready: true, Owing: [] });
    await stop('a');
    expect(figures('a')).toMatchObject({ Drained: false, Owing: ['x', 'y'] });
  });

  it('of each ingress runs for itself; what is ready stays so when the last one has run out, what comes then is not', async () => {
    await world.clock.advance(LEASE_MS + 1);
    expect(figures('a')).toMatchObject({ Ready: true });
    await put(world.state, { allocs: [web('b')] });
    await settle();
    expect(figures('b')).toMatchObject({ Ready: false, Owing: ['x', 'y'] });
  });

  it('that is taken up again makes its ingress owe again', async () => {
    await world.clock.advance(LEASE_MS - 3999);
    expect(figures('a')?.Ready).toBe(true);
    await report('x');
    expect(figures('a')).toMatchObject({ Ready: false, Owing: ['x'] });
  });
});

describe('an ingress', () => {
  it('that comes owes its word about every instance', async () => {
    await report('x', { a: 'ready' });
    await world.state.update((tx) => tx.putIngress(ingress({ ID: 'y' })));
    await report('y');
    expect(figures('a')).toMatchObject({ Ready: false, Owing: ['y'] });
  });

  it('that leaves in order owes nothing any more', async () => {
    await stop('a');
    expect(figures('a')?.Owing).toEqual(['x']);
    traffic.remove('x');
    await world.state.update((tx) => tx.deleteIngress('x'));
    await settle();
    expect(figures('a')).toMatchObject({ Drained: true, Owing: [] });
    expect(traffic.reports()).toEqual([]);
  });
});
