/**
 * One allocation on this node: its tasks in their order, its checks, its health, and its end. What is wanted arrives
 * through `update`; what is so is told through `deps.report` and read with `buildUpdate`. Every change of its tasks or
 * checks, or of what is wanted, comes by `#changed`, which has the others look again.
 */
import type { Driver, TaskConfig } from '../drivers/driver.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import { type Allocation, type AllocServiceStatus, type AllocUpdate, isClientTerminal } from '../model/allocation.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import type { Task } from '../model/task.ts';
import { type AllocPaths, allocPaths } from './alloc-dir.ts';
import { AllocFolders } from './alloc-folders.ts';
import { AllocOrders } from './alloc-orders.ts';
import { allocStatus, withVerdict } from './alloc-report.ts';
import { AllocUsage } from './alloc-usage.ts';
import { type CheckReport, checkReports } from './check-report.ts';
import { CheckSupervisor } from './check-supervisor.ts';
import type { ClientState, SavedAlloc } from './client-state.ts';
import { Conditions } from './conditions.ts';
import { AllocConsul } from './consul/alloc-consul.ts';
import type { ConsulSync } from './consul/consul-sync.ts';
import { HealthWatch } from './health-watch.ts';
import { describeHeldPorts, type PortHolder } from './held-ports.ts';
import { decideRestart, NO_RESTARTS } from './restart-policy.ts';
import { runScript } from './script-check.ts';
import { type ServiceFacts, serviceStatuses } from './service-status.ts';
import * as events from './task-events.ts';
import { type AllocFacts, groupOf, lookupFor, taskConfig, taskNamed } from './task-place.ts';
import { endsByItself, roleOf } from './task-roles.ts';
import { TaskRunner } from './task-runner.ts';
import { TaskSequence } from './task-sequence.ts';
import { TrafficExit } from './traffic-exit.ts';

export interface AllocRunnerDeps {
  readonly node: () => Node;
  /** Where services of this node are reached. */
  readonly nodeAddress: string;
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly allocsDir: string;
  /** The agent's own environment, which tasks of raw_exec see in part. */
  readonly hostEnv: Readonly<Record<string, string>>;
  readonly state: ClientState;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly log: Log;
  /** Since when a server answers without a break; undefined: none does. */
  readonly serverHeardSinceMs: () => number | undefined;
  /** Something about the allocation is to be told to the server. */
  readonly report: (allocId: string) => void;
  /** Asked before the first start; a machine without one takes all ports for free. */
  readonly portHolder: PortHolder | undefined;
  /** undefined: this node has no Consul. */
  readonly consul: ConsulSync | undefined;
  /** No task's kill_timeout is longer here. */
  readonly maxKillTimeoutMs: number;
  /** Resolves when the allocation of that id runs no more on this node; at once for one that never did. */
  readonly previousEnded: (allocId: string, signal: AbortSignal) => Promise<void>;
}

export class AllocRunner {
  readonly orders: AllocOrders;
  readonly usage: AllocUsage;
  readonly #deps: AllocRunnerDeps;
  readonly #folders: AllocFolders;
  readonly #conditions = new Conditions();
  readonly #checks: CheckSupervisor;
  readonly #consul: AllocConsul;
  readonly #exit: TrafficExit;
  readonly #health: HealthWatch;
  readonly #sequence: TaskSequence;
  readonly #log: Log;
  #alloc: Allocation;
  #job: Job;
  #group: TaskGroup;
  #stopOrdered = false;
  #ended: boolean;
  #unsaved = true;
  #leave = NEVER;

