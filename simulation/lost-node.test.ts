/**
 * A group that waits for instances of lost nodes (`disconnect`), from missed heartbeats to the node's return: the real
 * server with its timers on a virtual clock, simulated nodes that are cut off, and an ingress that still reaches them.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { type Allocation, isClientTerminal } from '../src/model/allocation.ts';
import { DEFAULT_NAMESPACE } from '../src/model/job.ts';
import type { SimNode } from './sim-node.ts';
import { type DisconnectSpec, type GroupSpec, JOB_ID, jobRequest, PLAIN_UPDATE } from './spec.ts';
import { World } from './world.ts';

/** A node is given up after 20 s, and heard every 5. */
const FOUND_LOST_MS = 27_000;

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** Two instances on two of three nodes, served by an ingress; the node of the first is cut off and found lost. */
async function lostNode(disconnect: DisconnectSpec | undefined) {
  const world = new World({ seed: '1', nodes: 3, ingresses: 1, onCommit() {}, onTable() {}, onKill() {} });
  worlds.push(world);
  await world.start();
  await world.server.registerJob({ Job: jobRequest(1, { groups: [groupOf(disconnect)] }) });
  await pass(world, 60_000);
  const [away, other] = wanted(world);
  const node = world.nodes.find(({ id }) => id === away!.NodeID)!;
  node.isPartitioned = true;
  await pass(world, FOUND_LOST_MS);
  return { world, node, away: away!, other: other! };
}

const groupOf = (disconnect: DisconnectSpec | undefined): GroupSpec => ({
  name: 'app',
  service: 'web',
  listen: 8080,
  count: 2,
  hasIngress: true,
  hasPreview: false,
  update: PLAIN_UPDATE,
  migrateMaxParallel: 1,
  reschedule: 'unlimited',
  ...(disconnect && { disconnect }),
});

const spec = (fields: Partial<DisconnectSpec> = {}): DisconnectSpec => ({
  lostAfterSeconds: 120,
  replaceAfterSeconds: 30,
  reconcile: 'keep_original',
  ...fields,
});

async function pass(world: World, ms: number): Promise<void> {
  const untilMs = world.clock.nowMs() + ms;
  while (await world.step(untilMs));
  await world.clock.advance(Math.max(0, untilMs - world.clock.nowMs()));
}

const rows = (world: World): readonly Allocation[] => world.view((tx) => tx.allocsByJob(DEFAULT_NAMESPACE, JOB_ID));

const wanted = (world: World): Allocation[] =>
  rows(world)
    .filter((alloc) => alloc.DesiredStatus === 'run' && !isClientTerminal(alloc))
    .sort((a, b) => a.CreateIndex - b.CreateIndex || (a.Name < b.Name ? -1 : 1));

const ids = (allocs: readonly Allocation[]): string[] => allocs.map(({ ID }) => ID).sort();
const rowOf = (world: World, { ID }: Allocation): Allocation => world.view((tx) => tx.alloc(ID))!;
const isReached = (world: World, { ID }: Allocation): boolean => world.ingresses[0]!.reaches(ID);

async function comesBack(world: World, node: SimNode): Promise<void> {
  node.isPartitioned = false;
  await pass(world, 30_000);
}

describe('an instance whose node misses its heartbeats', () => {
  it('is replaced at once in a group that says nothing', async () => {
    const { world, away, other } = await lostNode(undefined);
    expect(rowOf(world, away)).toMatchObject({ ClientStatus: 'lost', DesiredStatus: 'stop' });
    expect(wanted(world)).toHaveLength(2);
    expect(ids(wanted(world))).toContain(other.ID);
  });

  it('is waited for, keeps its route while the ingress reaches it, and goes on when its node is back', async () => {
    const { world, node, away, other } = await lostNode(spec());
    expect(world.view((tx) => tx.node(node.id)?.Status)).toBe('down');
    expect(rowOf(world, away).Disconnected).toBeDefined();
    expect(isReached(world, away)).toBe(true);
    await comesBack(world, node);
    expect(rowOf(world, away)).not.toHaveProperty('Disconnected');
    await pass(world, 200_000);
    expect(ids(rows(world))).toEqual(ids([away, other]));
    expect(isReached(world, away)).toBe(true);
  });

  it.each([
    ['keep_original', 'the one that stood in goes'],
    ['keep_replacement', 'it goes'],
  ])('is replaced by a timer; back after that, with %s %s, and a route stays', async (reconcile) => {
    const { world, node, away, other } = await lostNode(spec({ reconcile }));
    await pass(world, 40_000);
    const standIn = wanted(world).find(({ PreviousAllocation }) => PreviousAllocation === away.ID)!;
    expect(ids(wanted(world))).toEqual(ids([away, other, standIn]));
    expect([away, other, standIn].every((alloc) => isReached(world, alloc))).toBe(true);
    await comesBack(world, node);
    const stays = reconcile === 'keep_original' ? away : standIn;
    expect(ids(wanted(world))).toEqual(ids([stays, other]));
    expect(rowOf(world, stays).NextAllocation).toBe('');
    expect(isReached(world, stays)).toBe(true);
  });

  it('is forgotten after lost_after; back after that it stops, and nothing else does', async () => {
    const { world, node, away, other } = await lostNode(spec());
    await pass(world, 130_000);
    expect(rowOf(world, away)).toMatchObject({ ClientStatus: 'lost', DesiredStatus: 'stop' });
    const present = wanted(world);
    expect(present).toHaveLength(2);
    await comesBack(world, node);
    // No ingress says any more that it sends nothing to what was given up: the drain's deadline ends it.
    await pass(world, 60_000);
    expect(ids(wanted(world))).toEqual(ids(present));
    expect(ids(present)).toContain(other.ID);
    expect(node.running()).toEqual([]);
    expect(isReached(world, away)).toBe(false);
  });

  it('without replace is replaced at lost_after and not before, a crash of the server in between', async () => {
    const { world, away } = await lostNode(spec({ replaceAfterSeconds: undefined }));
    await world.crashServer();
    await world.startServer();
    await pass(world, 60_000);
    expect(rows(world)).toHaveLength(2);
    await pass(world, 70_000);
    expect(rowOf(world, away)).toMatchObject({ ClientStatus: 'lost', DesiredStatus: 'stop' });
    expect(wanted(world)).toHaveLength(2);
  });
});
