/**
 * A simulated node: starts and stops instances by the node's own rules (health after `min_healthy_time`, the stop
 * sequence with its drain), with delays and failures from the seed instead of processes.
 */
import type { Clock, Timer } from '../src/lib/clock.ts';
import { type Random, randomInt } from '../src/lib/random.ts';
import type { Allocation, AllocUpdate } from '../src/model/allocation.ts';
import { drainDeadline, groupServices, hasIngress } from '../src/model/ingress-services.ts';
import { findGroup, type Job, type TaskGroup } from '../src/model/job.ts';
import { MILLISECOND } from '../src/model/nanos.ts';
import type { NodeAssignment } from '../src/node/server-connection.ts';

export type Fate = 'healthy' | 'never-healthy' | 'fails';

export interface SimNodeOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly assignment: (nodeId: string) => NodeAssignment;
  readonly update: (nodeId: string, updates: readonly AllocUpdate[]) => Promise<unknown>;
  readonly heartbeat: (nodeId: string) => Promise<unknown>;
  /** What becomes of an instance of this job version. */
  readonly fate: (alloc: Allocation, job: Job) => Fate;
  /** A planted bug: kills without waiting for the drain. A law that does not find it is none. */
  readonly isImpatient?: boolean;
  /** Called at the very moment of the kill, before the instance is gone: the laws look here. */
  readonly onKill: (alloc: Allocation, drainedByDeadline: boolean) => void;
}

interface Runner {
  alloc: Allocation;
  readonly job: Job;
  readonly group: TaskGroup;
  status: AllocUpdate['ClientStatus'];
  passing: boolean;
  draining: boolean;
  healthy: boolean | undefined;
  killing: boolean;
  healthTimer: Timer | undefined;
}

export class SimNode {
  readonly id: string;
  readonly #options: SimNodeOptions;
  readonly #runners = new Map<string, Runner>();
  #looking = false;
  /** Cut off from the server: it hears nothing and is not heard; what runs goes on. */
  #isPartitioned = false;
  #isDead = false;

  constructor(options: SimNodeOptions) {
    this.id = options.id;
    this.#options = options;
    this.#beat();
  }

  set isPartitioned(value: boolean) {
    this.#isPartitioned = value;
    if (!value) this.notify();
  }

  /** The machine is gone, and everything on it. */
  die(): void {
    this.#isDead = true;
    this.#runners.clear();
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  answers(allocId: string): boolean {
    const runner = this.#runners.get(allocId);
    return runner?.status === 'running' && runner.passing;
  }

  notify(): void {
    if (this.#looking || this.#isPartitioned || this.#isDead) return;
    this.#looking = true;
    this.#options.clock.after(1 + randomInt(this.#options.random, 20), () => {
      this.#looking = false;
      if (!this.#isPartitioned && !this.#isDead) this.#look();
    });
  }

  #beat(): void {
    if (this.#isDead) return;
    this.#options.clock.after(5000, () => this.#beat());
    if (this.#isPartitioned) return;
    this.#options.heartbeat(this.id).catch(() => {});
    this.notify();
  }

  #look(): void {
    let assignment: NodeAssignment;
    try {
      assignment = this.#options.assignment(this.id);
    } catch {
      return;
    }
    const jobs = new Map(assignment.Jobs.map((job) => [`${job.ID}/${job.Version}`, job]));
    const present = new Set<string>();
    for (const alloc of assignment.Allocs) {
      present.add(alloc.ID);
      const job = jobs.get(`${alloc.JobID}/${alloc.JobVersion}`);
      if (job) this.#assign(alloc, job);
    }
    for (const [id, runner] of this.#runners) {
      if (present.has(id)) continue;
      // The server forgot it, or has heard that it ended.
      if (isEnded(runner)) this.#runners.delete(id);
      else this.#wind(runner);
    }
  }

  #assign(alloc: Allocation, job: Job): void {
    const known = this.#runners.get(alloc.ID);
    const group = findGroup(job, alloc.TaskGroup);
    if (!group) return;
    if (!known) {
      if (alloc.DesiredStatus === 'run') this.#start(alloc, job, group);
      else this.#forgetUnstarted(alloc);
      return;
    }
    const rejudge = known.alloc.DeploymentID !== alloc.DeploymentID;
    known.alloc = alloc;
    if (alloc.DesiredStatus !== 'run') this.#wind(known);
    else if (rejudge || (known.healthy === undefined && !known.healthTimer)) this.#judge(known, rejudge);
  }

