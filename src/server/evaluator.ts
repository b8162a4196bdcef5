/**
 * Evaluates: takes one evaluation from the broker, asks the scheduler for a plan, applies it, completes the evaluation.
 * The scheduler runs in slices with a breath between them, so that a plan of ten thousand placements does not keep the
 * API waiting; what changed meanwhile is caught when the plan is applied, and evaluated again.
 */
import type { Clock } from '../lib/clock.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { seededRandom } from '../lib/random.ts';
import type { Service } from '../lib/service.ts';
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Job } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import { scheduleInSlices } from '../scheduler/schedule.ts';
import type { Plan, ScheduleInput } from '../scheduler/types.ts';
import type { State } from '../state/state.ts';
import type { ReadTx, WriteTx } from '../state/types.ts';
import type { EvalBroker } from './eval-broker.ts';
import { newEvaluation } from './evaluations.ts';
import { refreshJobStatus } from './job-status.ts';
import { applyPart, isOutdated, planParts } from './plan-applier.ts';
import type { PlantedBugs } from './planted-bugs.ts';

export interface EvaluatorOptions {
  readonly state: State;
  readonly broker: EvalBroker;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  /** Gives others a turn; between slices of a large evaluation. */
  readonly breathe: () => Promise<void>;
  readonly planted?: PlantedBugs;
}

/** Applied and not yet durable: enough to keep the store busy, and little to lose. */
const MOST_PARTS_WRITING = 4;

export class Evaluator implements Service {
  readonly id = 'evaluator';
  readonly #options: EvaluatorOptions;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { broker } = this.#options;
    for (let next = await broker.dequeue(signal); next; next = await broker.dequeue(signal)) await this.#attempt(next);
  }

  async #attempt(evaluation: Evaluation): Promise<void> {
    const { broker, log } = this.#options;
    try {
      await this.evaluate(evaluation);
      broker.ack(evaluation);
    } catch (error) {
      const retryMs = broker.nack(evaluation);
      log.warn(
        { evaluation: evaluation.ID, job: evaluation.JobID, retryMs, error: messageOf(error) },
        'evaluation failed',
      );
    }
  }

  /** One evaluation from the state as it is now to durable. */
  async evaluate(evaluation: Evaluation): Promise<void> {
    const { state, breathe } = this.#options;
    const current = state.view((tx) => tx.evaluation(evaluation.ID));
    if (current?.Status !== 'pending') return;
    const lookedAt = state.index;
    const input = state.view((tx) => this.#input(tx, current));
    const plan = await runInSlices(input, breathe);
    const overtakenBy = await this.#apply(plan, input, { ...current, SnapshotIndex: lookedAt });
    if (overtakenBy === 'the job') await this.#cancel(current);
    // Somebody paused, promoted or ended the deployment meanwhile: what was planned is not what they want now.
    else if (overtakenBy === 'the deployment') await this.evaluate(current);
  }

  /**
   * Part by part with a breath between them, the next one while the store still writes those before; resolves when all
   * are durable. Says what has changed meanwhile, where that made the plan worthless. The rest of a plan never follows a
   * part that was discarded.
   */
  async #apply(plan: Plan, input: ScheduleInput, evaluation: Evaluation): Promise<Overtaking | undefined> {
    const { state, breathe, clock } = this.#options;
    const { discards } = state;
    const writing: Promise<unknown>[] = [];
    let refused = 0;
    let overtakenBy: Overtaking | undefined;
    for (const part of planParts(plan)) {
      const written = state.update((tx) => {
        if (state.discards !== discards) throw new SerinError('unavailable', 'a part of the plan could not be stored');
        overtakenBy = overtaking(tx, input, part.isFirst);
        if (overtakenBy) return;
        refused += applyPart(tx, plan, part, clock.nowMs()).refused;
        if (part.isLast) this.#complete(tx, evaluation, plan, refused);
      });
      // Whoever fails first is reported below; the others must not go unhandled until then.
      written.catch(() => undefined);
      writing.push(written);
      if (overtakenBy || part.isLast) break;
      await breathe();
      await writing.at(-MOST_PARTS_WRITING);
    }
    await Promise.all(writing);
    return overtakenBy;
  }

  #input(tx: ReadTx, evaluation: Evaluation): ScheduleInput {
    const { state, clock, newId, planted } = this.#options;
    const job = tx.job(evaluation.Namespace, evaluation.JobID);
    const input = scheduleInput(tx, state, evaluation, job, clock.nowMs(), newId);
    return planted?.scheduling?.(input) ?? input;
  }

  #complete(tx: WriteTx, evaluation: Evaluation, plan: Plan, refused: number): void {
    const { clock, newId } = this.#options;
    const nowMs = clock.nowMs();
    const job = tx.job(evaluation.Namespace, evaluation.JobID);
    for (const other of tx.evaluationsByJob(evaluation.Namespace, evaluation.JobID)) {
      if (other.Status === 'blocked') cancel(tx, other, nowMs);
    }
    const blocked =
      job && Object.keys(plan.failedGroups).length > 0 ? this.#block(tx, evaluation, job, plan) : undefined;
    if (job && refused > 0) {
      tx.putEvaluation(
        newEvaluation(job, {
          trigger: 'max-plan-attempts',
          nowMs,
          newId,
          previousEval: evaluation.ID,
          ...again(evaluation, nowMs),
        }),
      );
    }
    const deploymentId = plan.deployment?.ID ?? plan.deploymentId ?? evaluation.DeploymentID;
    tx.putEvaluation({
      ...evaluation,
      Status: 'complete',
      QueuedAllocations: { ...plan.queued },
      ModifyTime: nanosOf(nowMs),
      ...(deploymentId !== undefined && deploymentId !== '' && { DeploymentID: deploymentId }),
      ...(blocked && { BlockedEval: blocked.ID, FailedTGAllocs: { ...plan.failedGroups } }),
    });
    refreshJobStatus(tx, evaluation.Namespace, evaluation.JobID);
  }

  /** One blocked evaluation per job: it says what was missing, and the next room wakes it. */
  #block(tx: WriteTx, evaluation: Evaluation, job: Job, plan: Plan): Evaluation {
    const { clock, newId } = this.#options;
    const blocked: Evaluation = {
      ...newEvaluation(job, { trigger: 'queued-allocs', nowMs: clock.nowMs(), newId, previousEval: evaluation.ID }),
      Status: 'blocked',
      StatusDescription: 'created to place remaining allocations',
      SnapshotIndex: evaluation.SnapshotIndex ?? 0,
      ClassEligibility: { ...plan.classEligibility },
      EscapedComputedClass: plan.escapedComputedClass,
    };
    tx.putEvaluation(blocked);
    return blocked;
  }

  /** The job changed while it was planned: the evaluation that the change made takes over. */
  async #cancel(evaluation: Evaluation): Promise<void> {
    await this.#options.state.update((tx) => cancel(tx, evaluation, this.#options.clock.nowMs()));
  }
}

