/**
 * What another count of a group will do, in sentences with the numbers of the scheduler's plan. A scale is no release: a
 * deployment under way goes on with the new target (docs/adr/0023).
 */
import type { DeploymentView } from '../../src/api/views.ts';
import type { AllocMetric } from '../../src/model/allocation.ts';
import type { DesiredUpdates } from '../../src/model/plan.ts';
import { placementReasons } from '../evaluations/placement.ts';
import { counted } from '../kit/words.ts';

export interface ScaleChange {
  readonly from: number;
  readonly to: number;
  /** What the plan says of the group. */
  readonly desired: DesiredUpdates | undefined;
  readonly failed: AllocMetric | undefined;
  /** The job's latest. */
  readonly deployment: Pick<DeploymentView, 'Status' | 'JobVersion'> | undefined;
}

export function scaleEffect(change: ScaleChange): readonly string[] {
  const { Place = 0, Stop = 0, InPlaceUpdate = 0, Ignore = 0, DestructiveUpdate = 0 } = change.desired ?? {};
  const unplaced = change.failed ? change.failed.CoalescedFailures + 1 : 0;
  const going = InPlaceUpdate + Ignore;
  return [
    ...(Place > unplaced ? [`${counted(Place - unplaced, 'instance')} will start.`] : []),
    ...(unplaced > 0 ? [noPlace(unplaced, change.failed!)] : []),
    ...(Stop > 0 ? [stops(Stop)] : []),
    ...(going > 0 ? [`${counted(going, 'instance')} ${going === 1 ? 'goes' : 'go'} on without a restart.`] : []),
    ...(DestructiveUpdate > 0 ? [`${counted(DestructiveUpdate, 'instance')} will be replaced.`] : []),
    ...(change.to === 0 ? ['None is left: nobody answers for its services.'] : []),
    ...(Place > unplaced && change.deployment ? ['A deployment watches until the new ones are healthy.'] : []),
    release(change.deployment),
  ];
}

const stops = (count: number): string =>
  `${counted(count, 'instance')} will stop: ${count === 1 ? 'it gets' : 'they get'} no new requests, ${
    count === 1 ? 'finishes' : 'finish'
  } those in flight, and ${count === 1 ? 'ends' : 'end'}.`;

const noPlace = (count: number, metric: AllocMetric): string =>
  `${counted(count, 'instance')} will find no place, and wait for one: ${placementReasons(metric).join('; ')}.`;

function release(deployment: ScaleChange['deployment']): string {
  const isUnderWay = deployment?.Status === 'running' || deployment?.Status === 'paused';
  return isUnderWay
    ? `A scale is no release: the release of version ${deployment.JobVersion} goes on with the new number, and what is healthy in it stays healthy.`
    : 'A scale is no release: no running instance is replaced.';
}
