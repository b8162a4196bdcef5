/** What Marathon's /v2 answers, as far as a client of ours reads it; the rest is passed on as it came. */

/** A JSON object that is printed as it is. */
export type Document = Record<string, unknown>;

export interface MarathonAppView extends Document {
  readonly id: string;
  readonly cmd: string | null;
  readonly args: readonly string[] | null;
  readonly cpus: number;
  readonly mem: number;
  readonly instances: number;
  readonly container: { readonly type?: string } | null;
  readonly healthChecks: readonly unknown[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  readonly deployments: readonly { readonly id: string }[];
  readonly tasksRunning: number;
  readonly tasksHealthy: number;
  readonly tasksStaged: number;
  readonly tasks?: readonly MarathonTaskView[];
  readonly versionInfo?: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string };
}

export interface MarathonTaskView extends Document {
  readonly id: string;
  readonly appId: string;
  readonly host: string;
  readonly state?: string;
  readonly startedAt?: string | null;
  /** Absent until the first result. */
  readonly healthCheckResults?: readonly { readonly alive: boolean }[];
}

export interface MarathonActionView {
  readonly action: string;
  readonly app?: string;
}

export interface MarathonDeploymentView extends Document {
  readonly id: string;
  readonly affectedApps: readonly string[];
  readonly currentActions: readonly MarathonActionView[];
  /** Counts from 1. */
  readonly currentStep: number;
  readonly totalSteps: number;
}

export interface MarathonGroupView extends Document {
  readonly id: string;
  readonly apps: readonly MarathonAppView[];
  readonly groups: readonly MarathonGroupView[];
}

export interface MarathonQueueItem extends Document {
  readonly app?: MarathonAppView;
  readonly count: number;
  readonly delay: { readonly timeLeftSeconds: number; readonly overdue: boolean };
  readonly since?: string;
  readonly processedOffersSummary?: Readonly<Record<string, unknown>>;
}

/** A change that began. */
export interface MarathonChange {
  readonly version: string;
  readonly deploymentId: string;
}

/** Killed where they are to come again; a deployment where the count drops too. */
export type MarathonKilled = { readonly tasks: readonly MarathonTaskView[] } | MarathonChange;
