/** What the current worker holds, in the words of the planner. */
import { rowsBySlot } from './difference.ts';
import { slotOf } from './names.ts';
import type { SlotContent } from './slots.ts';
import type { Present } from './wanted.ts';
import { isResting, isUnjudged, isUp, type StatRow } from './worker-state.ts';

export function presentOf(
  rows: readonly StatRow[],
  before: Present['before'],
  overdue: Present['overdue'] = new Set(),
): Present {
  const slots = new Map<string, Map<number, SlotContent>>();
  const checking = new Set<string>();
  for (const [name, servers] of rowsBySlot(rows)) {
    const { service, slot } = slotOf(name)!;
    const content = new Map([...servers].map(([key, row]) => [key, !isResting(row)]));
    slots.set(service, (slots.get(service) ?? new Map()).set(slot, content));
    if ([...servers.values()].some(isUnjudged)) checking.add(service);
  }
  return { slots, before, checking, overdue };
}

/** Servers that the worker sends requests to, in whatever slot. */
export function healthyKeys(rows: readonly StatRow[]): Set<string> {
  return new Set(
    [...rowsBySlot(rows).values()].flatMap((servers) => [...servers.values()].filter(isUp).map(({ name }) => name)),
  );
}