type Overtaking = 'the job' | 'the deployment';

/** The first part of a plan may end its deployment and begin another: from then on only the job can overtake it. */
function overtaking(
  tx: ReadTx,
  { job, evaluation, deployment }: ScheduleInput,
  isFirst: boolean,
): Overtaking | undefined {
  const { Namespace, JobID } = evaluation;
  if (isOutdated(job, tx.job(Namespace, JobID))) return 'the job';
  const isMoved = isFirst && courseOf(deployment) !== courseOf(tx.deploymentsByJob(Namespace, JobID)[0]);
  return isMoved ? 'the deployment' : undefined;
}

/** What of a deployment decides what a plan may do. */
function courseOf(deployment: Deployment | undefined): string {
  if (!deployment) return '';
  const promoted = Object.values(deployment.TaskGroups).map((state) => state.Promoted);
  return `${deployment.ID} ${deployment.Status} ${promoted.join()}`;
}

/** What the scheduler needs to know of one job; `job` may be one that is only being planned. */
export function scheduleInput(
  tx: ReadTx,
  state: State,
  evaluation: Evaluation,
  job: Job | undefined,
  nowMs: number,
  newId: NewId,
): ScheduleInput {
  const { Namespace, JobID } = evaluation;
  return {
    evaluation,
    job,
    allocs: tx.allocsByJob(Namespace, JobID).filter((alloc) => !isLeftover(alloc, job)),
    jobVersion: (version) =>
      version === job?.Version ? job : state.view((now) => now.jobVersion(Namespace, JobID, version)),
    deployment: tx.deploymentsByJob(Namespace, JobID)[0],
    cluster: {
      nodes: () => state.view((now) => now.nodes()),
      node: (id) => state.view((now) => now.node(id)),
      usage: (id) => state.view((now) => now.usage(id)),
    },
    nowMs,
    newId,
    random: seededRandom(evaluation.ID),
  };
}

/**
 * A job that was purged and registered again is another one: what ended under its id before holds no place in it, and
 * an old failure must not keep it from starting.
 */
const isLeftover = (alloc: Allocation, job: Job | undefined): boolean =>
  job !== undefined && alloc.CreateIndex < job.CreateIndex && isClientTerminal(alloc);

/** Refused twice in a row: the next attempt waits a little, so that a disagreement never becomes a busy loop. */
function again(evaluation: Evaluation, nowMs: number): { readonly waitUntilMs?: number } {
  return evaluation.TriggeredBy === 'max-plan-attempts' ? { waitUntilMs: nowMs + 500 } : {};
}

async function runInSlices(input: ScheduleInput, breathe: () => Promise<void>): Promise<Plan> {
  const slices = scheduleInSlices(input);
  for (let slice = slices.next(); ; slice = slices.next()) {
    if (slice.done) return slice.value;
    await breathe();
  }
}

function cancel(tx: WriteTx, evaluation: Evaluation, nowMs: number): void {
  tx.putEvaluation({
    ...evaluation,
    Status: 'canceled',
    StatusDescription: 'a newer evaluation of the job takes over',
    ModifyTime: nanosOf(nowMs),
  });
}
