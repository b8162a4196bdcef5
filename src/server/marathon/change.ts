/**
 * A change of apps and groups: planned, locked and written down in one transaction; the deployment loop does the rest.
 * One deployment at a time may hold an app: another that wants it is refused, or takes what the first has yet to do upon itself.
 */
import { jobIdOf } from '../../marathon/app-id.ts';
import type { JobOptions } from '../../marathon/app-to-job.ts';
import { affectedApps, type DeploymentStep, planDeployment } from '../../marathon/deployment-plan.ts';
import { type FieldProblem, MarathonProblem } from '../../marathon/problems.ts';
import type { AppState, GroupState, Root } from '../../marathon/root.ts';
import { rootProblems } from '../../marathon/root-problems.ts';
import { DEFAULT_NAMESPACE } from '../../model/job.ts';
import type { ReadTx, WriteTx } from '../../state/types.ts';
import { type JobContext, refusalsOf } from '../job-operations.ts';
import { newestVersion, record, recordPresent } from './history.ts';
import { jobRequestOf } from './job-of.ts';
import { appliedRoot, rootOf, withOriginals, withTargets } from './root-of.ts';
import {
  type ChangeOrigin,
  deploymentsOf,
  type MarathonDeployment,
  putDeployments,
  putGroups,
  runningDeployments,
} from './rows.ts';
import { nextVersion } from './versions.ts';

export interface ChangeContext extends JobContext {
  readonly jobOptions: JobOptions;
}

export interface ChangeRequest {
  /** From the world as everybody sees it, and the time stamp of the change, to the world as it is to be. Throws to refuse. */
  readonly make: (root: Root, version: string) => Root;
  /** By app: allocations that somebody stops for good. */
  readonly kills?: Readonly<Record<string, readonly string[]>>;
  /** Cancels whatever holds one of the apps. */
  readonly force: boolean;
  /** Who asks for it; absent: the server itself. */
  readonly by?: ChangeOrigin;
}

export interface ChangeResult {
  readonly version: string;
  readonly deploymentId: string;
  readonly steps: readonly DeploymentStep[];
  /** As it is to be. */
  readonly root: Root;
  readonly index: number;
}

/** An app is held by deployments: their ids are what the client is told. */
export class AppLocked extends Error {
  override readonly name = 'AppLocked';
  readonly deployments: readonly string[];

  constructor(deployments: readonly string[]) {
    super(
      "App is locked by one or more deployments. Override with the option '?force=true'. " +
        `View details at '/v2/deployments/<DEPLOYMENT_ID>'.`,
    );
    this.deployments = deployments;
  }
}

export async function changeRoot(context: ChangeContext, request: ChangeRequest): Promise<ChangeResult> {
  const { index, result } = await context.state.update((tx) => changeIn(tx, context, request));
  return { ...result, index };
}

export function changeIn(tx: WriteTx, context: ChangeContext, request: ChangeRequest): Omit<ChangeResult, 'index'> {
  recordPresent(tx, rootOf(tx), context.clock.nowMs());
  const plan = planChange(tx, context, request);
  const { version, steps, to, holders } = plan;
  const ID = context.newId();
  const row = { ...rowOf(ID, plan, request.kills ?? {}), ...(request.by && { By: request.by }) };
  write(tx, { cancelled: holders, row });
  putGroups(tx, Object.fromEntries(to.groups));
  record(tx, rootOf(tx), version);
  return { version, deploymentId: ID, steps, root: to };
}

interface ChangePlan {
  readonly version: string;
  readonly steps: readonly DeploymentStep[];
  /** As everybody sees it before. */
  readonly seen: Root;
  readonly to: Root;
  /** Deployments that hold one of its apps, and end for it. */
  readonly holders: readonly MarathonDeployment[];
}

/** What a change would do, without doing it; throws to refuse it. */
export function planChange(tx: ReadTx, context: ChangeContext, request: ChangeRequest): ChangePlan {
  const applied = appliedRoot(tx);
  const running = runningDeployments(tx);
  const seen = withTargets(applied, running);
  const version = nextVersion(seen, context.clock.nowMs(), newestVersion(tx));
  const to = request.make(seen, version);
  const problems = rootProblems(seen, to);
  if (problems.length > 0) throw new MarathonProblem(422, problems);
  const killing = new Set(Object.keys(request.kills ?? {}));
  const wanted = affectedApps(planDeployment(seen, to, killing));
  const holders = running.filter(({ Steps }) => affectedApps(Steps).some((app) => wanted.includes(app)));
  if (holders.length > 0 && !request.force) throw new AppLocked(holders.map(({ ID }) => ID));
  // What the cancelled ones had yet to do is a part of this one.
  const others = running.filter((row) => !holders.includes(row));
  const from = withTargets(applied, others);
  refuseImpossible(tx, { from, to }, context.jobOptions);
  return { version, steps: planDeployment(from, to, killing), seen, to, holders };
}

