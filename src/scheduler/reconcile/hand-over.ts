/** Predecessors go once their successor is proven, and those that nobody needs go at once. */
import { isClientTerminal } from '../../model/allocation.ts';
import { StopReasons } from './decision.ts';
import { isProven } from './serving.ts';
import type { Entry, Slot } from './slots.ts';
import type { Step } from './step.ts';

export function handOver(step: Step): void {
  for (const slot of step.kept) {
    const others = slot.others.filter(({ class: kind }) => kind !== 'lost' && kind !== 'inactive');
    const needed = takesOver(step, slot) ? [] : others.filter((other) => !isSpare(other));
    for (const other of others) if (!needed.includes(other)) stop(step, other);
    if (needed.length > 0) wait(step, slot, needed.length);
  }
}

function wait(step: Step, slot: Slot, count: number): void {
  const { head } = slot;
  step.hold({ reason: 'start-first', count });
  const isWatched = head.alloc.DeploymentID !== '' && head.alloc.DeploymentID === step.proof.deploymentId;
  // A deployment has judged long ago what is just back.
  if (!isWatched || isBack(step, slot)) step.keepLooking();
}

/**
 * The head of the place can take over: it is found healthy, and no check of it fails just now. One of an
 * older version has nothing to prove to the others: they are what an update began that nobody wants any more.
 */
function takesOver(step: Step, slot: Slot): boolean {
  const { head, others } = slot;
  if (!head.serving) return false;
  // It was found healthy before its node was lost, and the ingress has yet to find it again.
  if (isBack(step, slot) && head.alloc.Traffic?.Ready === false) return false;
  return isProven(head.alloc, step.proof) || others.every(({ alloc }) => alloc.JobVersion > head.alloc.JobVersion);
}

/** Its node was lost, and beside it is who stood in. */
const isBack = ({ situation }: Step, { head: { alloc }, others }: Slot): boolean =>
  situation.group?.Disconnect !== undefined &&
  others.some((other) => other.alloc.PreviousAllocation === alloc.ID && other.alloc.JobVersion === alloc.JobVersion);

/** It neither serves nor ever will again here. */
const isSpare = ({ alloc, fit, class: kind }: Entry): boolean =>
  isClientTerminal(alloc) || (!fit && kind !== 'migrating');

function stop(step: Step, other: Entry): void {
  if (other.serving) step.situation.family.budget.take(0);
  step.forget(other);
  step.draft.desired.Stop++;
  step.draft.stop(other.alloc, step.isCurrent(other) ? StopReasons.migrating : StopReasons.updating);
}