  constructor(alloc: Allocation, job: Job, saved: SavedAlloc | undefined, deps: AllocRunnerDeps) {
    const { clock, drivers, node } = deps;
    this.#deps = deps;
    this.#alloc = alloc;
    this.#job = job;
    this.#group = groupOf(job, alloc);
    this.#log = deps.log.child({ alloc: alloc.ID });
    this.#folders = new AllocFolders(allocPaths(deps.allocsDir, alloc.ID), this.#log);
    this.#health = new HealthWatch(saved?.health ?? null, clock, () => this.#changed());
    this.#ended = isClientTerminal(alloc);
    const runners = this.#group.Tasks.map((task) => this.#taskRunner(task, saved));
    this.#sequence = new TaskSequence(this.#group, runners, (holds) => this.#until(holds));
    this.#consul = new AllocConsul({ sync: deps.consul, nodeId: () => node().ID, allocId: alloc.ID, clock });
    this.#checks = this.#checkSupervisor(saved);
    this.#exit = new TrafficExit({
      instance: this,
      sequence: this.#sequence,
      consul: this.#consul,
      conditions: this.#conditions,
      changed: () => this.#changed(),
      serverHeardSinceMs: deps.serverHeardSinceMs,
      clock,
      log: this.#log,
    });
    this.orders = new AllocOrders({
      facts: () => this.#facts(),
      clientStatus: () => this.status().ClientStatus,
      isEnded: () => this.#ended,
      sequence: this.#sequence,
      exit: this.#exit,
      conditions: this.#conditions,
      drivers,
      clock,
    });
    this.usage = new AllocUsage({ instance: this, sequence: this.#sequence, drivers, node, clock });
  }

  get alloc(): Allocation {
    return this.#alloc;
  }

  get job(): Job {
    return this.#job;
  }

  get group(): TaskGroup {
    return this.#group;
  }

  get paths(): AllocPaths {
    return this.#folders.paths;
  }

  /** Nothing of it runs, and nothing will. */
  get isEnded(): boolean {
    return this.#ended;
  }

  /** Whether a start of that id is one of its tasks'. */
  hasStart(startId: string): boolean {
    return this.#sequence.all.some((task) => task.saved().startId === startId);
  }

  /** Resolves when the allocation has ended; or, with its tasks running on, when `leave` aborts. */
  async run(leave: AbortSignal): Promise<void> {
    if (this.#ended) return;
    this.#changed();
    await this.#awaitPrevious(leave);
    if (leave.aborted) return;
    this.#leave = leave;
    if (this.#isWanted || this.#sequence.hasBegun) await this.#runTasks(leave);
    else this.#sequence.abandonAll();
    this.#health.close();
    await this.#checks.close();
    if (!leave.aborted) this.#end();
    this.#unsaved = true;
    this.keep();
  }

  /** Takes what the server says of it now; an in-place update brings another version of its job. */
  update(alloc: Allocation, job: Job): void {
    this.#alloc = alloc;
    this.#job = job;
    this.#group = groupOf(job, alloc);
    this.#unsaved = true;
    if (!this.#ended) this.#changed();
  }

  /** Ends it as if the server had said so. */
  stop(): void {
    this.#stopOrdered = true;
    if (!this.#ended) this.#changed();
  }

  /** Ends it at once: no drain, no delay, no signal that a task could ignore. */
  kill(): void {
    this.#exit.hurry();
    this.stop();
    for (const task of this.#sequence.all) {
      task.killAtOnce().catch((error) => this.#log.error({ error: messageOf(error) }, 'task cannot be killed'));
    }
  }

  /** Looked at now and then: what nobody tells a node. */
  lookAround(): void {
    if (this.#ended) return;
    this.keep();
    this.#folders.lookAround(this.#sequence.all);
  }

  /** The machine's clock was set: who reads the events of a running task must know why their times jump. */
  clockSet(byMs: number): void {
    for (const task of this.#sequence.all) if (task.isRunning) task.note(events.clockSet(byMs));
  }

  /** On disk, if there is news and the disk takes it; if not, the next time. */
  keep(): void {
    try {
      if (this.#unsaved) this.#save();
    } catch {
      // The log has it.
    }
  }

  /** What the server is to be told now. Saved first: a node never forgets what it said, if its disk takes it. */
  buildUpdate(): AllocUpdate {
    this.keep();
    return withVerdict(this.status(), this.#health.unheard, this.paths.logs);
  }

  /** The server has heard what `buildUpdate` said. */
  acknowledged(update: AllocUpdate): void {
    if (!this.#health.acknowledge(update.Healthy)) return;
    this.#unsaved = true;
    this.keep();
  }

  /** Its state in the wire's words. */
  status(): AllocUpdate {
    const [allocId, states] = [this.#alloc.ID, this.#sequence.states()];
    const services = () => serviceStatuses(this.#serviceFacts());
    return allocStatus({ allocId, states, isEnded: this.#ended, services });
  }

  /** Its services with their checks and what these found before. */
  checks(): AllocServiceStatus[] {
    return serviceStatuses(this.#serviceFacts(), { withHistory: true });
  }

  /** The same as the wire has them; an allocation that has ended has none. */
  checkReports(): Record<string, CheckReport> {
    if (this.#ended) return {};
    return checkReports({ alloc: this.#alloc, group: this.#group, state: (key) => this.#checks.state(key) });
  }

  get #isWanted(): boolean {
    return this.#alloc.DesiredStatus === 'run' && !this.#stopOrdered;
  }

  async #awaitPrevious(leave: AbortSignal): Promise<void> {
    if (!this.#alloc.AwaitsPrevious || this.#sequence.hasBegun) return;
    const noLonger = new AbortController();
    const unwanted = this.#conditions
      .until(() => !this.#isWanted, this.#deps.clock, Number.POSITIVE_INFINITY, noLonger.signal)
      .then(() => noLonger.abort());
    await this.#deps.previousEnded(this.#alloc.PreviousAllocation, AbortSignal.any([leave, noLonger.signal]));
    noLonger.abort();
    await unwanted;
  }

  async #runTasks(leave: AbortSignal): Promise<void> {
    const problem = (await this.#untilPortsAreFree(leave)) ?? this.#makeFolders();
    if (problem !== undefined) {
      this.#sequence.failAll(events.setupFailure(problem));
      return;
    }
    if (leave.aborted) return;
    await this.#sequence.recover(leave);
    await Promise.all([this.#sequence.run(leave), this.#stopWhenUnwanted(leave)]);
  }

  /** Who holds a port may give it back: it is looked at again as often as the group is restarted. What it says in the end. */
  async #untilPortsAreFree(leave: AbortSignal): Promise<string | undefined> {
    const { clock, random } = this.#deps;
    const policy = this.#group.RestartPolicy;
    const question = { policy, endsByItself: false, outcome: 'failure', onlyOnce: false, random } as const;
    let history = NO_RESTARTS;
    for (;;) {
      const problem = await this.#heldPorts();
      if (problem === undefined) return undefined;
      const decision = decideRestart({ ...question, history, nowMs: clock.nowMs() });
      if (decision.kind !== 'restart') return problem;
      history = decision.history;
      this.#sequence.noteAll(events.setupProblem(problem), events.restarting(decision.delayMs, decision.reason));
      await this.#conditions.until(() => !this.#isWanted, clock, clock.nowMs() + decision.delayMs, leave);
      if (leave.aborted || !this.#isWanted) return undefined;
    }
  }

  /** Of a start that is still to come: later, or where an earlier agent was making one, its own tasks hold them. */
  async #heldPorts(): Promise<string | undefined> {
    const { portHolder, nodeAddress } = this.#deps;
    if (portHolder === undefined || this.#sequence.hasBegun) return undefined;
    return describeHeldPorts(this.#alloc.Ports, nodeAddress, portHolder);
  }

  #makeFolders(): string | undefined {
    try {
      this.#folders.make(this.#group);
      return undefined;
    } catch (error) {
      this.#log.error({ error: messageOf(error) }, 'allocation folders cannot be made');
      return `failed to build the allocation's folders: ${messageOf(error)}`;
    }
  }

  async #stopWhenUnwanted(leave: AbortSignal): Promise<void> {
    await this.#until(() => !this.#isWanted || this.#sequence.isOver || this.#sequence.cause !== undefined);
    if (leave.aborted || this.#sequence.isOver) return;
    const cause = this.#isWanted ? this.#sequence.cause : undefined;
    if (cause !== undefined) this.#sequence.noteCause(cause);
    await this.#exit.stopGently(leave);
  }

  /** With false when the agent leaves. */
  #until(holds: () => boolean): Promise<boolean> {
    return this.#conditions.until(holds, this.#deps.clock, Number.POSITIVE_INFINITY, this.#leave);
  }

  #end(): void {
    this.#ended = true;
    this.#unsaved = true;
    this.#followConsul();
    this.#conditions.look();
    this.#deps.report(this.#alloc.ID);
  }

  /** Called after every change of tasks, checks, or of what the server wants. */
  #changed(): void {
    this.#unsaved = true;
    this.#checks.follow();
    this.#followConsul();
    this.#judgeHealth();
    this.#conditions.look();
    this.#deps.report(this.#alloc.ID);
  }

  #followConsul(): void {
    const isServing = !this.#ended && !this.#exit.isOut;
    this.#consul.follow(
      () => ({
        ...this.#serviceFacts(),
        isCanary: this.#alloc.DeploymentStatus?.Canary === true,
        isResting: this.#alloc.RestsUntilMs !== undefined,
        lookupFor: (task) => lookupFor(this.#facts(), task),
      }),
      isServing,
    );
  }

  #judgeHealth(): void {
    if (!this.#isWanted) return;
    const view = {
      alloc: this.#alloc,
      group: this.#group,
      states: this.#sequence.states(),
      checks: this.#checks.states(),
    };
    const unhealthy = this.#health.look(view);
    if (unhealthy !== undefined) for (const task of this.#sequence.all) task.note(events.allocUnhealthy(unhealthy));
  }

  #serviceFacts(): ServiceFacts {
    return {
      group: this.#group,
      ports: this.#alloc.Ports,
      nodeAddress: this.#deps.nodeAddress,
      isRunning: (task) => this.#sequence.find(task)?.isRunning ?? false,
      check: (key) => this.#checks.state(key),
      draining: this.#exit.isOut,
    };
  }

  #checkSupervisor(saved: SavedAlloc | undefined): CheckSupervisor {
    const { clock, nodeAddress, drivers } = this.#deps;
    const driverNamed = (name: string) => drivers.get(name);
    return new CheckSupervisor({
      clock,
      group: () => this.#group,
      ports: () => this.#alloc.Ports,
      nodeAddress,
      saved: saved?.checks ?? {},
      lookupFor: (task) => lookupFor(this.#facts(), task),
      isRunning: (task) => this.#sequence.find(task)?.isRunning ?? false,
      runScript: (taskName, command, args, timeoutMs, signal) => {
        const handle = this.#sequence.find(taskName)?.handle;
        return runScript(this.#facts(), { taskName, command, args, timeoutMs }, driverNamed, handle, signal);
      },
      restart: (task, reason) => this.#restartUnhealthy(task, reason),
      consul: this.#consul,
      changed: () => this.#changed(),
    });
  }

  async #restartUnhealthy(taskName: string, reason: string): Promise<void> {
    if (this.#isWanted && !this.#exit.isFinal) await this.#sequence.find(taskName)?.failCheck(reason);
  }

  #taskRunner(task: Task, saved: SavedAlloc | undefined): TaskRunner {
    const { clock, random, newId, drivers } = this.#deps;
    return new TaskRunner({
      driver: drivers.get(task.Driver),
      task: () => taskNamed(this.#group, task.Name),
      policy: () => taskNamed(this.#group, task.Name).RestartPolicy ?? this.#group.RestartPolicy,
      configOf: (startId) => this.#configOf(task.Name, startId),
      endsByItself: () => endsByItself(taskNamed(this.#group, task.Name), this.#job.Type),
      onlyOnce: () => roleOf(task) === 'poststop',
      maxKillTimeoutMs: this.#deps.maxKillTimeoutMs,
      saved: saved?.tasks[task.Name],
      changed: () => this.#changed(),
      save: () => this.#save(),
      clock,
      random,
      newId,
      log: this.#log,
    });
  }

  #configOf(taskName: string, startId: string): TaskConfig {
    const config = taskConfig(this.#facts(), taskName, startId);
    this.#folders.makeAgain(this.#group, taskName, this.#sequence.find(taskName));
    return config;
  }

  #facts(): AllocFacts {
    const { hostEnv, node, drivers } = this.#deps;
    const worldOf = (driver: string) => drivers.get(driver)?.world;
    const place = { node: node(), paths: this.paths, hostEnv, worldOf };
    return { alloc: this.#alloc, job: this.#job, group: this.#group, ...place };
  }

  #save(): void {
    const { ClientStatus, ClientDescription } = this.status();
    const alloc = { ...this.#alloc, ClientStatus, ClientDescription };
    const tasks = Object.fromEntries(this.#sequence.all.map((task) => [task.name, task.saved()]));
    this.#deps.state.save({ alloc, tasks, checks: this.#checks.saved(), health: this.#health.saved }, this.#job);
    this.#unsaved = false;
  }
}

const NEVER = new AbortController().signal;