/** What could never become a job is refused before anything is written down: a deployment would try it for ever. */
function refuseImpossible(
  tx: ReadTx,
  { from, to }: { readonly from: Root; readonly to: Root },
  options: JobOptions,
): void {
  const gone = new Set([...from.apps.keys()].filter((id) => !to.apps.has(id)).map(jobIdOf));
  const changed = [...to.apps.values()].filter((state) => from.apps.get(state.app.id) !== state);
  const problems = changed.flatMap((state): FieldProblem[] => [
    ...ordinaryJob(tx, state),
    ...refusalsOf(tx, jobRequestOf(state, options), gone).map((error) => ({ path: '/', error })),
  ]);
  if (problems.length > 0) throw new MarathonProblem(422, problems);
}

/** A job that somebody registered as a job is not replaced by an app of the same name. */
function ordinaryJob(tx: ReadTx, { app }: AppState): FieldProblem[] {
  const job = tx.job(DEFAULT_NAMESPACE, jobIdOf(app.id));
  if (!job || job.Stop || job.Marathon) return [];
  const error = `a job of the name "${job.ID}" runs here that is no app: stop it first (serin job stop ${job.ID}), or choose another id`;
  return [{ path: '/id', error }];
}

function rowOf(
  ID: string,
  { version, steps, seen, to }: ChangePlan,
  Kills: MarathonDeployment['Kills'],
): MarathonDeployment {
  const apps = affectedApps(steps);
  const statesIn = (root: Root): Record<string, AppState | null> =>
    Object.fromEntries(apps.map((app) => [app, root.apps.get(app) ?? null]));
  const groups = [...new Set([...seen.groups.keys(), ...to.groups.keys()])].filter(
    (id) => seen.groups.get(id) !== to.groups.get(id),
  );
  return {
    ID,
    Version: version,
    Steps: steps,
    CurrentStep: 0,
    Begun: false,
    // Nothing to do: it ends with its beginning.
    Status: steps.length === 0 ? 'done' : 'running',
    Targets: statesIn(to),
    Originals: statesIn(seen),
    ...(groups.length > 0 && {
      OriginalGroups: Object.fromEntries(groups.map((id) => [id, seen.groups.get(id) ?? null])),
    }),
    Kills,
  };
}

function write(
  tx: WriteTx,
  { cancelled, row }: { readonly cancelled: readonly MarathonDeployment[]; readonly row: MarathonDeployment },
): void {
  const ids = new Set(cancelled.map(({ ID }) => ID));
  const rows = deploymentsOf(tx).map(
    (each): MarathonDeployment => (ids.has(each.ID) ? { ...each, Status: 'cancelled' } : each),
  );
  putDeployments(tx, [...rows, row]);
}

/** Ends a deployment: at once (`force`), leaving everything as it is, or by another one that leads back. */
export async function cancelDeployment(
  context: ChangeContext,
  id: string,
  { force, by }: Pick<ChangeRequest, 'force' | 'by'>,
): Promise<ChangeResult | undefined> {
  const row = context.state.view((tx) => runningDeployments(tx).find(({ ID }) => ID === id));
  if (!row) return undefined;
  if (!force) {
    return changeRoot(context, {
      ...(by && { by }),
      force: true,
      make: (root, version) => ledBack(root, row, version),
    });
  }
  const { index } = await context.state.update((tx) => {
    const rows = deploymentsOf(tx).map(
      (each): MarathonDeployment => (each.ID === id ? { ...each, Status: 'cancelled' } : each),
    );
    putDeployments(tx, rows);
  });
  const root = context.state.view(appliedRoot);
  return { version: row.Version, deploymentId: id, steps: [], root, index };
}

/** Each of its apps as it was, under a version of its own; what others have changed meanwhile stays. */
function ledBack(root: Root, row: MarathonDeployment, version: string): Root {
  const { apps, groups } = withOriginals(root, row);
  const stamped = [...apps].map(([id, state]): [string, AppState] => [
    id,
    state === root.apps.get(id) ? state : { ...state, at: { ...state.at, version } },
  ]);
  const stampedGroups = [...groups].map(([id, state]): [string, GroupState] => [
    id,
    state === root.groups.get(id) ? state : { ...state, version },
  ]);
  return { apps: new Map(stamped), groups: new Map(stampedGroups) };
}
