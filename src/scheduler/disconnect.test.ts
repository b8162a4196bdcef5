/** What becomes of instances whose node is lost, in a group that says `disconnect`. */
import { describe, expect, it } from 'vitest';
import type { DisconnectStrategy } from '../model/disconnect.ts';
import { MINUTE } from '../model/nanos.ts';
import { World } from './fixture-world.ts';
import { NOW_MS, newGroup, newJob, newNodes, newTask } from './fixtures.ts';

const MINUTE_MS = 60_000;
const strategy = (fields: Partial<DisconnectStrategy> = {}): DisconnectStrategy => ({
  LostAfter: 10 * MINUTE,
  Replace: true,
  ReplaceAfter: 5 * MINUTE,
  Reconcile: 'keep_original',
  ...fields,
});

const jobOf = (Disconnect: DisconnectStrategy | undefined, count = 3) =>
  newJob({ TaskGroups: [newGroup({ Count: count, ...(Disconnect && { Disconnect }) })] });

/** A world whose instances run and are healthy, and the one whose node is lost now. */
function lostWorld(Disconnect: DisconnectStrategy | null = strategy()) {
  const world = new World(newNodes(4));
  world.submit(jobOf(Disconnect ?? undefined));
  for (let round = 0; round < 4; round++) {
    world.step('deployment-watcher');
    world.settle();
    world.watch();
  }
  const [gone] = world.wanted();
  const node = world.nodes.findIndex(({ ID }) => ID === gone!.NodeID);
  const onNode = world.wanted().filter(({ NodeID }) => NodeID === gone!.NodeID);
  world.timers = [];
  lose(world, node);
  return { world, node, gone: onNode };
}

function lose(world: World, node: number): void {
  world.setNode(node, { Status: 'down', StatusUpdatedAt: Math.floor(world.nowMs / 1000) });
}

function comesBack(world: World, node: number): void {
  world.setNode(node, { Status: 'ready', StatusUpdatedAt: Math.floor(world.nowMs / 1000) });
}

const ids = (rows: readonly { ID: string }[]): string[] => rows.map(({ ID }) => ID).sort();

/** The evaluations that a returned instance takes until nothing changes any more. */
function settleReturn(world: World): string[] {
  const stopped: string[] = [];
  for (let round = 0; round < 3; round++) {
    world.nowMs += 15_000;
    stopped.push(...world.step(round === 0 ? 'node-update' : 'rolling-update').stops.map(({ alloc }) => alloc.ID));
    world.settle();
  }
  return stopped;
}

