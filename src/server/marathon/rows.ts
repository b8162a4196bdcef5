/** What Marathon's world keeps beyond its jobs: the deployments that are under way, and what only groups say. */
import type { DeploymentStep } from '../../marathon/deployment-plan.ts';
import type { AppState, GroupState } from '../../marathon/root.ts';
import type { ReadTx, WriteTx } from '../../state/types.ts';

/** The key in the table "meta" under which the deployments stand, oldest first. */
export const DEPLOYMENTS_KEY = 'marathon/deployments';
const GROUPS_KEY = 'marathon/groups';

/** Who asked for a change, for the event that tells of it. */
export interface ChangeOrigin {
  readonly ClientIP: string;
  readonly URI: string;
}

export interface MarathonDeployment {
  readonly ID: string;
  /** Marathon's time stamp of the change. */
  readonly Version: string;
  readonly Steps: readonly DeploymentStep[];
  /** From 0. */
  readonly CurrentStep: number;
  /** The actions of the current step are under way. */
  readonly Begun: boolean;
  /**
   * All but "running" stand for one look, so that whoever follows learns how it ended. "failed": its own deadline has
   * passed, or a person has failed Serin's deployment beneath it.
   */
  readonly Status: 'running' | 'done' | 'cancelled' | 'failed';
  /** By app: what it is to become, and what it was; null: not there. */
  readonly Targets: Readonly<Record<string, AppState | null>>;
  readonly Originals: Readonly<Record<string, AppState | null>>;
  /** By group that it changed: what it said before; null: nothing. */
  readonly OriginalGroups?: Readonly<Record<string, GroupState | null>>;
  /** By app: allocations that somebody stops for good. */
  readonly Kills: Readonly<Record<string, readonly string[]>>;
  /** Why its current step could not begin, in one sentence; it is tried again. */
  readonly Problem?: string;
  readonly By?: ChangeOrigin;
}

export const deploymentsOf = (tx: ReadTx): readonly MarathonDeployment[] =>
  (tx.meta(DEPLOYMENTS_KEY) as readonly MarathonDeployment[] | undefined) ?? [];

export const runningDeployments = (tx: ReadTx): readonly MarathonDeployment[] =>
  deploymentsOf(tx).filter(({ Status }) => Status === 'running');

export const putDeployments = (tx: WriteTx, rows: readonly MarathonDeployment[]): void =>
  tx.putMeta(DEPLOYMENTS_KEY, rows);

export const groupsOf = (tx: ReadTx): Readonly<Record<string, GroupState>> =>
  (tx.meta(GROUPS_KEY) as Readonly<Record<string, GroupState>> | undefined) ?? {};

export const putGroups = (tx: WriteTx, groups: Readonly<Record<string, GroupState>>): void =>
  tx.putMeta(GROUPS_KEY, groups);