  #start(alloc: Allocation, job: Job, group: TaskGroup): void {
    const previous = alloc.AwaitsPrevious ? this.#runners.get(alloc.PreviousAllocation) : undefined;
    if (previous && !isEnded(previous)) return;
    const runner: Runner = {
      alloc,
      job,
      group,
      status: 'pending',
      passing: false,
      draining: false,
      healthy: undefined,
      killing: false,
      healthTimer: undefined,
    };
    this.#runners.set(alloc.ID, runner);
    this.#later(20 + randomInt(this.#options.random, 300), runner, () => {
      runner.status = 'running';
      this.#send(runner);
      this.#live(runner);
    });
  }

  /** The alloc was stopped before it was ever seen here: nothing to kill. */
  #forgetUnstarted(alloc: Allocation): void {
    this.#report({ ID: alloc.ID, ClientStatus: 'complete', ClientDescription: '', TaskStates: null });
  }

  #live(runner: Runner): void {
    const fate = this.#options.fate(runner.alloc, runner.job);
    const delayMs = 10 + randomInt(this.#options.random, 500);
    if (fate === 'healthy') {
      this.#later(delayMs, runner, () => {
        runner.passing = true;
        this.#send(runner);
        this.#judge(runner, true);
      });
    } else if (fate === 'fails') {
      this.#later(delayMs, runner, () => this.#fail(runner));
    } else {
      const deadlineMs = (runner.group.Update?.HealthyDeadline ?? 0) / MILLISECOND;
      this.#later(deadlineMs, runner, () => this.#judged(runner, false));
    }
  }

  /** Healthy when the checks pass, and the ingress finds it, for `min_healthy_time`. */
  #judge(runner: Runner, restart: boolean): void {
    if (runner.alloc.DeploymentID === '') return;
    if (restart) {
      runner.healthTimer?.cancel();
      runner.healthTimer = undefined;
      runner.healthy = undefined;
    }
    const ready = !hasIngress(runner.group) || runner.alloc.Traffic === undefined || runner.alloc.Traffic.Ready;
    if (!runner.passing || !ready || runner.healthTimer || runner.healthy !== undefined) return;
    const minMs = (runner.group.Update?.MinHealthyTime ?? 0) / MILLISECOND;
    runner.healthTimer = this.#options.clock.after(minMs, () => {
      runner.healthTimer = undefined;
      if (this.#isAlive(runner) && runner.passing) this.#judged(runner, true);
    });
  }

  #judged(runner: Runner, healthy: boolean): void {
    if (isEnded(runner) || runner.alloc.DesiredStatus !== 'run') return;
    runner.healthy = healthy;
    this.#send(runner);
  }

  #fail(runner: Runner): void {
    if (isEnded(runner)) return;
    runner.status = 'failed';
    runner.passing = false;
    runner.healthy = false;
    this.#send(runner);
  }

  /** The stop sequence: say draining, wait for the acknowledgement or the deadline, kill, report. */
  #wind(runner: Runner): void {
    if (isEnded(runner)) {
      this.#send(runner);
      return;
    }
    if (!runner.draining) {
      runner.draining = true;
      this.#send(runner);
      const deadlineMs = drainDeadline(runner.group) / MILLISECOND;
      this.#later(deadlineMs, runner, () => this.#kill(runner, true));
    }
    const mayKill = this.#options.isImpatient || !hasIngress(runner.group) || runner.alloc.Traffic?.Drained;
    if (mayKill) this.#kill(runner, false);
  }

  #kill(runner: Runner, byDeadline: boolean): void {
    if (runner.killing || isEnded(runner)) return;
    runner.killing = true;
    this.#options.onKill(runner.alloc, byDeadline);
    this.#later(1 + randomInt(this.#options.random, 100), runner, () => {
      runner.status = 'complete';
      runner.passing = false;
      this.#send(runner);
      this.notify();
    });
  }

  #send(runner: Runner): void {
    const services = groupServices(runner.group).map((service) => ({
      Service: service.Name,
      PortLabel: service.PortLabel,
      Address: '127.0.0.1',
      Port: runner.alloc.Ports.find((port) => port.Label === service.PortLabel)?.Value ?? 0,
      Status: runner.draining ? ('draining' as const) : runner.passing ? ('passing' as const) : ('critical' as const),
      Checks: [],
    }));
    this.#report({
      ID: runner.alloc.ID,
      ClientStatus: runner.status,
      ClientDescription: '',
      TaskStates: null,
      Services: services,
      ...(runner.healthy !== undefined && {
        Healthy: { Healthy: runner.healthy, TimestampMs: this.#options.clock.nowMs() },
      }),
    });
  }

  /** Reports until the server has it: a node forgets nothing that was not acknowledged. */
  #report(update: AllocUpdate): void {
    if (this.#isDead) return;
    if (this.#isPartitioned) {
      this.#options.clock.after(1000, () => this.#report(update));
      return;
    }
    this.#options.update(this.id, [update]).catch(() => this.#options.clock.after(200, () => this.#resend(update.ID)));
  }

  #resend(allocId: string): void {
    const runner = this.#runners.get(allocId);
    if (runner) this.#send(runner);
  }

  #later(delayMs: number, runner: Runner, fn: () => void): void {
    this.#options.clock.after(delayMs, () => {
      if (this.#isAlive(runner)) fn();
    });
  }

  #isAlive(runner: Runner): boolean {
    return !this.#isDead && this.#runners.get(runner.alloc.ID) === runner;
  }
}

const isEnded = (runner: Runner): boolean => runner.status === 'complete' || runner.status === 'failed';
