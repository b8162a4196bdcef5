/**
 * Carries Marathon's deployments out, step by step: wait → look → act. What it waits for is in the state, so after a
 * restart it goes on where it was. A step that cannot begin (a route that another job holds) says why and is tried again.
 */
import type { Clock, Timer } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Service } from '../../lib/service.ts';
import { Wakeup } from '../../lib/wakeup.ts';
import { jobIdOf } from '../../marathon/app-id.ts';
import type { JobOptions } from '../../marathon/app-to-job.ts';
import type { PlannedAction } from '../../marathon/deployment-plan.ts';
import { DEFAULT_NAMESPACE, type Job } from '../../model/job.ts';
import { nanosOf } from '../../model/nanos.ts';
import type { Change, ReadTx, WriteTx } from '../../state/types.ts';
import { type JobContext, purgeIn, registerIn } from '../job-operations.ts';
import { isUnrecorded, recordPresent } from './history.ts';
import { jobRequestOf } from './job-of.ts';
import { isGivenUp, isReached, isUndone } from './progress.ts';
import { rootOf } from './root-of.ts';
import { DEPLOYMENTS_KEY, deploymentsOf, type MarathonDeployment, putDeployments } from './rows.ts';

export interface MarathonOptions extends JobContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly jobOptions: JobOptions;
}

/** Tables whose rows say how far a step is. */
const FOLLOWED: ReadonlySet<string> = new Set(['allocs', 'jobs', 'deployments']);
/** After a step that could not begin. */
const RETRY_MS = 5_000;

export class MarathonDeployments implements Service {
  readonly id = 'marathon-deployments';
  readonly #options: MarathonOptions;
  readonly #wakeup = new Wakeup();
  #timer: Timer | undefined;
  /** Apps may be otherwise than the newest version says: at first, since nobody knows. */
  #isMoved = true;

  constructor(options: MarathonOptions) {
    this.#options = options;
  }

  observe({ table, key, before, after }: Change): void {
    this.#isMoved ||= table === 'meta' ? key === DEPLOYMENTS_KEY : table === 'jobs' && isOfApps(before, after);
    if (table === 'meta' ? key === DEPLOYMENTS_KEY : FOLLOWED.has(table)) this.#wakeup.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#wakeup.ring();
    while (!signal.aborted) {
      await this.#wakeup.wait(signal);
      if (!signal.aborted) await this.#step();
      if (!signal.aborted && this.#isMoved) await this.#record();
    }
    this.#timer?.cancel();
  }

  async #step(): Promise<void> {
    const { state, clock } = this.#options;
    this.#timer?.cancel();
    const rows = state.view(deploymentsOf);
    if (rows.length === 0) return;
    const isDue = state.view((tx) => rows.some((row) => row.Status !== 'running' || isStepDue(tx, row)));
    if (isDue) await this.#advance();
    const hasProblem = state.view(deploymentsOf).some(({ Problem }) => Problem !== undefined);
    if (hasProblem) this.#timer = clock.after(RETRY_MS, () => this.#wakeup.ring());
  }

