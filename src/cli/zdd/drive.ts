/**
 * Drives a blue/green deployment to its goal, a step at a time. Nothing is remembered between steps: whoever is interrupted
 * goes on with -resume. Where nothing gets further for too long it ends with the reason, and nothing is lost: the instances
 * that are missing in the new colour are still there in the old one.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ApiError, ApiUnreachable } from '../../api/api-errors.ts';
import type { MarathonAppView, MarathonTaskView } from '../../api/marathon-views.ts';
import { assertNever } from '../../lib/assert.ts';
import { sleep } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { type ColourState, nextStep, type ZddGoal, type ZddStep } from '../../marathon/zdd-step.ts';
import { UsageError } from '../command.ts';
import { formatTime } from '../format/words.ts';
import { explained, type MarathonContext, unlessMissing } from '../marathon.ts';
import { waitOf } from '../marathon-wait.ts';
import { drainedOf, readStats } from './drained.ts';
import { type ZddOptions, ZddStatus } from './options.ts';

export interface ZddRun {
  readonly group: string;
  readonly freshId: string;
  /** undefined: it is the first colour. */
  readonly oldId: string | undefined;
  readonly goal: ZddGoal;
}

interface Colours {
  readonly fresh: MarathonAppView;
  readonly old: MarathonAppView | undefined;
}

export async function driveZdd(context: MarathonContext, run: ZddRun, options: ZddOptions): Promise<void> {
  const { clock, signal, terminal } = context;
  let said = '';
  let sinceMs = clock.nowMs();
  const isPatient = () => clock.nowMs() - sinceMs < options.maxWaitMs;
  for (;;) {
    const colours = await patiently(isPatient(), () => readColours(context, run));
    if (colours !== undefined) {
      const figures = formatColours(colours);
      if (figures !== said) {
        terminal.print(`${formatTime(clock.nowMs())}  ${figures}`);
        sinceMs = clock.nowMs();
      }
      said = figures;
      const step = nextStep(stateOf(colours.fresh), colours.old && stateOf(colours.old), run.goal);
      if (step.kind === 'done') return;
      const isTaken = await patiently(isPatient(), () => take(context, run, options, colours, step));
      if (isTaken && step.kind === 'remove') return;
      if (isTaken) continue;
      if (clock.nowMs() - sinceMs >= options.maxWaitMs) throw await stuck(context, run, colours, options);
    }
    await sleep(clock, options.intervalMs, signal);
    if (signal.aborted)
      throw new UsageError(`Interrupted. Both colours stay as they are; ${HOW_TO_GO_ON}`, ZddStatus.refused);
  }
}

const HOW_TO_GO_ON = 'go on with -resume, or back with -complete-prev.';

/** undefined: nobody answers, which may pass. What was done in spite of that is seen at the next look. */
async function patiently<T>(isPatient: boolean, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isPatient && error instanceof UsageError && mayPass(error.cause)) return undefined;
    throw error;
  }
}

/** A server that is started again, or another that takes over. */
const mayPass = (cause: unknown): boolean =>
  cause instanceof ApiUnreachable || (cause instanceof ApiError && [502, 503, 504].includes(cause.httpStatus));

async function readColours(context: MarathonContext, { freshId, oldId }: ZddRun): Promise<Colours> {
  const { marathon } = context;
  const fresh = await failing(context, ZddStatus.read, marathon.app(freshId));
  if (oldId === undefined) return { fresh, old: undefined };
  return { fresh, old: await failing(context, ZddStatus.read, unlessMissing(marathon.app(oldId))) };
}

const stateOf = (app: MarathonAppView): ColourState => ({
  instances: app.instances,
  healthy: healthyOf(app),
  isDeploying: app.deployments.length > 0,
});

export const healthyOf = ({ healthChecks, tasksHealthy, tasksRunning }: MarathonAppView): number =>
  healthChecks.length > 0 ? tasksHealthy : tasksRunning;

const formatColours = ({ fresh, old }: Colours): string =>
  [fresh, ...(old ? [old] : [])].map((app) => `${app.id} ${healthyOf(app)}/${app.instances}`).join('   ');

