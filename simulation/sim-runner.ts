/**
 * One simulated instance on its node: its task and its checks follow its fate; its health is judged by the node's own
 * `HealthWatch`, and the stop sequence waits for the ingresses as a node does.
 */
import type { Clock } from '../src/lib/clock.ts';
import { type Random, randomInt } from '../src/lib/random.ts';
import type { Allocation, AllocUpdate, TaskState } from '../src/model/allocation.ts';
import { drainDeadline, groupServices, hasIngress } from '../src/model/ingress-services.ts';
import { findGroup, type Job, type TaskGroup } from '../src/model/job.ts';
import { MILLISECOND, timestampOf } from '../src/model/nanos.ts';
import type { CheckState } from '../src/node/check-state.ts';
import { HealthWatch } from '../src/node/health-watch.ts';
import { checkKey } from '../src/node/service-status.ts';

/** healthy soon · healthy after seconds · never · its task ends with a failure · passes and fails in turn. */
export const FATES = ['healthy', 'slow', 'never-healthy', 'fails', 'flapping'] as const;
export type Fate = (typeof FATES)[number];

export interface SimRunnerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly fate: () => Fate;
  /** Flapping ends when all faults do. */
  readonly isCalm: () => boolean;
  /** Something is to be told to the server. */
  readonly send: (update: AllocUpdate) => void;
  readonly isImpatient: boolean;
  /** Called at the very moment of the kill, before the instance is gone: the laws look here. */
  readonly onKill: (alloc: Allocation, byDeadline: boolean) => void;
  readonly onEnd: () => void;
}

export class SimRunner {
  alloc: Allocation;
  readonly #job: Job;
  readonly #group: TaskGroup;
  readonly #options: SimRunnerOptions;
  readonly #health: HealthWatch;
  #status: AllocUpdate['ClientStatus'] = 'pending';
  #startedAtMs: number | undefined;
  #passingSinceMs: number | undefined;
  #draining = false;
  #killing = false;
  #isGone = false;

  constructor(alloc: Allocation, job: Job, options: SimRunnerOptions) {
    const group = findGroup(job, alloc.TaskGroup);
    if (!group) throw new Error(`version ${job.Version} has no group ${alloc.TaskGroup}`);
    this.alloc = alloc;
    this.#job = job;
    this.#group = group;
    this.#options = options;
    this.#health = new HealthWatch(null, options.clock, () => this.#unlessGone(() => this.#look()));
    this.#later(20 + randomInt(options.random, 300), () => this.#run());
  }

  get isEnded(): boolean {
    return this.#status === 'complete' || this.#status === 'failed';
  }

  get isRunning(): boolean {
    return this.#status === 'running';
  }

  get answers(): boolean {
    return this.isRunning && this.#passingSinceMs !== undefined;
  }

  /** The machine is gone, or has forgotten the instance. */
  vanish(): void {
    this.#isGone = true;
    this.#health.close();
  }

  assign(alloc: Allocation, job: Job): void {
    this.alloc = alloc;
    if (alloc.DesiredStatus !== 'run') this.wind();
    else this.#look(findGroup(job, alloc.TaskGroup));
  }

