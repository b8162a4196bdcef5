/** Evaluations that the scheduler asks for at a later time. */
import type { NewId } from '../../lib/ids.ts';
import type { EvalTrigger, Evaluation } from '../../model/evaluation.ts';
import type { Job } from '../../model/job.ts';
import { nanosOf } from '../../model/nanos.ts';

export interface FollowupRequest {
  readonly evaluation: Evaluation;
  readonly job: Job;
  readonly newId: NewId;
  readonly nowMs: number;
  readonly trigger: EvalTrigger;
  readonly atMs: number;
}

const DESCRIPTIONS: Partial<Record<EvalTrigger, string>> = {
  'alloc-failure': 'created for delayed rescheduling',
  'max-disconnect-timeout': 'created for an instance whose node is lost',
  'rolling-update': 'created for the next batch of a rolling update',
};

export function followup({ evaluation, job, newId, nowMs, trigger, atMs }: FollowupRequest): Evaluation {
  return {
    ID: newId(),
    Namespace: job.Namespace,
    Priority: job.Priority,
    Type: job.Type,
    TriggeredBy: trigger,
    JobID: job.ID,
    JobModifyIndex: job.JobModifyIndex,
    Status: 'pending',
    StatusDescription: DESCRIPTIONS[trigger] ?? '',
    WaitUntilMs: Math.ceil(atMs),
    PreviousEval: evaluation.ID,
    CreateIndex: 0,
    ModifyIndex: 0,
    CreateTime: nanosOf(nowMs),
    ModifyTime: nanosOf(nowMs),
  };
}
