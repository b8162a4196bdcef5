/**
 * The allocations of this node: those that an earlier agent left are taken up, those that the server assigns are
 * started, what it names no more is stopped, and of what has ended the newest are kept until they are collected.
 */
import type { Timer } from '../lib/clock.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import { type Allocation, type AllocUpdate, isClientTerminal } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import { removeAllocDirs } from './alloc-dir.ts';
import { AllocRunner, type AllocRunnerDeps } from './alloc-runner.ts';
import type { SavedAlloc } from './client-state.ts';
import { Conditions } from './conditions.ts';
import type { RotationTarget } from './log-rotation.ts';
import type { NodeAssignment } from './server-connection.ts';

/** What its runners need, but for what they are to each other. */
export type AllocSetDeps = Omit<AllocRunnerDeps, 'previousEnded'>;

const STARTS_A_TURN = 10;
/** A task that SIGKILL does not end by then hangs in the kernel. */
const KILLED_WITHIN_MS = 3_000;

export class AllocSet {
  readonly #deps: AllocSetDeps;
  readonly #keepEnded: number;
  readonly #runners = new Map<string, AllocRunner>();
  readonly #runs = new Set<Promise<void>>();
  readonly #ends = new Conditions();
  /** Of allocations that this node cannot run at all. */
  readonly #refusals = new Map<string, AllocUpdate>();
  #stopping = false;

  /** Of the ended ones whose end is known, the newest `keepEnded` are kept. */
  constructor(keepEnded: number, deps: AllocSetDeps) {
    this.#keepEnded = keepEnded;
    this.#deps = deps;
  }

