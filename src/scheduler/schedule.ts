/**
 * The scheduler: from what is and what is wanted to a plan. Pure; the same input makes the same plan.
 *
 *   reconcile ─▶ what stops, what runs on, what wants a node ─▶ place, one by one ─▶ plan
 */
import { assemble } from './assemble.ts';
import { Outcome, release } from './outcome.ts';
import { Placer } from './place/placer.ts';
import { reconcile } from './reconcile/reconcile.ts';
import type { Plan, ScheduleInput } from './types.ts';

/** Runs to the end. */
export function schedule(input: ScheduleInput): Plan {
  const slices = scheduleInSlices(input);
  for (let slice = slices.next(); ; slice = slices.next()) if (slice.done) return slice.value;
}

/** Placements between two yields: about a millisecond of work. */
const SLICE = 64;

/** Yields between slices of work, so that a server's loop can breathe. Slicing changes nothing but the time. */
export function* scheduleInSlices(input: ScheduleInput): Generator<void, Plan> {
  const placer = new Placer(input);
  const reconciled = yield* reconcile(input, (alloc, job, group) => placer.fits(alloc, job, group));
  placer.without(new Set(reconciled.groups.flatMap((group) => group.stops.map((stop) => stop.alloc))));
  yield;
  const outcome = new Outcome();
  let sinceYield = 0;
  for (const { group, requests } of reconciled.groups) {
    outcome.begin(group);
    for (const request of requests) {
      outcome.note(request, placer.place(request));
      if (++sinceYield % SLICE === 0) yield;
    }
  }
  release(input, reconciled, outcome);
  return assemble(input, reconciled, outcome, placer);
}
