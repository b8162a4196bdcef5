/**
 * A simulated node: takes what the server assigns to it, starts and stops instances (`sim-runner.ts`), and reports until
 * it was heard, with delays and failures from the seed instead of processes.
 */
import type { Clock } from '../src/lib/clock.ts';
import { type Random, randomInt } from '../src/lib/random.ts';
import type { Allocation, AllocUpdate } from '../src/model/allocation.ts';
import { findGroup, type Job } from '../src/model/job.ts';
import type { NodeAssignment } from '../src/node/server-connection.ts';
import { type Fate, SimRunner } from './sim-runner.ts';

export interface SimNodeOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Rejects while the server is away. */
  readonly assignment: (nodeId: string) => Promise<NodeAssignment>;
  readonly update: (nodeId: string, updates: readonly AllocUpdate[]) => Promise<unknown>;
  readonly heartbeat: (nodeId: string) => Promise<unknown>;
  /** What becomes of an instance of this job version. */
  readonly fate: (job: Job) => Fate;
  readonly isCalm: () => boolean;
  /** A planted bug: kills without waiting for the drain. A law that does not find it is none. */
  readonly isImpatient?: boolean;
  /** Called at the very moment of the kill, before the instance is gone: the laws look here. */
  readonly onKill: (alloc: Allocation, byDeadline: boolean) => void;
}

const HEARTBEAT_MS = 5000;

export class SimNode {
  readonly id: string;
  readonly #options: SimNodeOptions;
  readonly #runners = new Map<string, SimRunner>();
  #looking = false;
  /** Cut off from the server: it hears nothing and is not heard; what runs goes on. */
  #isPartitioned = false;
  #isDead = false;

  constructor(options: SimNodeOptions) {
    this.id = options.id;
    this.#options = options;
    this.#beat();
  }

  get isPartitioned(): boolean {
    return this.#isPartitioned;
  }

  set isPartitioned(value: boolean) {
    this.#isPartitioned = value;
    if (!value) this.notify();
  }

  /** The machine is gone, and everything on it. */
  die(): void {
    this.#isDead = true;
    for (const runner of this.#runners.values()) runner.vanish();
    this.#runners.clear();
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  answers(allocId: string): boolean {
    return this.#runners.get(allocId)?.answers === true;
  }

  /** The instances whose tasks run. */
  running(): SimRunner[] {
    return [...this.#runners.values()].filter((runner) => runner.isRunning);
  }

  notify(): void {
    if (this.#looking || this.#isPartitioned || this.#isDead) return;
    this.#looking = true;
    this.#options.clock.after(1 + randomInt(this.#options.random, 20), () => {
      this.#looking = false;
      if (!this.#isPartitioned && !this.#isDead) this.#fetch();
    });
  }

  #beat(): void {
    if (this.#isDead) return;
    this.#options.clock.after(HEARTBEAT_MS, () => this.#beat());
    if (this.#isPartitioned) return;
    this.#options.heartbeat(this.id).catch(() => {});
    this.notify();
  }

  #fetch(): void {
    this.#options.assignment(this.id).then(
      (assignment) => {
        if (!this.#isPartitioned && !this.#isDead) this.#take(assignment);
      },
      () => {},
    );
  }

  #take(assignment: NodeAssignment): void {
    const jobs = new Map(assignment.Jobs.map((job) => [`${job.ID}/${job.Version}`, job]));
    const present = new Set<string>();
    for (const alloc of assignment.Allocs) {
      present.add(alloc.ID);
      const job = jobs.get(`${alloc.JobID}/${alloc.JobVersion}`);
      if (job && findGroup(job, alloc.TaskGroup)) this.#assign(alloc, job);
    }
    for (const [id, runner] of this.#runners) {
      if (present.has(id)) continue;
      // The server forgot it, or has heard that it ended.
      if (runner.isEnded) this.#forget(id, runner);
      else runner.wind();
    }
  }

  #assign(alloc: Allocation, job: Job): void {
    const known = this.#runners.get(alloc.ID);
    if (known) known.assign(alloc, job);
    else if (alloc.DesiredStatus === 'run') this.#start(alloc, job);
    else this.#forgetUnstarted(alloc);
  }

  #start(alloc: Allocation, job: Job): void {
    const previous = alloc.AwaitsPrevious ? this.#runners.get(alloc.PreviousAllocation) : undefined;
    if (previous && !previous.isEnded) return;
    const { clock, random, fate, isCalm, isImpatient, onKill } = this.#options;
    const runner: SimRunner = new SimRunner(alloc, job, {
      clock,
      random,
      fate: () => fate(job),
      isCalm,
      isImpatient: isImpatient ?? false,
      onKill,
      onEnd: () => this.notify(),
      send: (update) => this.#report(update),
    });
    this.#runners.set(alloc.ID, runner);
  }

  /** The alloc was stopped before it was ever seen here: nothing to kill. */
  #forgetUnstarted(alloc: Allocation): void {
    this.#report({ ID: alloc.ID, ClientStatus: 'complete', ClientDescription: '', TaskStates: null });
  }

  #forget(id: string, runner: SimRunner): void {
    runner.vanish();
    this.#runners.delete(id);
  }

  /** Reports until the server has it: a node forgets nothing that was not acknowledged. */
  #report(update: AllocUpdate): void {
    if (this.#isDead) return;
    if (this.#isPartitioned) {
      this.#options.clock.after(1000, () => this.#resend(update));
      return;
    }
    this.#options.update(this.id, [update]).then(
      () => this.#runners.get(update.ID)?.heard(update.Healthy),
      () => this.#options.clock.after(200, () => this.#resend(update)),
    );
  }

  /** What is true by now, not what was. */
  #resend(update: AllocUpdate): void {
    const runner = this.#runners.get(update.ID);
    if (runner) runner.send();
    else if (update.TaskStates === null) this.#report(update);
  }
}
