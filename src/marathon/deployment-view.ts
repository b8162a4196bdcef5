/** A deployment as Marathon answers it: what it does in which order, and where it stands. */
import { affectedApps, type DeploymentStep } from './deployment-plan.ts';
import type { ReadinessCheckResult } from './readiness.ts';

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
    readonly readinessCheckResults: readonly ReadinessCheckResult[];
  }[];
  /** From 1. */
  readonly currentStep: number;
  readonly totalSteps: number;
}

export function deploymentView(
  { ID, Version, Steps, CurrentStep }: DeploymentSource,
  readinessOf: ReadinessOf,
): DeploymentView {
  return {
    id: ID,
    version: Version,
    affectedApps: affectedApps(Steps),
    affectedPods: [],
    steps: Steps,
    currentActions: actionsOf(Steps, CurrentStep, readinessOf),
    currentStep: CurrentStep + 1,
    totalSteps: Steps.length,
  };
}

export type ReadinessOf = (app: string) => readonly ReadinessCheckResult[];

const actionsOf = (
  steps: readonly DeploymentStep[],
  step: number,
  readinessOf: ReadinessOf,
): DeploymentView['currentActions'] =>
  (steps[step]?.actions ?? []).map(({ action, app }) => ({ action, app, readinessCheckResults: readinessOf(app) }));
