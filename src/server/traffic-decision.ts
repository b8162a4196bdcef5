/**
 * What the ingresses have acknowledged about one allocation: pure.
 *
 * An ingress that holds its lease owes its word about every instance. One that missed its lease stays owing a *drain*
 * (it may still be sending requests there) unless the service says `proceed`. Before an instance counts as ready it is
 * waited for only where no other ingress is there to judge: one that is dead beside others stops no deployment, and
 * none goes on blindly behind the only one. `proceed` goes on.
 */
import { type Allocation, type AllocTraffic, isDesiredTerminal } from '../model/allocation.ts';
import { type IngressServerStatus, serverKey } from '../model/ingress.ts';

/** What the server knows of one ingress. */
export interface IngressWord {
  readonly name: string;
  readonly holdsLease: boolean;
  /** Of the routing table that it spoke of. */
  readonly appliedIndex: number;
  readonly servers: Readonly<Record<string, IngressServerStatus>>;
}

export interface TrafficSituation {
  readonly alloc: Pick<Allocation, 'ID' | 'DesiredStatus' | 'Traffic'>;
  /** The ports behind which ingresses find it. */
  readonly ports: readonly number[];
  readonly ingresses: readonly IngressWord[];
  /** `drain_policy = proceed`. */
  readonly proceeds: boolean;
  /** What ingresses say of older tables than this is said of an instance that may have served since: no drain. */
  readonly drainIndex: number;
  readonly nowMs: number;
}

/** The allocation's traffic figures; the very same object when nothing changed. */
export function decideTraffic(situation: TrafficSituation): AllocTraffic {
  const { alloc, ingresses, proceeds, drainIndex } = situation;
  const present = ingresses.filter((ingress) => ingress.holdsLease);
  const asked = proceeds ? present : ingresses;
  const says = (ingress: IngressWord, ...states: string[]) =>
    situation.ports.every((port) => states.includes(ingress.servers[serverKey(alloc.ID, port)]?.State ?? 'unknown'));
  const leaves = (ingress: IngressWord, ...states: string[]) =>
    ingress.appliedIndex >= drainIndex && says(ingress, ...states);
  const stops = isDesiredTerminal(alloc);
  // Where nobody is there to say that it takes requests, what was said last stands.
  const judges = present.length > 0 ? present : asked;
  const owing = stops
    ? asked.filter((ingress) => !leaves(ingress, 'drained'))
    : judges.filter((ingress) => !says(ingress, 'ready'));
  const wasReady = alloc.Traffic?.Ready === true && present.length === 0;
  const next: Omit<AllocTraffic, 'ChangedMs'> = {
    Ready: wasReady || judges.every((ingress) => says(ingress, 'ready')),
    Applied: asked.every((ingress) => leaves(ingress, 'draining', 'drained')),
    Drained: asked.every((ingress) => leaves(ingress, 'drained')),
    Owing: owing.map((ingress) => ingress.name).sort(),
  };
  return alloc.Traffic && isSame(alloc.Traffic, next) ? alloc.Traffic : { ...next, ChangedMs: situation.nowMs };
}

/**
 * The figures of an allocation from the transaction on that makes it stop. One that rested (an old colour, a set that is
 * not used) was drained already, and may have been told to serve again a moment ago: its node must not take the old
 * word for the new one, or it kills what is in flight.
 */
export const trafficOfStopped = ({ Traffic }: Pick<Allocation, 'Traffic'>): Pick<Allocation, 'Traffic'> =>
  Traffic?.Applied === true || Traffic?.Drained === true
    ? { Traffic: { ...Traffic, Applied: false, Drained: false } }
    : {};

function isSame(a: AllocTraffic, b: Omit<AllocTraffic, 'ChangedMs'>): boolean {
  return a.Ready === b.Ready && a.Applied === b.Applied && a.Drained === b.Drained && a.Owing.join() === b.Owing.join();
}
