/** A deployment as Marathon answers it: what it does in which order, and where it stands. */
import { affectedApps, type DeploymentStep } from './deployment-plan.ts';

export interface DeploymentSource {
  readonly ID: string;
  readonly Version: string;
  readonly Steps: readonly DeploymentStep[];
  /** From 0. */
  readonly CurrentStep: number;
}

export interface DeploymentView {
  readonly id: string;
  readonly version: string;
  readonly affectedApps: readonly string[];
  readonly affectedPods: readonly never[];
  readonly steps: readonly DeploymentStep[];
  readonly currentActions: readonly {
    readonly action: string;
    readonly app: string;
    readonly readinessCheckResults: readonly never[];
  }[];
  /** From 1. */
  readonly currentStep: number;
  readonly totalSteps: number;
}

export function deploymentView({ ID, Version, Steps, CurrentStep }: DeploymentSource): DeploymentView {
  return {
    id: ID,
    version: Version,
    affectedApps: affectedApps(Steps),
    affectedPods: [],
    steps: Steps,
    currentActions: actionsOf(Steps, CurrentStep),
    currentStep: CurrentStep + 1,
    totalSteps: Steps.length,
  };
}

export const actionsOf = (steps: readonly DeploymentStep[], step: number): DeploymentView['currentActions'] =>
  (steps[step]?.actions ?? []).map(({ action, app }) => ({ action, app, readinessCheckResults: [] }));
