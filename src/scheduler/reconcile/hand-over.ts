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

function wait(step: Step, { head }: Slot, count: number): void {
  step.hold({ reason: 'start-first', count });
  const isWatched = head.alloc.DeploymentID !== '' && head.alloc.DeploymentID === step.proof.deploymentId;
  // A deployment has judged long ago what is just back.
  if (!isWatched || step.situation.group?.Disconnect) step.keepLooking();
}

/**
 * The head of the place can take over: it is found healthy, and no check of it fails just now. One of an
 * older version has nothing to prove to the others: they are what an update began that nobody wants any more.
 */
const takesOver = (step: Step, { head, others }: Slot): boolean =>
  head.serving &&
  !isYetToBeReached(step, head) &&
  (isProven(head.alloc, step.proof) || others.every(({ alloc }) => alloc.JobVersion > head.alloc.JobVersion));

/** Its node may have been away: it was found healthy before that, and the ingress has yet to find it again. */
const isYetToBeReached = ({ situation }: Step, { alloc }: Entry): boolean =>
  situation.group?.Disconnect !== undefined && alloc.Traffic?.Ready === false;

/** It neither serves nor ever will again here. */
const isSpare = ({ alloc, fit, class: kind }: Entry): boolean =>
  isClientTerminal(alloc) || (!fit && kind !== 'migrating');

function stop(step: Step, other: Entry): void {
  if (other.serving) step.situation.family.budget.take(0);
  step.forget(other);
  step.draft.desired.Stop++;
  step.draft.stop(other.alloc, step.isCurrent(other) ? StopReasons.migrating : StopReasons.updating);
}
