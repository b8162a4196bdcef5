/**
 * The places of a group, by name. Most places hold one instance; while one takes over from another they hold two, and
 * the head is the one that the place is about.
 */
import { type Allocation, allocIndex } from '../../model/allocation.ts';
import type { AllocClass } from './classify.ts';

export interface Entry {
  readonly alloc: Allocation;
  readonly class: AllocClass;
  /** It serves on the whole, whatever a check says of it just now. */
  readonly fit: boolean;
  /** It takes requests now, as far as the server knows. */
  readonly serving: boolean;
}

export interface Slot {
  readonly name: string;
  readonly index: number;
  readonly head: Entry;
  /** Predecessors that have not been told to stop. */
  readonly others: readonly Entry[];
}

/** Placed beside an instance of its name, and not promoted. */
export const isCanary = ({ alloc }: Entry): boolean => alloc.DeploymentStatus?.Canary === true;

const HOLDS_A_PLACE: Readonly<Record<AllocClass, boolean>> = {
  ended: false,
  leaving: false,
  'gone-leaving': false,
  complete: true,
  retry: true,
  delayed: true,
  failed: true,
  unknown: true,
  inactive: true,
  lost: true,
  migrating: true,
  live: true,
};

/** What ranks the instances of a place. */
export interface SlotRules {
  readonly isCurrent: (entry: Entry) => boolean;
  /** It runs the wanted specification already, under an older version. */
  readonly stays: (entry: Entry) => boolean;
  /** Of an instance that is back and the one that took its place: which comes first; 0: they are no such two. */
  readonly prefers: (a: Entry, b: Entry) => number;
}

export function buildSlots(entries: readonly Entry[], rules: SlotRules): Slot[] {
  const byName = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (!HOLDS_A_PLACE[entry.class]) continue;
    const there = byName.get(entry.alloc.Name);
    if (there) there.push(entry);
    else byName.set(entry.alloc.Name, [entry]);
  }
  const slots = [...byName].map(([name, held]) => newSlot(name, held, rules));
  return slots.sort((a, b) => a.index - b.index);
}

function newSlot(name: string, held: readonly Entry[], rules: SlotRules): Slot {
  const index = allocIndex(name);
  if (held.length === 1) return { name, index, head: held[0]!, others: [] };
  const ranks = new Map(held.map((entry) => [entry, rank(entry, rules)]));
  const ranked = [...held].sort((a, b) => ranks.get(b)! - ranks.get(a)! || rules.prefers(a, b) || age(a, b));
  return { name, index, head: ranked[0]!, others: ranked.slice(1) };
}

/**
 * Who the place is about: the current version before older ones (it is the one that takes over, even while it only
 * starts), and among the others whoever runs what is wanted anyway, then whoever serves before whoever never did.
 */
const RANKS: readonly ((entry: Entry, rules: SlotRules) => boolean)[] = [
  (entry, { isCurrent }) => entry.class === 'live' && isCurrent(entry),
  (entry, { isCurrent }) =>
    entry.class !== 'inactive' && entry.class !== 'lost' && entry.class !== 'migrating' && isCurrent(entry),
  (entry, { stays }) => entry.fit && entry.class === 'live' && stays(entry),
  (entry) => entry.fit && entry.class === 'live',
  (entry) => entry.fit,
  (entry) => entry.class === 'live' || entry.class === 'migrating',
  (entry) => entry.class !== 'inactive' && entry.class !== 'lost',
  (entry) => entry.class !== 'lost',
];

function rank(entry: Entry, rules: SlotRules): number {
  const at = RANKS.findIndex((rule) => rule(entry, rules));
  return at === -1 ? 0 : RANKS.length - at;
}

/** The newer one first. */
function age(a: Entry, b: Entry): number {
  return (
    b.alloc.JobVersion - a.alloc.JobVersion ||
    b.alloc.CreateIndex - a.alloc.CreateIndex ||
    b.alloc.CreateTime - a.alloc.CreateTime ||
    (a.alloc.ID < b.alloc.ID ? -1 : 1)
  );
}

/** Somebody in the place serves: while one takes over from another, either may be it. */
const isServingPlace = ({ head, others }: Slot): boolean => head.serving || others.some((other) => other.serving);

/** Which of equals goes: by their age where somebody has said so, else the highest index. */
export type KillOrder = 'youngest' | 'oldest' | 'index';

/**
 * Which places go when there are more than wanted: those that must leave their node anyway, then those in which nobody
 * serves, older versions next, and then by the order.
 */
export function chooseSurplus(
  slots: readonly Slot[],
  count: number,
  order: KillOrder = 'index',
): { kept: Slot[]; surplus: Slot[] } {
  if (slots.length <= count) return { kept: [...slots], surplus: [] };
  const leaving = [...slots].sort(
    (a, b) =>
      Number(b.head.class === 'migrating') - Number(a.head.class === 'migrating') ||
      Number(isServingPlace(a)) - Number(isServingPlace(b)) ||
      a.head.alloc.JobVersion - b.head.alloc.JobVersion ||
      byAge(a, b, order) ||
      b.index - a.index,
  );
  const surplus = leaving.slice(0, slots.length - count);
  const gone = new Set(surplus);
  return { kept: slots.filter((slot) => !gone.has(slot)), surplus };
}

function byAge(a: Slot, b: Slot, order: KillOrder): number {
  if (order === 'index') return 0;
  const younger = b.head.alloc.CreateTime - a.head.alloc.CreateTime;
  return order === 'youngest' ? younger : -younger;
}
