/** What is kept of the apps and groups of before, and what is forgotten. */
import { expect, it } from 'vitest';
import { newApp } from '../../marathon/fixtures.ts';
import type { AppState, Root } from '../../marathon/root.ts';
import { read, type TestState, testState } from '../fixtures.ts';
import {
  isUnrecorded,
  KEEP_SNAPSHOTS,
  lastChangeIn,
  newestVersion,
  pastStatesOf,
  record,
  recordPresent,
  rootAt,
  versionsOfGroup,
} from './history.ts';

const stamp = (n: number): string => new Date(n).toISOString();

const state = (id: string, n: number, instances = 1): AppState => ({
  app: newApp({ id, cmd: `v${n}`, instances }),
  at: { version: stamp(n), lastScalingAt: stamp(n), lastConfigChangeAt: stamp(n) },
});

const root = (...states: AppState[]): Root => ({
  apps: new Map(states.map((each) => [each.app.id, each])),
  groups: new Map(),
});

async function recorded(...roots: Root[]): Promise<TestState> {
  const world = await testState();
  for (const [at, each] of roots.entries()) await world.state.update((tx) => record(tx, each, stamp(at + 1)));
  return world;
}

/** Every row that the history has in the store. */
const rowsOf = ({ state: of }: TestState): string[] => {
  const keys = new Set<string>();
  of.view((tx) => {
    for (let n = 0; n < 200; n++) {
      for (const key of [`marathon/history/app/${n}`, `marathon/history/${stamp(n)}`]) {
        if (tx.meta(key) !== undefined) keys.add(key);
      }
    }
  });
  return [...keys];
};

it('gives back each version as it was, with what has gone since', async () => {
  const [a, b, a2] = [state('/a', 1), state('/x/b', 1), state('/a', 3)];
  const world = await recorded(root(a, b), root(a), root(a2));
  const at = (n: number) => read(world, (tx) => rootAt(tx, stamp(n)));
  expect([at(1), at(2), at(3), at(4)]).toEqual([root(a, b), root(a), root(a2), undefined]);
  expect(read(world, newestVersion)).toBe(stamp(3));
  expect(read(world, (tx) => pastStatesOf(tx, '/a'))).toEqual([a2, a]);
  expect(read(world, (tx) => pastStatesOf(tx, '/x/b'))).toEqual([b]);
});

it('lists of a group the versions that changed it, where it was there', async () => {
  const [a, b] = [state('/a', 1), state('/x/b', 2)];
  const world = await recorded(root(a), root(a, b), root(state('/a', 3), b), root(state('/a', 3)));
  const listed = (group: string) => read(world, (tx) => versionsOfGroup(tx, group));
  expect(listed('/')).toEqual([4, 3, 2, 1].map(stamp));
  expect(listed('/x')).toEqual([stamp(2)]);
  expect(listed('/a'), 'an app is no group').toEqual([]);
  const last = read(world, lastChangeIn);
  expect([last('/'), last('/x'), last('/y')]).toEqual([stamp(4), stamp(4), undefined]);
});

it('keeps nothing of a change that changed nothing', async () => {
  const a = state('/a', 1);
  const world = await recorded(root(a), root({ ...a }));
  expect(rowsOf(world)).toHaveLength(2);
});

it('notes another count under the same version, as of an app that somebody scaled otherwise', async () => {
  const world = await recorded(root(state('/a', 1)));
  const scaled = root(state('/a', 1, 7));
  expect(read(world, (tx) => isUnrecorded(tx, scaled))).toBe(true);
  await world.state.update((tx) => recordPresent(tx, scaled, 50));
  expect(read(world, newestVersion), 'its own time stamp is taken').toBe(stamp(50));
  expect(read(world, (tx) => rootAt(tx, stamp(50)))).toEqual(scaled);
  await world.state.update((tx) => recordPresent(tx, root(state('/a', 60)), 99));
  expect(read(world, newestVersion), 'the time stamp of what changed').toBe(stamp(60));
});

it('forgets the oldest, and definitions that no version names any more', async () => {
  const [still, gone] = [state('/still', 1), state('/gone', 1)];
  const changes = Array.from({ length: KEEP_SNAPSHOTS + 5 }, (_, at) => root(still, state('/a', at + 1)));
  const world = await recorded(root(still, gone), ...changes);
  expect(read(world, (tx) => rootAt(tx, stamp(1)))).toBeUndefined();
  const listed = read(world, (tx) => versionsOfGroup(tx, '/'));
  expect(listed).toHaveLength(KEEP_SNAPSHOTS);
  for (const version of listed) expect(read(world, (tx) => rootAt(tx, version))?.apps.get('/still')).toEqual(still);
  expect(rowsOf(world), 'snapshots, one app in as many versions, one in one').toHaveLength(2 * KEEP_SNAPSHOTS + 1);
  expect(read(world, (tx) => pastStatesOf(tx, '/gone'))).toEqual([]);
});
