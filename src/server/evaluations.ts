/** Makes evaluations. An evaluation asks "bring this job in line"; who asks and why is all that differs. */
import type { NewId } from '../lib/ids.ts';
import type { EvalTrigger, Evaluation } from '../model/evaluation.ts';
import type { Job } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';

export interface EvaluationRequest {
  readonly trigger: EvalTrigger;
  readonly nowMs: number;
  readonly newId: NewId;
  readonly deploymentId?: string;
  readonly nodeId?: string;
  readonly previousEval?: string;
  /** Not before this time, milliseconds since the epoch. */
  readonly waitUntilMs?: number;
}

/** A pending evaluation of a job. */
export function newEvaluation(job: EvaluatedJob, request: EvaluationRequest): Evaluation {
  return {
    ID: request.newId(),
    Namespace: job.Namespace,
    Priority: job.Priority,
    Type: job.Type,
    TriggeredBy: request.trigger,
    JobID: job.ID,
    JobModifyIndex: job.JobModifyIndex,
    Status: 'pending',
    CreateIndex: 0,
    ModifyIndex: 0,
    CreateTime: nanosOf(request.nowMs),
    ModifyTime: nanosOf(request.nowMs),
    ...(request.deploymentId !== undefined && { DeploymentID: request.deploymentId }),
    ...(request.nodeId !== undefined && { NodeID: request.nodeId }),
    ...(request.previousEval !== undefined && { PreviousEval: request.previousEval }),
    ...(request.waitUntilMs !== undefined && { WaitUntilMs: request.waitUntilMs }),
  };
}

export type EvaluatedJob = Pick<Job, 'ID' | 'Namespace' | 'Priority' | 'Type' | 'JobModifyIndex'>;

/** The key under which one job's evaluations wait for each other. */
export const jobKey = (of: { readonly Namespace: string; readonly JobID: string }): string =>
  `${of.Namespace}/${of.JobID}`;
