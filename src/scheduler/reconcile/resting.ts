/**
 * The old set of a promoted blue/green: it gets no requests any more, and is kept running for as long as `keep_warm`
 * says, so that a revert finds it there. It holds no place of the group; when its specification comes back it does again.
 */
import type { Allocation } from '../../model/allocation.ts';
import { StopReasons } from './decision.ts';
import type { Entry } from './slots.ts';
import type { Step } from './step.ts';

export const isResting = (alloc: Allocation, stays: (alloc: Allocation) => boolean): boolean =>
  alloc.RestsUntilMs !== undefined && alloc.DesiredStatus === 'run' && !stays(alloc);

/**
 * Lets those go whose time is over, whose node wants them gone, or that nobody will come back to: a newer version than
 * their successor has begun, or nothing is wanted any more.
 */
export function stopRested(step: Step, resting: readonly Entry[]): void {
  const { nowMs, group } = step.situation;
  const isBuried = step.isReplacing || (group?.Count ?? 0) === 0;
  for (const { alloc, class: kind } of resting) {
    if (kind === 'lost') continue;
    if (kind === 'live' && !isBuried && (alloc.RestsUntilMs ?? 0) > nowMs) {
      step.draft.desired.Ignore++;
    } else {
      step.draft.desired.Stop++;
      step.draft.stop(alloc, StopReasons.updating);
    }
  }
}
