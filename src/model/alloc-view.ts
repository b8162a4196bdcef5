/**
 * An allocation as the wire has it: the lean row, its job and its node put together at the edge. Fields that the wire
 * leaves out when they are empty are left out here; ours (Services, Traffic) appear when there is something to say.
 */
import { allocResources } from './alloc-resources-view.ts';
import { type Allocation, EMPTY_METRIC } from './allocation.ts';
import type { Job } from './job.ts';
import type { Node } from './node.ts';
import { taskStatesView } from './task-state-view.ts';

const NO_TRANSITION = { Migrate: null, Reschedule: null, ForceReschedule: null };

/** The whole allocation, as `/v1/allocation/:id` answers it. `job` is the version that the row runs. */
export function allocView(row: Allocation, job: Job | undefined, node?: Pick<Node, 'NodeResources'>): object {
  return {
    ID: row.ID,
    Namespace: row.Namespace,
    EvalID: row.EvalID,
    Name: row.Name,
    NodeID: row.NodeID,
    NodeName: row.NodeName,
    JobID: row.JobID,
    Job: job ?? null,
    TaskGroup: row.TaskGroup,
    ...(allocResources(row, job, node) ?? NO_RESOURCES),
    Metrics: row.Metrics ?? EMPTY_METRIC,
    DesiredStatus: row.DesiredStatus,
    ...given('DesiredDescription', row.DesiredDescription),
    ...given('DesiredTransition', isAsked(row) ? row.DesiredTransition : undefined),
    ClientStatus: row.ClientStatus,
    ...given('ClientDescription', row.ClientDescription),
    TaskStates: taskStatesView(row.TaskStates),
    ...given('PreviousAllocation', row.PreviousAllocation),
    ...given('NextAllocation', row.NextAllocation),
    ...given('DeploymentID', row.DeploymentID),
    ...given('DeploymentStatus', row.DeploymentStatus),
    ...given('RescheduleTracker', row.RescheduleTracker),
    NetworkStatus: { InterfaceName: '', Address: '', DNS: null },
    ...given('FollowupEvalID', row.FollowupEvalID),
    CreateIndex: row.CreateIndex,
    ModifyIndex: row.ModifyIndex,
    AllocModifyIndex: row.AllocModifyIndex,
    CreateTime: row.CreateTime,
    ModifyTime: row.ModifyTime,
    ...oursOf(row),
  };
}

export interface StubOptions {
  /** Whether what it was given is said too. */
  readonly resources?: boolean;
  /** false leaves the task states out of long lists. */
  readonly taskStates?: boolean;
}

/** An entry of a list of allocations. */
export function allocStub(row: Allocation, job: Job | undefined, options: StubOptions = {}): object {
  return {
    ID: row.ID,
    EvalID: row.EvalID,
    Name: row.Name,
    Namespace: row.Namespace,
    NodeID: row.NodeID,
    NodeName: row.NodeName,
    JobID: row.JobID,
    JobType: job?.Type ?? '',
    JobVersion: row.JobVersion,
    TaskGroup: row.TaskGroup,
    AllocatedResources: options.resources ? (allocResources(row, job, undefined)?.AllocatedResources ?? null) : null,
    DesiredStatus: row.DesiredStatus,
    DesiredDescription: row.DesiredDescription,
    ClientStatus: row.ClientStatus,
    ClientDescription: row.ClientDescription,
    DesiredTransition: row.DesiredTransition ?? NO_TRANSITION,
    TaskStates: options.taskStates === false ? null : taskStatesView(row.TaskStates),
    DeploymentStatus: row.DeploymentStatus,
    FollowupEvalID: row.FollowupEvalID,
    RescheduleTracker: row.RescheduleTracker,
    PreemptedAllocations: null,
    PreemptedByAllocation: '',
    CreateIndex: row.CreateIndex,
    ModifyIndex: row.ModifyIndex,
    CreateTime: row.CreateTime,
    ModifyTime: row.ModifyTime,
    ...oursOf(row),
  };
}

const NO_RESOURCES = { Resources: null, SharedResources: null, TaskResources: null, AllocatedResources: null };

function isAsked({ DesiredTransition: asked }: Allocation): boolean {
  return asked !== undefined && [asked.Migrate, asked.Reschedule, asked.ForceReschedule].some((each) => each !== null);
}

const oursOf = (row: Allocation): object => ({
  ...given('Services', row.Services?.length ? row.Services : undefined),
  ...given('Traffic', row.Traffic),
  ...given('Ingress', row.Ingress),
  ...given('Disconnected', row.Disconnected),
});

/** The field, unless there is nothing in it. */
function given<T>(key: string, value: T | '' | null | undefined): Record<string, T> {
  return value === undefined || value === null || value === '' ? {} : { [key]: value };
}
