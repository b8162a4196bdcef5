/** A deployment as the wire has it. What it waits for, or why it failed, is ours, and appears where there is something to say. */
import type { Deployment, DeploymentBlocker, DeploymentState } from './deployment.ts';
import type { DeploymentExplanation } from './deployment-explanation.ts';
import type { DeploymentTraffic } from './version-figures.ts';

export function deploymentView(deployment: Deployment, blocker?: DeploymentBlocker): object {
  const groups = Object.entries(deployment.TaskGroups).map(([name, state]) => [name, stateView(state)]);
  return {
    ID: deployment.ID,
    Namespace: deployment.Namespace,
    JobID: deployment.JobID,
    JobVersion: deployment.JobVersion,
    JobModifyIndex: deployment.JobModifyIndex,
    JobSpecModifyIndex: deployment.JobSpecModifyIndex,
    JobCreateIndex: deployment.JobCreateIndex,
    IsMultiregion: deployment.IsMultiregion,
    TaskGroups: Object.fromEntries(groups),
    Status: deployment.Status,
    StatusDescription: deployment.StatusDescription,
    CreateIndex: deployment.CreateIndex,
    ModifyIndex: deployment.ModifyIndex,
    ...(blocker && { Blocker: blocker }),
    ...(deployment.Failure && { Failure: deployment.Failure }),
  };
}

export interface DeploymentStory {
  readonly blocker?: DeploymentBlocker | undefined;
  readonly explanation?: DeploymentExplanation | undefined;
  readonly traffic?: DeploymentTraffic | undefined;
}

/** The same with the whole story: for one deployment, not for lists. */
export function explainedDeploymentView(deployment: Deployment, story: DeploymentStory): object {
  const { blocker, explanation, traffic } = story;
  return {
    ...deploymentView(deployment, blocker),
    ...(explanation && { Explanation: explanation }),
    ...(traffic && { Traffic: traffic }),
    ...(deployment.FailureDetail !== undefined && { FailureDetail: deployment.FailureDetail }),
    ...(deployment.Evidence && { Evidence: deployment.Evidence }),
  };
}

function stateView(state: DeploymentState): object {
  return {
    AutoRevert: state.AutoRevert,
    AutoPromote: state.AutoPromote,
    ProgressDeadline: state.ProgressDeadline,
    RequireProgressBy: state.RequireProgressBy,
    Promoted: state.Promoted,
    PlacedCanaries: state.PlacedCanaries,
    DesiredCanaries: state.DesiredCanaries,
    DesiredTotal: state.DesiredTotal,
    PlacedAllocs: state.PlacedAllocs,
    HealthyAllocs: state.HealthyAllocs,
    UnhealthyAllocs: state.UnhealthyAllocs,
    ...ourState(state),
  };
}

/** What canaries began with, where there are some, and until when the old set is kept. */
function ourState({ IsBlueGreen, CanaryWeight, BaseCount, KeepWarm, WarmUntilMs }: DeploymentState): object {
  return {
    ...(IsBlueGreen && { IsBlueGreen }),
    ...(CanaryWeight !== undefined && { CanaryWeight }),
    ...(BaseCount !== undefined && { BaseCount }),
    ...(KeepWarm !== undefined && { KeepWarm }),
    ...(WarmUntilMs !== undefined && { WarmUntilMs }),
  };
}
