/** Whose drain deadline has passed: what is still in flight to them is cut, in every worker. */
import type { RoutingTable } from '../../model/ingress.ts';
import { serverKey } from '../../model/ingress.ts';
import { HOLD_SERVER, slotOf } from './names.ts';
import type { StatRow } from './worker-state.ts';

interface Deadline {
  readonly untilMs: number;
  readonly ofMs: number;
  /** Every worker was seen to send nothing new there. */
  readonly isApplied: boolean;
}

/** Whoever stops an instance counts from an earlier moment: it has heard of the drain first. */
const NEAR_MS = 2000;

export class Deadlines {
  /** By server key: until when what is in flight may take, and how long that is in all. */
  #untilMs = new Map<string, Deadline>();

  /** A drain begins with the first table that says so; one that is kept has all the time it wants. */
  learn({ Frontends }: RoutingTable, nowMs: number): void {
    const untilMs = new Map<string, Deadline>();
    for (const { Backend } of Frontends.flatMap(({ Routes }) => Routes)) {
      for (const { AllocID, Port, State, IsKept } of Backend.Pools.flatMap(({ Servers }) => Servers)) {
        if (State !== 'draining' || IsKept) continue;
        const key = serverKey(AllocID, Port);
        const ofMs = Backend.DrainDeadlineMs;
        untilMs.set(key, this.#untilMs.get(key) ?? { untilMs: nowMs + ofMs, ofMs, isApplied: false });
      }
    }
    this.#untilMs = untilMs;
  }

  /**
   * What a worker let in before it knew of the drain has the whole deadline too: it may have slept. Whoever stops the
   * instance counts from when it hears of this.
   */
  applied(isAtRest: (key: string) => boolean, nowMs: number): void {
    for (const [key, { ofMs, isApplied }] of this.#untilMs)
      if (!isApplied && isAtRest(key)) this.#untilMs.set(key, { untilMs: nowMs + ofMs, ofMs, isApplied: true });
  }

  /** Whose deadline is so near that nothing may be led to them later; the nearer half of a short one. */
  near(nowMs: number): Set<string> {
    const near = [...this.#untilMs].filter(([, { untilMs, ofMs }]) => nowMs >= untilMs - Math.min(NEAR_MS, ofMs / 2));
    return new Set(near.map(([key]) => key));
  }

  passed(nowMs: number): Set<string> {
    return new Set([...this.#untilMs].filter(([, { untilMs }]) => nowMs >= untilMs).map(([key]) => key));
  }
}

/** Commands for a worker with these rows. */
export function cuts(rows: readonly StatRow[], overdue: ReadonlySet<string>): string[] {
  const busy = rows.filter(({ proxy, name, current }) => current > 0 && name !== HOLD_SERVER && slotOf(proxy));
  return busy
    .filter(({ name }) => overdue.has(name))
    .map(({ proxy, name }) => `shutdown sessions server ${proxy}/${name}`);
}