  get all(): readonly AllocRunner[] {
    return [...this.#runners.values()];
  }

  /** Whether an allocation of that id runs here, or has left something here. */
  has(allocId: string): boolean {
    return this.#runners.has(allocId);
  }

  /** Throws the sentence for one that is not here. */
  named(allocId: string): AllocRunner {
    const runner = this.#runners.get(allocId);
    if (runner !== undefined) return runner;
    const why = 'it has ended and was collected with its files and logs, or it has not been started yet';
    throw new SerinError('notFound', `Nothing of allocation "${allocId}" is on its node: ${why}`);
  }

  /** What an earlier agent left, in the order in which it came. */
  takeUp(signal: AbortSignal): void {
    const saved = this.#deps.state.load().sort((a, b) => a.saved.alloc.CreateTime - b.saved.alloc.CreateTime);
    for (const each of saved) this.#add(each.saved.alloc, each.job, each.saved, signal);
    if (saved.length > 0) this.#deps.log.info({ allocs: saved.length }, 'allocations of an earlier agent taken up');
  }

  /** Brings about what the server wants of this node now. */
  async apply(assignment: NodeAssignment, signal: AbortSignal): Promise<void> {
    const assigned = new Set(assignment.Allocs.map((alloc) => alloc.ID));
    for (const [at, alloc] of assignment.Allocs.entries()) {
      // A start takes a millisecond of this thread; whoever else waits for it gets a turn.
      if (at % STARTS_A_TURN === STARTS_A_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
      this.#take(alloc, assignment.Jobs.find(isJobOf(alloc)), signal);
    }
    for (const [id, runner] of this.#runners) if (!assigned.has(id) && !runner.isEnded) runner.stop();
  }

  /** What the server is to be told of one; undefined: nothing. */
  buildUpdate(allocId: string): AllocUpdate | undefined {
    return this.#runners.get(allocId)?.buildUpdate() ?? this.#refusals.get(allocId);
  }

  /** The server has heard it. */
  acknowledged(update: AllocUpdate): void {
    this.#refusals.delete(update.ID);
    const runner = this.#runners.get(update.ID);
    runner?.acknowledged(update);
    if (runner?.isEnded) this.garbageCollect(this.#keepEnded);
  }

  /** Drains and stops all; once `hurry` aborts, what is left is killed without any of that. */
  async stopAll(hurry: AbortSignal): Promise<void> {
    this.#stopping = true;
    for (const runner of this.#runners.values()) runner.stop();
    const givenUp = new AbortController();
    let patience: Timer | undefined;
    const kill = () => {
      for (const runner of this.#runners.values()) if (!runner.isEnded) runner.kill();
      patience = this.#deps.clock.after(KILLED_WITHIN_MS, () => givenUp.abort());
    };
    hurry.addEventListener('abort', kill, { once: true });
    if (hurry.aborted) kill();
    const allEnded = () => this.all.every((runner) => runner.isEnded);
    const ended = await this.#ends.until(allEnded, this.#deps.clock, Number.POSITIVE_INFINITY, givenUp.signal);
    hurry.removeEventListener('abort', kill);
    patience?.cancel();
    if (!ended) this.#deps.log.error({}, 'not every task could be killed in time');
  }

  /** Resolves when no runner works any more: the agent leaves. */
  async settled(): Promise<void> {
    await Promise.all([...this.#runs]);
  }

  /** Removes the folders of ended allocations, all of them or the oldest beyond `keep`. Answers how many. */
  garbageCollect(keep = 0): number {
    const ended = this.all.filter((runner) => runner.isEnded);
    const surplus = ended.slice(0, Math.max(0, ended.length - keep));
    for (const runner of surplus) this.#forget(runner);
    return surplus.length;
  }

  /** Removes the folders of one allocation that has ended. */
  collect(allocId: string): void {
    const runner = this.named(allocId);
    if (!runner.isEnded) throw new SerinError('refused', `allocation ${allocId} has not ended: stop it first`);
    this.#forget(runner);
  }
  /** The output files that are written to. */
  logTargets(): RotationTarget[] {
    return this.all
      .filter((runner) => !runner.isEnded)
      .flatMap((runner) =>
        runner.group.Tasks.map((task) => ({
          logsDir: runner.paths.logs,
          task: task.Name,
          maxFiles: task.LogConfig.MaxFiles,
          maxFileBytes: task.LogConfig.MaxFileSizeMB * 1024 * 1024,
        })),
      );
  }

  #take(alloc: Allocation, job: Job | undefined, signal: AbortSignal): void {
    const runner = this.#runners.get(alloc.ID);
    if (runner !== undefined) {
      runner.update(alloc, job ?? runner.job);
      // The server has not heard of its end.
      if (runner.isEnded && !isClientTerminal(alloc)) this.#deps.report(alloc.ID);
    } else if (isClientTerminal(alloc)) {
      return;
    } else if (alloc.DesiredStatus !== 'run') {
      this.#neverRan(alloc);
    } else if (job === undefined) {
      this.#deps.log.warn({ alloc: alloc.ID, job: alloc.JobID }, 'the server did not send the job of an allocation');
    } else {
      this.#add(alloc, job, undefined, signal);
    }
  }

  /** It was to be stopped before this node heard of it, or the node's folder was lost. */
  #neverRan({ ID, TaskStates }: Allocation): void {
    this.#refusals.set(ID, { ID, ClientStatus: 'complete', ClientDescription: 'The node does not run it', TaskStates });
    this.#deps.report(ID);
  }

  #add(alloc: Allocation, job: Job, saved: SavedAlloc | undefined, signal: AbortSignal): void {
    const runner = this.#makeRunner(alloc, job, saved);
    if (runner === undefined) return;
    this.#runners.set(alloc.ID, runner);
    if (this.#stopping) runner.stop();
    if (runner.isEnded) this.#deps.report(alloc.ID);
    else this.#launch(runner, signal);
  }

  #makeRunner(alloc: Allocation, job: Job, saved: SavedAlloc | undefined): AllocRunner | undefined {
    try {
      const previousEnded = (allocId: string, signal: AbortSignal) => this.#ended(allocId, signal);
      return new AllocRunner(alloc, job, saved, { ...this.#deps, previousEnded });
    } catch (error) {
      this.#refuse(alloc, messageOf(error));
      return undefined;
    }
  }

  #refuse(alloc: Allocation, reason: string): void {
    const { ID, TaskStates } = alloc;
    this.#deps.log.error({ alloc: ID, reason }, 'allocation cannot be run');
    this.#refusals.set(ID, { ID, ClientStatus: 'failed', ClientDescription: reason, TaskStates });
    this.#deps.report(ID);
  }

  #launch(runner: AllocRunner, signal: AbortSignal): void {
    const alloc = runner.alloc;
    const run = runner
      .run(signal)
      .catch((error) => this.#deps.log.error({ alloc: alloc.ID, error: messageOf(error) }, 'alloc runner failed'))
      .finally(() => {
        this.#runs.delete(run);
        this.#ends.look();
      });
    this.#runs.add(run);
  }

  async #ended(allocId: string, signal: AbortSignal): Promise<void> {
    const ended = () => this.#runners.get(allocId)?.isEnded ?? true;
    await this.#ends.until(ended, this.#deps.clock, Number.POSITIVE_INFINITY, signal);
  }

  #forget(runner: AllocRunner): void {
    try {
      removeAllocDirs(runner.paths);
    } catch (error) {
      this.#deps.log.warn({ alloc: runner.alloc.ID, error: messageOf(error) }, 'folder cannot be removed');
      return;
    }
    this.#deps.state.remove(runner.alloc.ID);
    this.#runners.delete(runner.alloc.ID);
  }
}

const isJobOf =
  (alloc: Allocation) =>
  (job: Job): boolean =>
    job.ID === alloc.JobID && job.Namespace === alloc.Namespace && job.Version === alloc.JobVersion;
