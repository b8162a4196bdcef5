/** An evaluation as the wire has it: what is empty is left out, and our milliseconds become a time stamp. */
import type { Evaluation } from './evaluation.ts';
import { timestampOf } from './nanos.ts';

export function evaluationView(evaluation: Evaluation): object {
  const view = {
    ID: evaluation.ID,
    Namespace: evaluation.Namespace,
    Priority: evaluation.Priority,
    Type: evaluation.Type,
    TriggeredBy: evaluation.TriggeredBy,
    JobID: evaluation.JobID,
    JobModifyIndex: evaluation.JobModifyIndex,
    NodeID: evaluation.NodeID,
    NodeModifyIndex: evaluation.NodeModifyIndex,
    DeploymentID: evaluation.DeploymentID,
    Status: evaluation.Status,
    StatusDescription: evaluation.StatusDescription,
    WaitUntil: evaluation.WaitUntilMs ? timestampOf(evaluation.WaitUntilMs) : undefined,
    NextEval: evaluation.NextEval,
    PreviousEval: evaluation.PreviousEval,
    BlockedEval: evaluation.BlockedEval,
    FailedTGAllocs: evaluation.FailedTGAllocs,
    ClassEligibility: evaluation.ClassEligibility,
    EscapedComputedClass: evaluation.EscapedComputedClass,
    QueuedAllocations: evaluation.QueuedAllocations,
    SnapshotIndex: evaluation.SnapshotIndex,
    CreateIndex: evaluation.CreateIndex,
    ModifyIndex: evaluation.ModifyIndex,
    CreateTime: evaluation.CreateTime,
    ModifyTime: evaluation.ModifyTime,
  };
  return Object.fromEntries(Object.entries(view).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === '' || value === 0 || value === false;
}
