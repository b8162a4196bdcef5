/**
 * What the ingresses have acknowledged about one allocation: pure.
 *
 * An ingress that holds its lease owes its word about every instance. One that missed its lease stays owing a *drain*
 * (it may still be sending requests there) unless the service says `proceed`; it is not waited for before an instance
 * counts as ready, since that would let a dead ingress stop every deployment.
 */
import type { Allocation, AllocTraffic } from '../model/allocation.ts';
import { type IngressServerStatus, serverKey } from '../model/ingress.ts';

/** What the server knows of one ingress. */
export interface IngressWord {
  readonly name: string;
  readonly holdsLease: boolean;
  readonly servers: Readonly<Record<string, IngressServerStatus>>;
}

export interface TrafficSituation {
  readonly alloc: Pick<Allocation, 'ID' | 'DesiredStatus' | 'Traffic'>;
  /** The ports behind which ingresses find it. */
  readonly ports: readonly number[];
  readonly ingresses: readonly IngressWord[];
  /** `drain_policy = proceed`. */
  readonly proceeds: boolean;
  readonly nowMs: number;
}

/** The allocation's traffic figures; the very same object when nothing changed. */
export function decideTraffic(situation: TrafficSituation): AllocTraffic {
  const { alloc, ingresses, proceeds } = situation;
  const present = ingresses.filter((ingress) => ingress.holdsLease);
  const asked = proceeds ? present : ingresses;
  const says = (ingress: IngressWord, ...states: string[]) =>
    situation.ports.every((port) => states.includes(ingress.servers[serverKey(alloc.ID, port)]?.State ?? 'unknown'));
  const stops = alloc.DesiredStatus !== 'run';
  const owing = stops
    ? asked.filter((ingress) => !says(ingress, 'drained'))
    : present.filter((ingress) => !says(ingress, 'ready'));
  const next: Omit<AllocTraffic, 'ChangedMs'> = {
    Ready: present.every((ingress) => says(ingress, 'ready')),
    Applied: asked.every((ingress) => says(ingress, 'draining', 'drained')),
    Drained: asked.every((ingress) => says(ingress, 'drained')),
    Owing: owing.map((ingress) => ingress.name).sort(),
  };
  return alloc.Traffic && isSame(alloc.Traffic, next) ? alloc.Traffic : { ...next, ChangedMs: situation.nowMs };
}

function isSame(a: AllocTraffic, b: Omit<AllocTraffic, 'ChangedMs'>): boolean {
  return a.Ready === b.Ready && a.Applied === b.Applied && a.Drained === b.Drained && a.Owing.join() === b.Owing.join();
}
