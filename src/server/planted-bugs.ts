/**
 * Where the simulation puts a bug on purpose, to prove that its laws can be broken: what the scheduler, or the deployment
 * watcher, is told to look at is bent on the way. A server that runs has none.
 */
import type { ScheduleInput } from '../scheduler/types.ts';
import type { DeploymentSituation } from './deployment-decision.ts';

export interface PlantedBugs {
  readonly scheduling?: (input: ScheduleInput) => ScheduleInput;
  readonly watching?: (situation: DeploymentSituation) => DeploymentSituation;
}
