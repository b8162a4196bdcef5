/** Going back: to which version, in whose words, and as which new version. */
import type { Deployment } from '../model/deployment.ts';
import { type Job, withoutTag } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import { specChanged } from '../model/update-kind.ts';
import type { ReadTx, WriteTx } from '../state/types.ts';
import { carryOn } from './carry-on.ts';

export interface RevertTarget {
  /** The stable version to go back to; absent where there is none, or it is what runs already (that would be a loop). */
  readonly job?: Job;
  /** What the deployment's description says of it. */
  readonly words: string;
}

/** The latest stable version before the deployment's that is more than the job's end. */
export function revertTarget(tx: ReadTx, deployment: Deployment): RevertTarget {
  const versions = tx.jobVersions(deployment.Namespace, deployment.JobID);
  const current = versions.find((version) => version.Version === deployment.JobVersion);
  const stable = versions.find((version) => version.Stable && !version.Stop && version.Version < deployment.JobVersion);
  if (!stable) return { words: ' - no stable job version to auto revert to' };
  if (current && !specChanged(current, stable)) {
    return {
      words: ` - not rolling back to stable job version ${stable.Version} as current job has same specification`,
    };
  }
  return { job: stable, words: ` - rolling back to job version ${stable.Version}` };
}

/** Versions only go up: going back registers the old specification as the newest version. */
export function registerRevert(tx: WriteTx, current: Job, target: Job, nowMs: number): Job {
  const version: Job = {
    ...withoutTag(target),
    Version: current.Version + 1,
    Status: current.Status,
    Stable: false,
    SubmitTime: nanosOf(nowMs),
    JobModifyIndex: tx.index,
  };
  const job: Job = { ...carryOn(tx, current, version, nowMs), RevertOf: target.Version };
  tx.putJob(job);
  return job;
}
