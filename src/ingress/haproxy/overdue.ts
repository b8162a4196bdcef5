/** Whose drain deadline has passed: what is still in flight to them is cut, in every worker. */
import type { RoutingTable } from '../../model/ingress.ts';
import { serverKey } from '../../model/ingress.ts';
import { HOLD_SERVER, slotOf } from './names.ts';
import type { StatRow } from './worker-state.ts';

export class Deadlines {
  /** By server key: until when what is in flight may take. */
  #untilMs = new Map<string, number>();

  /** A drain begins with the first table that says so; one that is kept has all the time it wants. */
  learn({ Frontends }: RoutingTable, nowMs: number): void {
    const untilMs = new Map<string, number>();
    for (const { Backend } of Frontends.flatMap(({ Routes }) => Routes)) {
      for (const { AllocID, Port, State, IsKept } of Backend.Pools.flatMap(({ Servers }) => Servers)) {
        if (State !== 'draining' || IsKept) continue;
        const key = serverKey(AllocID, Port);
        untilMs.set(key, this.#untilMs.get(key) ?? nowMs + Backend.DrainDeadlineMs);
      }
    }
    this.#untilMs = untilMs;
  }

  passed(nowMs: number): Set<string> {
    return new Set([...this.#untilMs].filter(([, untilMs]) => nowMs >= untilMs).map(([key]) => key));
  }
}

/** Commands for a worker with these rows. */
export function cuts(rows: readonly StatRow[], overdue: ReadonlySet<string>): string[] {
  const busy = rows.filter(({ proxy, name, current }) => current > 0 && name !== HOLD_SERVER && slotOf(proxy));
  return busy
    .filter(({ name }) => overdue.has(name))
    .map(({ proxy, name }) => `shutdown sessions server ${proxy}/${name}`);
}