  /** What somebody changed of an app as the job that it is, or a deployment left half done, is a version as well. */
  async #record(): Promise<void> {
    const { state, clock, log } = this.#options;
    this.#isMoved = false;
    if (!state.view((tx) => isUnrecorded(tx, rootOf(tx)))) return;
    await state
      .update((tx) => recordPresent(tx, rootOf(tx), clock.nowMs()))
      .catch((error: unknown) => {
        log.warn({ error: messageOf(error) }, 'a version of the apps cannot be written down');
      });
  }

  async #advance(): Promise<void> {
    const { state, log } = this.#options;
    for (const { ID } of state.view(deploymentsOf)) {
      await state
        .update((tx) => this.#moveOn(tx, ID))
        .catch(async (error: unknown) => {
          log.warn({ deployment: ID, error: messageOf(error) }, 'a step of a Marathon deployment cannot begin');
          await state.update((tx) => replace(tx, ID, (row) => ({ ...row, Problem: messageOf(error) })));
        });
    }
  }

  #moveOn(tx: WriteTx, id: string): void {
    const row = deploymentsOf(tx).find(({ ID }) => ID === id);
    if (!row) return;
    if (row.Status !== 'running')
      putDeployments(
        tx,
        deploymentsOf(tx).filter(({ ID }) => ID !== id),
      );
    else if (!row.Begun) this.#begin(tx, row);
    else if (isLedBack(tx, row)) replace(tx, id, (each) => ({ ...each, Status: 'cancelled' }));
    else if (hasFailed(tx, row)) replace(tx, id, (each) => ({ ...each, Status: 'failed' }));
    else if (isStepReached(tx, row)) finishStep(tx, row);
  }

  #begin(tx: WriteTx, row: MarathonDeployment): void {
    for (const action of row.Steps[row.CurrentStep]!.actions) this.#act(tx, row, action);
    replace(tx, row.ID, ({ Problem: _, ...each }) => ({ ...each, Begun: true }));
  }

  #act(tx: WriteTx, { Targets, Kills }: MarathonDeployment, { action, app }: PlannedAction): void {
    const { jobOptions } = this.#options;
    const target = Targets[app];
    if (action === 'StopApplication' || !target) {
      const job = tx.job(DEFAULT_NAMESPACE, jobIdOf(app));
      if (job) purgeIn(tx, this.#options, job);
      return;
    }
    for (const id of Kills[app] ?? []) markForStop(tx, id, this.#options.clock.nowMs());
    const instances = action === 'StartApplication' ? 0 : target.app.instances;
    registerIn(tx, this.#options, jobRequestOf({ ...target, app: { ...target.app, instances } }, jobOptions));
  }
}

const isOfApps = (before: unknown, after: unknown): boolean =>
  [before, after].some((job) => (job as Job | undefined)?.Marathon !== undefined);

const isStepDue = (tx: ReadTx, row: MarathonDeployment): boolean =>
  !row.Begun || isStepReached(tx, row) || hasFailed(tx, row) || isLedBack(tx, row);

const isStepReached = (tx: ReadTx, { Steps, CurrentStep }: MarathonDeployment): boolean =>
  Steps[CurrentStep]!.actions.every((action) => isReached(tx, action));

/** A deadline that the app asks for has passed, or a person has failed Serin's own deployment. */
const hasFailed = (tx: ReadTx, { Steps, CurrentStep }: MarathonDeployment): boolean =>
  Steps[CurrentStep]!.actions.some((action) => isGivenUp(tx, action));

/** Beneath it somebody, or a canary that failed, has led an app back: it will never be what this was to make of it. */
const isLedBack = (tx: ReadTx, { Begun, Steps, CurrentStep, Targets }: MarathonDeployment): boolean =>
  Begun && Steps[CurrentStep]!.actions.some((action) => isUndone(tx, action, Targets[action.app]));

/** A lower count takes marked ones first. */
function markForStop(tx: WriteTx, id: string, nowMs: number): void {
  const alloc = tx.alloc(id);
  if (alloc?.DesiredStatus !== 'run') return;
  tx.putAlloc({
    ...alloc,
    DesiredTransition: { Migrate: true, Reschedule: null, ForceReschedule: null },
    ModifyTime: nanosOf(nowMs),
  });
}

function finishStep(tx: WriteTx, { ID, CurrentStep, Steps }: MarathonDeployment): void {
  const isLast = CurrentStep + 1 >= Steps.length;
  replace(tx, ID, (row) =>
    isLast ? { ...row, Status: 'done' } : { ...row, CurrentStep: CurrentStep + 1, Begun: false },
  );
}

function replace(tx: WriteTx, id: string, change: (row: MarathonDeployment) => MarathonDeployment): void {
  putDeployments(
    tx,
    deploymentsOf(tx).map((row) => (row.ID === id ? change(row) : row)),
  );
}