/** False where there is nothing to do but to wait. */
async function take(
  context: MarathonContext,
  run: ZddRun,
  options: ZddOptions,
  colours: Colours,
  step: Exclude<ZddStep, { kind: 'done' }>,
): Promise<boolean> {
  const { marathon, terminal } = context;
  switch (step.kind) {
    case 'wait':
      return false;
    case 'scale':
      terminal.print(`Scaling ${run.freshId} to ${step.instances}`);
      await failing(context, ZddStatus.change, marathon.updateApp(run.freshId, { instances: step.instances }));
      return true;
    case 'kill':
      return killSome(context, run, options, colours, step.count);
    case 'remove':
      terminal.print(`Removing ${run.oldId}`);
      await failing(context, ZddStatus.remove, marathon.removeApp(run.oldId!, { force: true }));
      return true;
    default:
      return assertNever(step);
  }
}

async function killSome(
  context: MarathonContext,
  run: ZddRun,
  options: ZddOptions,
  { fresh, old }: Colours,
  count: number,
): Promise<boolean> {
  const tasks = (old?.tasks ?? []).toSorted((a, b) => Number(isWell(a)) - Number(isWell(b)) || (a.id < b.id ? -1 : 1));
  const drained = await drainedFirst(tasks, run, options);
  const victims = drained.slice(0, count);
  if (tasks.length === 0) return lowerOld(context, run, old!, count);
  if (victims.length === 0) return false;
  const ids = victims.map(({ id }) => id);
  if (options.preKillHook !== undefined) await callHook(options.preKillHook, [old, ids, fresh]);
  context.terminal.print(`Stopping ${ids.length} of ${run.oldId}: ${ids.join(', ')}`);
  await failing(context, ZddStatus.change, context.marathon.killTasks(ids, { scale: true }));
  return true;
}

/** Those that are of no use go first. */
const isWell = ({ healthCheckResults = [] }: MarathonTaskView): boolean =>
  healthCheckResults.every(({ alive }) => alive);

/** Without a load balancer to ask, whoever stops an instance drains it; ours begins in this order. */
async function drainedFirst(
  tasks: readonly MarathonTaskView[],
  { group }: ZddRun,
  { loadBalancer }: ZddOptions,
): Promise<readonly MarathonTaskView[]> {
  return loadBalancer === undefined ? tasks : drainedOf(tasks, await readStats(loadBalancer), group);
}

/** It wants instances and has no task at all: nobody needs to be drained. */
async function lowerOld(
  context: MarathonContext,
  { oldId }: ZddRun,
  old: MarathonAppView,
  count: number,
): Promise<true> {
  const change = { instances: Math.max(0, old.instances - count) };
  await failing(context, ZddStatus.change, context.marathon.updateApp(oldId!, change, { force: true }));
  return true;
}

async function callHook(hook: string, documents: readonly unknown[]): Promise<void> {
  try {
    await promisify(execFile)(
      hook,
      documents.map((each) => JSON.stringify(each)),
    );
  } catch (error) {
    throw new UsageError(`The hook ${hook} failed, so nothing was stopped: ${messageOf(error)}`, ZddStatus.change);
  }
}

async function stuck(
  context: MarathonContext,
  { freshId, oldId }: ZddRun,
  { fresh }: Colours,
  { maxWaitMs, loadBalancer }: ZddOptions,
): Promise<UsageError> {
  const isFresh = healthyOf(fresh) < fresh.instances || fresh.deployments.length > 0;
  const what = isFresh
    ? `${healthyOf(fresh)} of ${fresh.instances} instances of ${freshId} are healthy`
    : `${oldId} was not drained${loadBalancer === undefined ? '' : ` by ${loadBalancer}`}`;
  const wait = await waitOf(context, isFresh ? freshId : (oldId ?? freshId));
  const sentence = `Nothing got further for ${maxWaitMs / 1000} s: ${what}. Both colours stay as they are; ${HOW_TO_GO_ON}`;
  return new UsageError(wait === '' ? sentence : `${sentence}\n\n${wait}`, ZddStatus.unknown);
}

/** What goes wrong with it ends the command with that status; the error itself is the cause. */
export async function failing<T>({ marathon }: MarathonContext, status: number, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const said = explained(error, marathon);
    if (!(said instanceof UsageError)) throw said;
    throw Object.assign(new UsageError(said.message, status), { cause: error });
  }
}