  /** The task ends by itself. */
  fail(): void {
    if (this.isEnded || this.#killing) return;
    this.#status = 'failed';
    this.#passingSinceMs = undefined;
    this.#look();
    this.send();
    this.#options.onEnd();
  }

  /** The stop sequence: say draining, wait for the acknowledgement or the deadline, kill, report. */
  wind(): void {
    if (this.isEnded) {
      this.send();
      return;
    }
    if (!this.#draining) {
      this.#draining = true;
      this.send();
      this.#later(drainDeadline(this.#group) / MILLISECOND, () => this.#kill(true));
    }
    const mayKill = this.#options.isImpatient || !hasIngress(this.#group) || this.alloc.Traffic?.Drained;
    if (mayKill) this.#kill(false);
  }

  send(): void {
    const verdict = this.#health.unheard;
    this.#options.send({
      ID: this.alloc.ID,
      ClientStatus: this.#status,
      ClientDescription: '',
      TaskStates: this.#taskStates(),
      Services: this.#services(),
      ...(verdict && { Healthy: { ...verdict, DeploymentID: this.#health.saved?.deploymentId ?? '' } }),
    });
  }

  /** The server has heard what was sent: that verdict need not be said again. */
  heard(healthy: AllocUpdate['Healthy']): void {
    const verdict = this.#health.unheard;
    if (healthy && verdict?.TimestampMs === healthy.TimestampMs) this.#health.acknowledge(verdict);
  }

  #run(): void {
    if (this.isEnded || this.#killing) return;
    this.#status = 'running';
    this.#startedAtMs = this.#options.clock.nowMs();
    this.#look();
    this.send();
    const { random } = this.#options;
    const soonMs = 10 + randomInt(random, 500);
    const fate = this.#options.fate();
    if (fate === 'healthy') this.#later(soonMs, () => this.#pass());
    else if (fate === 'slow') this.#later(1000 + randomInt(random, 11_000), () => this.#pass());
    else if (fate === 'fails') this.#later(soonMs, () => this.fail());
    else if (fate === 'flapping') this.#later(soonMs, () => this.#flap(true));
  }

  #pass(): void {
    if (!this.isRunning || this.#passingSinceMs !== undefined) return;
    this.#passingSinceMs = this.#options.clock.nowMs();
    this.#look();
    this.send();
  }

  #flap(passes: boolean): void {
    if (!this.isRunning) return;
    if (passes || this.#options.isCalm()) this.#pass();
    else {
      this.#passingSinceMs = undefined;
      this.#look();
      this.send();
    }
    if (!this.#options.isCalm()) this.#later(500 + randomInt(this.#options.random, 6000), () => this.#flap(!passes));
  }

  #kill(byDeadline: boolean): void {
    if (this.#killing || this.isEnded) return;
    this.#killing = true;
    this.#options.onKill(this.alloc, byDeadline);
    this.#later(1 + randomInt(this.#options.random, 100), () => {
      this.#status = 'complete';
      this.#passingSinceMs = undefined;
      this.send();
      this.#options.onEnd();
    });
  }

  #look(group: TaskGroup = this.#group): void {
    const before = this.#health.unheard;
    this.#health.look({ alloc: this.alloc, group, states: this.#taskStates(), checks: this.#checks() });
    if (this.#health.unheard !== before) this.send();
  }

  #checks(): Map<string, CheckState> {
    const passing = this.#passingSinceMs;
    const state: CheckState = {
      status: passing === undefined ? 'critical' : 'passing',
      output: '',
      timestampMs: this.#options.clock.nowMs(),
      passingSinceMs: passing,
      successes: passing === undefined ? 0 : 1,
      failures: passing === undefined ? 1 : 0,
    };
    const services = groupServices(this.#group);
    return new Map(
      services.flatMap((service) =>
        (service.Checks ?? []).map((check, at): [string, CheckState] => [checkKey(service, check, at), state]),
      ),
    );
  }

  #taskStates(): Record<string, TaskState> {
    const at = (ms: number | undefined): string | null => (ms === undefined ? null : timestampOf(ms));
    const State = this.isEnded ? 'dead' : this.isRunning ? 'running' : 'pending';
    const StartedAt = at(this.#startedAtMs);
    const state: TaskState = {
      State,
      Failed: this.#status === 'failed',
      Restarts: 0,
      LastRestart: null,
      StartedAt,
      FinishedAt: null,
      Events: [],
    };
    return Object.fromEntries(this.#group.Tasks.map(({ Name }) => [Name, state]));
  }

  #services(): NonNullable<AllocUpdate['Services']> {
    const passes = this.#passingSinceMs !== undefined;
    return groupServices(this.#group).map((service) => ({
      Service: service.Name,
      PortLabel: service.PortLabel,
      Address: '127.0.0.1',
      Port: this.alloc.Ports.find((port) => port.Label === service.PortLabel)?.Value ?? 0,
      Status: this.#draining ? 'draining' : passes ? 'passing' : 'critical',
      Checks: [],
    }));
  }

  #later(delayMs: number, fn: () => void): void {
    this.#options.clock.after(delayMs, () => this.#unlessGone(fn));
  }

  #unlessGone(fn: () => void): void {
    if (!this.#isGone) fn();
  }

  /** The version that it was started as. */
  get job(): Job {
    return this.#job;
  }
}
