/**
 * Which slot of a service holds which pool. Slots are HAProxy backends that stand there before anybody needs them, since
 * a backend can only come with a reload. A pool keeps the slot where its instances are already: promoting a second set
 * is then a change of one map entry, and no instance is added or checked anew.
 */
import type { Pool } from '../../model/ingress.ts';
import { serverKey } from '../../model/ingress.ts';

/** One for what users have, one for what comes next. */
export const LEAST_SLOTS = 2;

/** What a slot holds now: server key → whether it may get requests there. */
export type SlotContent = ReadonlyMap<string, boolean>;

export const poolKey = ({ Name, Group }: Pick<Pool, 'Name' | 'Group'>): string => `${Name} ${Group ?? ''}`;

/**
 * By pool key, from 1. `before`: the answer of the last time, which decides where nothing else does.
 *
 * | slot 1 holds | slot 2 holds | stable ready | canary ready | stable | canary |
 * |--------------|--------------|--------------|--------------|--------|--------|
 * | a, b         |              | a, b         | c            | 1      | 2      |
 * | a, b         | c, d         | c, d         | none         | 2      |        |
 * | a, b, c      | d            | a, b, c, d   | none         | 1      |        |
 */
export function assignSlots(
  pools: readonly Pool[],
  slots: ReadonlyMap<number, SlotContent>,
  before: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
  const count = Math.max(LEAST_SLOTS, pools.length, ...slots.keys());
  const claims = pools.flatMap((pool, at) =>
    Array.from({ length: count }, (_, index) => {
      const slot = index + 1;
      const isBefore = before.get(poolKey(pool)) === slot;
      return { key: poolKey(pool), at, slot, score: overlap(pool, slots.get(slot)) + (isBefore ? 0.25 : 0) };
    }),
  );
  claims.sort((a, b) => b.score - a.score || a.at - b.at || a.slot - b.slot);
  const assigned = new Map<string, number>();
  const taken = new Set<number>();
  for (const { key, slot } of claims) {
    if (assigned.has(key) || taken.has(slot)) continue;
    assigned.set(key, slot);
    taken.add(slot);
  }
  return assigned;
}

/** A server that rests there counts half: it need not be added, but somebody else may serve there. */
function overlap(pool: Pool, content: SlotContent | undefined): number {
  let sum = 0;
  for (const { AllocID, Port, State } of pool.Servers) {
    const mayServe = content?.get(serverKey(AllocID, Port));
    if (State === 'ready' && mayServe !== undefined) sum += mayServe ? 1 : 0.5;
  }
  return sum;
}