describe('an instance whose node is lost', () => {
  it('is given up and replaced at once where its group says nothing', () => {
    const { world, gone } = lostWorld(null);
    const plan = world.step('node-update');
    expect(plan.stops.map(({ clientStatus }) => clientStatus)).toEqual(gone.map(() => 'lost'));
    expect(plan.placements).toHaveLength(gone.length);
  });

  it('is waited for: its row says until when, and a timer stands for each moment', () => {
    const { world, gone } = lostWorld();
    const plan = world.step('node-update');
    expect([plan.stops, plan.placements]).toEqual([[], []]);
    const SinceMs = Math.floor(NOW_MS / 1000) * 1000;
    const times = { SinceMs, ReplaceAtMs: SinceMs + 5 * MINUTE_MS, LostAtMs: SinceMs + 10 * MINUTE_MS };
    expect(plan.disconnected).toMatchObject(gone.map(({ ID }) => ({ ID, Disconnected: times })));
    expect(plan.followups.map(({ TriggeredBy, WaitUntilMs }) => [TriggeredBy, WaitUntilMs])).toEqual([
      ['max-disconnect-timeout', times.ReplaceAtMs],
      ['max-disconnect-timeout', times.LostAtMs],
    ]);
    expect(world.step('node-update')).toMatchObject({ stops: [], placements: [], disconnected: [], followups: [] });
  });

  it('goes on where its node is back before anything took its place', () => {
    const { world, node, gone } = lostWorld();
    world.step('node-update');
    world.nowMs += 4 * MINUTE_MS;
    comesBack(world, node);
    const plan = world.step('node-update');
    expect(ids(plan.disconnected!)).toEqual(ids(gone));
    expect(settleReturn(world)).toEqual([]);
    expect(world.wanted().filter(({ Disconnected }) => Disconnected)).toEqual([]);
    world.nowMs += 10 * MINUTE_MS;
    expect(world.step('max-disconnect-timeout')).toMatchObject({ stops: [], placements: [] });
  });

  it('is replaced when its time has come, once, and keeps its row', () => {
    const { world, gone } = lostWorld();
    world.step('node-update');
    world.nowMs += 5 * MINUTE_MS;
    const plan = world.step('max-disconnect-timeout');
    expect(plan.stops).toEqual([]);
    expect(plan.placements.map(({ Name, PreviousAllocation }) => [Name, PreviousAllocation])).toEqual(
      gone.map(({ Name, ID }) => [Name, ID]),
    );
    world.settle();
    expect(world.step('node-update')).toMatchObject({ stops: [], placements: [] });
    expect(world.wanted()).toHaveLength(3 + gone.length);
  });

  it('is forgotten after its time: lost, with nothing placed beside who stands in for it', () => {
    const { world, gone } = lostWorld();
    world.step('node-update');
    world.nowMs += 5 * MINUTE_MS;
    world.step('max-disconnect-timeout');
    world.settle();
    world.nowMs += 5 * MINUTE_MS;
    const plan = world.step('max-disconnect-timeout');
    expect(plan.stops.map(({ alloc, clientStatus }) => [alloc.ID, clientStatus])).toEqual(
      gone.map(({ ID }) => [ID, 'lost']),
    );
    expect(plan.placements).toEqual([]);
    expect(world.wanted()).toHaveLength(3);
  });

  it.each([
    ['keep_original', 'the one that stood in'],
    ['keep_replacement', 'the one that was away'],
  ] as const)('that is back too late: with %s %s goes', (Reconcile, who) => {
    const { world, node, gone } = lostWorld(strategy({ Reconcile }));
    world.step('node-update');
    world.nowMs += 5 * MINUTE_MS;
    const standIns = world.step('max-disconnect-timeout').placements;
    world.settle();
    world.nowMs += MINUTE_MS;
    comesBack(world, node);
    const leaving = who === 'the one that was away' ? gone : standIns;
    expect(settleReturn(world).sort()).toEqual(ids(leaving));
    expect(world.wanted()).toHaveLength(3);
  });

  it('that is back goes on only once its node has said how it is', () => {
    const { world, node } = lostWorld();
    world.step('node-update');
    world.nowMs += 5 * MINUTE_MS;
    world.step('max-disconnect-timeout');
    world.settle();
    world.nowMs += MINUTE_MS;
    comesBack(world, node);
    const plan = world.step('node-update');
    expect(plan.stops).toEqual([]);
    expect(plan.followups.map(({ TriggeredBy }) => TriggeredBy)).toEqual(['rolling-update']);
  });

  it('that is back is waited for until the ingress finds it again: who stood in goes then', () => {
    const { world, node, gone } = lostWorld();
    world.step('node-update');
    world.nowMs += 5 * MINUTE_MS;
    const standIns = world.step('max-disconnect-timeout').placements;
    world.settle();
    const found = (Ready: boolean) => ({ Ready, Applied: false, Drained: false, Owing: [], ChangedMs: world.nowMs });
    for (const { ID } of gone) world.change(ID, { Traffic: found(false) });
    comesBack(world, node);
    expect(settleReturn(world)).toEqual([]);
    expect(world.timers.at(-1)?.TriggeredBy).toBe('rolling-update');
    for (const { ID } of gone) world.change(ID, { Traffic: found(true) });
    expect(ids(world.step('rolling-update').stops.map(({ alloc }) => alloc))).toEqual(ids(standIns));
  });

  it('that failed while it was away leaves its place to who stood in', () => {
    const { world, node, gone } = lostWorld();
    world.step('node-update');
    world.nowMs += 5 * MINUTE_MS;
    world.step('max-disconnect-timeout');
    world.settle();
    comesBack(world, node);
    for (const { ID } of gone) world.change(ID, { ClientStatus: 'failed' });
    expect(settleReturn(world).sort()).toEqual(ids(gone));
    expect(world.wanted()).toHaveLength(3);
  });

  it('is waited for for ever where it is not to be replaced', () => {
    const { world } = lostWorld(strategy({ LostAfter: null, Replace: false }));
    expect(world.step('node-update').followups).toEqual([]);
    world.nowMs += 10_000 * MINUTE_MS;
    expect(world.step('node-update')).toMatchObject({ stops: [], placements: [] });
  });

  it('with replace = false is lost and replaced after lost_after', () => {
    const { world, gone } = lostWorld(strategy({ Replace: false }));
    world.step('node-update');
    world.nowMs += 10 * MINUTE_MS;
    const plan = world.step('max-disconnect-timeout');
    expect(ids(plan.stops.map(({ alloc }) => alloc))).toEqual(ids(gone));
    expect(plan.placements).toHaveLength(gone.length);
  });

  it('is waited for anew when it is lost again', () => {
    const { world, node } = lostWorld();
    world.step('node-update');
    world.nowMs += MINUTE_MS;
    comesBack(world, node);
    world.nowMs += MINUTE_MS;
    lose(world, node);
    const plan = world.step('node-update');
    expect(plan.followups.map(({ WaitUntilMs }) => (WaitUntilMs! - world.nowMs) / MINUTE_MS)).toEqual([5, 10]);
  });

  it('is given up at once where it never ran, or a person stops it', () => {
    for (const fields of [
      { ClientStatus: 'pending' as const },
      { DesiredTransition: { Migrate: true, Reschedule: null, ForceReschedule: null } },
    ]) {
      const { world, gone } = lostWorld();
      for (const { ID } of gone) world.change(ID, fields);
      const plan = world.step('node-update');
      expect(plan.stops.map(({ clientStatus }) => clientStatus)).toEqual(gone.map(() => 'lost'));
    }
  });

  it('goes first when the count is lowered, and is lost then', () => {
    const { world, gone } = lostWorld();
    world.step('node-update');
    world.submit(jobOf(strategy(), 3 - gone.length));
    const { stops, placements } = world.step();
    expect(stops.map(({ alloc, clientStatus }) => [alloc.ID, clientStatus])).toEqual(
      gone.map(({ ID }) => [ID, 'lost']),
    );
    expect(placements).toEqual([]);
  });

  it('of an app that may have no more than its count makes room for the next version in the same step', () => {
    const Marathon = { App: {}, Version: '', LastScalingAt: '', LastConfigChangeAt: '' };
    const Disconnect = strategy();
    const app = (env: string) => ({
      ...newJob({ TaskGroups: [newGroup({ Count: 1, Disconnect, Tasks: [newTask({ Env: { env } })] })] }),
      Marathon,
    });
    const world = new World(newNodes(2));
    world.submit(app('a'));
    world.step();
    world.settle();
    const [gone] = world.wanted();
    lose(
      world,
      world.nodes.findIndex(({ ID }) => ID === gone!.NodeID),
    );
    world.step('node-update');
    world.submit(app('b'));
    const plan = world.step();
    expect(plan.stops.map(({ alloc, clientStatus }) => [alloc.ID, clientStatus])).toEqual([[gone!.ID, 'lost']]);
    expect(plan.placements).toHaveLength(1);
  });

  it('is lost when its job stops', () => {
    const { world, gone } = lostWorld();
    world.step('node-update');
    world.submit({ ...jobOf(strategy()), Stop: true });
    const lost = world.step().stops.filter(({ clientStatus }) => clientStatus === 'lost');
    expect(ids(lost.map(({ alloc }) => alloc))).toEqual(ids(gone));
  });
});
