/**
 * One allocation on this node: its folders, its tasks in their order, its checks, its health, and its end.
 * What is wanted arrives through `update`; what is so is told through `deps.report` and read with `buildUpdate`.
 */
import type { AttachedCommand, Driver, TaskConfig, TaskStats } from '../drivers/driver.ts';
import { knownSignal } from '../drivers/signals.ts';
import { findUser } from '../drivers/users.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import { type Allocation, type AllocServiceStatus, type AllocUpdate, isClientTerminal } from '../model/allocation.ts';
import { takesRequests } from '../model/ingress-services.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import type { Task } from '../model/task.ts';
import { type AllocPaths, allocPaths, areMissing, makeAllocDirs, taskPaths } from './alloc-dir.ts';
import { attachBeside, type BesideTask, chosenTask, requestOf } from './beside-task.ts';
import { type CheckReport, checkReports } from './check-report.ts';
import { CheckSupervisor } from './check-supervisor.ts';
import type { ClientState, SavedAlloc } from './client-state.ts';
import { judgeClientStatus } from './client-status.ts';
import { Conditions } from './conditions.ts';
import { AllocConsul } from './consul/alloc-consul.ts';
import type { ConsulSync } from './consul/consul-sync.ts';
import { HealthWatch } from './health-watch.ts';
import { describeHeldPorts, type PortHolder } from './held-ports.ts';
import { lastOutput } from './last-output.ts';
import { type AllocResourceUsage, UsageMeter } from './resource-usage.ts';
import { type ServiceFacts, serviceStatuses } from './service-status.ts';
import { drainDeadlineMs, shutdownDelayMs } from './stop-times.ts';
import * as events from './task-events.ts';
import { type AllocFacts, envOf, groupOf, lookupFor, taskConfig, taskNamed } from './task-place.ts';
import { endsByItself, roleOf } from './task-roles.ts';
import { TaskRunner } from './task-runner.ts';
import { TaskSequence } from './task-sequence.ts';

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
  readonly #deps: AllocRunnerDeps;
  readonly #paths: AllocPaths;
  readonly #conditions = new Conditions();
  readonly #checks: CheckSupervisor;
  readonly #consul: AllocConsul;
  readonly #health: HealthWatch;
  readonly #sequence: TaskSequence;
  readonly #log: Log;
  readonly #usage = new UsageMeter();
  #alloc: Allocation;
  #job: Job;
  #group: TaskGroup;
  #stopOrdered = false;
  #hurried = false;
  #draining = false;
  #restarting = 0;
  #ended: boolean;
  #unsaved = true;
  #hasFolders = true;
  #leave = NEVER;

  constructor(alloc: Allocation, job: Job, saved: SavedAlloc | undefined, deps: AllocRunnerDeps) {
    this.#deps = deps;
    this.#alloc = alloc;
    this.#job = job;
    this.#group = groupOf(job, alloc);
    this.#log = deps.log.child({ alloc: alloc.ID });
    this.#paths = allocPaths(deps.allocsDir, alloc.ID);
    this.#health = new HealthWatch(saved?.health ?? null, deps.clock, () => this.#changed());
    this.#ended = isClientTerminal(alloc);
    const runners = this.#group.Tasks.map((task) => this.#taskRunner(task, saved));
    this.#sequence = new TaskSequence(this.#group, runners, (holds) => this.#until(holds));
    const nodeId = () => deps.node().ID;
    this.#consul = new AllocConsul({ sync: deps.consul, nodeId, allocId: alloc.ID, clock: deps.clock });
    this.#checks = new CheckSupervisor({
      clock: deps.clock,
      group: () => this.#group,
      ports: () => this.#alloc.Ports,
      nodeAddress: deps.nodeAddress,
      saved: saved?.checks ?? {},
      lookupFor: (task) => lookupFor(this.#facts(), task),
      isRunning: (task) => this.#sequence.find(task)?.isRunning ?? false,
      runScript: (task, command, args, timeoutMs, signal) => this.#runScript(task, command, args, timeoutMs, signal),
      restart: (task, reason) => this.#restartUnhealthy(task, reason),
      consul: this.#consul,
      changed: () => this.#changed(),
    });
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
    return this.#paths;
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
    this.#hurried = true;
    this.stop();
    for (const task of this.#sequence.all) {
      task.killAtOnce().catch((error) => this.#log.error({ error: messageOf(error) }, 'task cannot be killed'));
    }
  }

  /** Looked at now and then: what nobody tells a node. */
  lookAround(): void {
    if (this.#ended) return;
    this.keep();
    const gone = this.#sequence.all.filter((task) => task.isRunning && areMissing(this.#paths, task.name));
    if (gone.length > 0 && this.#hasFolders) {
      this.#log.error({ folder: this.#paths.root }, 'the folder of an allocation was removed while it runs');
      for (const task of gone) task.note(events.foldersRemoved);
    }
    this.#hasFolders = gone.length === 0;
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
    const Healthy = this.#health.unheard;
    const status = this.status();
    const isBad = Healthy?.Healthy === false || status.ClientStatus === 'failed';
    return { ...status, ...(Healthy && { Healthy }), ...(isBad && this.#lastOutput()) };
  }

  #lastOutput(): Pick<AllocUpdate, 'Output'> {
    const output = lastOutput(this.#paths.logs, Object.keys(this.#sequence.states()));
    return Object.keys(output).length > 0 ? { Output: output } : {};
  }

  /** Its state in the wire's words. */
  status(): AllocUpdate {
    const states = this.#sequence.states();
    const { status, description } = judgeClientStatus(Object.values(states));
    const isOver = status === 'complete' || status === 'failed';
    const isEnding = isOver && !this.#ended;
    return {
      ID: this.#alloc.ID,
      ClientStatus: isEnding ? 'running' : status,
      ClientDescription: isEnding ? 'Tasks are running' : description,
      TaskStates: states,
      Services: isOver ? [] : this.#services(),
    };
  }

  acknowledged(update: AllocUpdate): void {
    if (!this.#health.acknowledge(update.Healthy)) return;
    this.#unsaved = true;
    this.keep();
  }

  /** Restarts one task or all that run; where an ingress sends requests here, they go elsewhere first. */
  async restart(taskName: string | undefined, signal: AbortSignal): Promise<void> {
    const targets = this.#chosen(taskName);
    const before = targets.map((task) => task.state.Restarts);
    const restarted = () => targets.every((task, at) => task.isDead || task.state.Restarts > before[at]!);
    await this.#outOfTraffic(signal, async (sinceMs) => {
      const restart = async (task: TaskRunner) => {
        await this.#shutdownDelay(task, sinceMs, signal);
        await task.restart(USER_RESTART);
      };
      await Promise.all(targets.map(restart));
      await this.#conditions.until(restarted, this.#deps.clock, Number.POSITIVE_INFINITY, signal);
    });
  }

  /** Has all tasks but the poststop ones begin anew in their order, also those that have done their work. */
  async restartAll(signal: AbortSignal): Promise<void> {
    if (this.#ended || this.#sequence.isOver) {
      throw new SerinError('refused', `allocation ${this.#alloc.ID} has ended: nothing of it can be restarted`);
    }
    await this.#outOfTraffic(signal, (sinceMs) =>
      this.#sequence.beginAgain(USER_RESTART, (task) => this.#shutdownDelay(task, sinceMs, signal), signal),
    );
  }

  /** What is done meanwhile meets no request. */
  async #outOfTraffic(signal: AbortSignal, work: (sinceMs: number) => Promise<void>): Promise<void> {
    this.#restarting++;
    this.#changed();
    try {
      const sinceMs = this.#deps.clock.nowMs();
      await this.#consul.left(signal);
      await this.#drained(sinceMs, signal);
      await work(sinceMs);
    } finally {
      this.#restarting--;
      this.#changed();
    }
  }

  async signal(name: string, taskName: string | undefined): Promise<void> {
    const signal = knownSignal(name);
    for (const task of this.#chosen(taskName)) await task.signal(signal);
  }

  async attach(id: string, command: BesideTask, signal: AbortSignal): Promise<AttachedCommand> {
    const task = chosenTask(this.#alloc.ID, this.#sequence.all, command.task);
    const { Driver, User } = taskNamed(this.#group, task.name);
    const taskDir = taskPaths(this.#paths, task.name).root;
    const place = { env: envOf(this.#facts(), task.name), user: User, taskDir, allocDir: this.#paths.shared };
    return attachBeside(this.#deps.drivers.get(Driver), task, { ...requestOf(id, command), ...place }, signal);
  }

  async stats(): Promise<Record<string, TaskStats>> {
    const found: Record<string, TaskStats> = {};
    for (const task of this.#sequence.all) {
      const driver = this.#deps.drivers.get(taskNamed(this.#group, task.name).Driver);
      if (task.handle !== undefined && driver?.stats !== undefined) found[task.name] = await driver.stats(task.handle);
    }
    return found;
  }

  /** Whoever looks for the first time, or for the first time in long, waits for a second look: use is a difference. */
  async resourceUsage(): Promise<AllocResourceUsage> {
    const { clock } = this.#deps;
    const mhz = Number(this.#deps.node().Attributes['cpu.frequency'] ?? 0);
    const first = await this.stats();
    if (!this.#usage.isOld(first)) return this.#usage.measure(first, mhz);
    this.#usage.measure(first, mhz);
    await sleep(clock, BETWEEN_LOOKS_MS);
    return this.#usage.measure(await this.stats(), mhz);
  }

  #chosen(taskName: string | undefined): TaskRunner[] {
    if (taskName === undefined || taskName === '') return this.#running();
    const task = this.#sequence.find(taskName);
    if (task === undefined) {
      const names = this.#sequence.all.map((each) => `"${each.name}"`).join(', ');
      throw new SerinError('notFound', `allocation ${this.#alloc.ID} has no task "${taskName}"; its tasks: ${names}`);
    }
    if (!task.isRunning) throw new SerinError('refused', `Task not running: "${taskName}" is ${task.state.State}`);
    return [task];
  }

  #running(): TaskRunner[] {
    const running = this.#sequence.all.filter((task) => task.isRunning);
    if (running.length > 0) return running;
    throw new SerinError('refused', `Task not running: allocation ${this.#alloc.ID} is ${this.status().ClientStatus}`);
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
    const held = await this.#heldPorts();
    if (held !== undefined) {
      this.#sequence.failAll(events.setupFailure(held));
      return;
    }
    try {
      makeAllocDirs(this.#paths, this.#group, (user) => findUser(user, 'setpriv'));
    } catch (error) {
      this.#log.error({ error: messageOf(error) }, 'allocation folders cannot be made');
      this.#sequence.failAll(events.setupFailure(`failed to build the allocation's folders: ${messageOf(error)}`));
      return;
    }
    await this.#sequence.recover(leave);
    await Promise.all([this.#sequence.run(leave), this.#stopWhenUnwanted(leave)]);
  }

  /** Of a start that is still to come: later, or where an earlier agent was making one, its own tasks hold them. */
  async #heldPorts(): Promise<string | undefined> {
    const { portHolder, nodeAddress } = this.#deps;
    if (portHolder === undefined || this.#sequence.hasBegun) return undefined;
    return describeHeldPorts(this.#alloc.Ports, nodeAddress, portHolder);
  }

  async #stopWhenUnwanted(leave: AbortSignal): Promise<void> {
    await this.#until(() => !this.#isWanted || this.#sequence.isOver || this.#sequence.cause !== undefined);
    if (leave.aborted || this.#sequence.isOver) return;
    const cause = this.#isWanted ? this.#sequence.cause : undefined;
    if (cause !== undefined) this.#sequence.noteCause(cause);
    await this.#stopGently(leave);
  }

  /** With false when the agent leaves. */
  #until(holds: () => boolean): Promise<boolean> {
    return this.#conditions.until(holds, this.#deps.clock, Number.POSITIVE_INFINITY, this.#leave);
  }

  /**
   * The whole story of an instance's end, whoever wants it (the server, a sibling that failed, the leader's end): leave
   * Consul, drain, wait at least shutdown_delay, signal, kill. What does not run at that moment serves nobody and ends
   * at once.
   */
  async #stopGently(leave: AbortSignal): Promise<void> {
    const beganMs = this.#deps.clock.nowMs();
    this.#draining = true;
    this.#sequence.killIdle();
    this.#changed();
    await this.#consul.left(leave);
    await this.#drained(beganMs, leave);
    await this.#sequence.killAll((task) => this.#shutdownDelay(task, beganMs, leave), leave);
  }

  /** Every ingress says that nothing is in flight here any more; or their deadline has passed, or nothing runs here. */
  async #drained(sinceMs: number, leave: AbortSignal): Promise<void> {
    if (!takesRequests(this.#group, this.#alloc)) return;
    const drained = () => this.#alloc.Traffic?.Drained === true || this.#sequence.isOver || this.#hurried;
    const deadlineMs = sinceMs + drainDeadlineMs(this.#group);
    const inTime = await this.#conditions.until(drained, this.#deps.clock, deadlineMs, leave);
    if (!inTime && !leave.aborted) {
      this.#log.warn({ owing: this.#alloc.Traffic?.Owing ?? [] }, 'drain deadline passed; stopping all the same');
    }
  }

  async #shutdownDelay(task: TaskRunner, sinceMs: number, leave: AbortSignal): Promise<void> {
    if (this.#alloc.DesiredTransition?.NoShutdownDelay === true) return;
    const untilMs = sinceMs + shutdownDelayMs(this.#group, taskNamed(this.#group, task.name));
    if (untilMs <= this.#deps.clock.nowMs()) return;
    await this.#conditions.until(() => task.isDead || this.#hurried, this.#deps.clock, untilMs, leave);
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
    const isServing = !this.#ended && !this.#draining && this.#restarting === 0;
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

  /** Its services with their checks and what these found before. */
  checks(): AllocServiceStatus[] {
    return serviceStatuses(this.#serviceFacts(), { withHistory: true });
  }

  /** The same as the wire has them; an allocation that has ended has none. */
  checkReports(): Record<string, CheckReport> {
    if (this.#ended) return {};
    return checkReports({ alloc: this.#alloc, group: this.#group, state: (key) => this.#checks.state(key) });
  }

  #services(): AllocServiceStatus[] {
    return serviceStatuses(this.#serviceFacts());
  }

  #serviceFacts(): ServiceFacts {
    return {
      group: this.#group,
      ports: this.#alloc.Ports,
      nodeAddress: this.#deps.nodeAddress,
      isRunning: (task) => this.#sequence.find(task)?.isRunning ?? false,
      check: (key) => this.#checks.state(key),
      draining: this.#draining || this.#restarting > 0,
    };
  }

  async #restartUnhealthy(taskName: string, reason: string): Promise<void> {
    if (this.#isWanted && !this.#draining) await this.#sequence.find(taskName)?.failCheck(reason);
  }

  async #runScript(taskName: string, command: string, args: readonly string[], timeoutMs: number, signal: AbortSignal) {
    const task = taskNamed(this.#group, taskName);
    const handle = this.#sequence.find(taskName)?.handle;
    const driver = this.#deps.drivers.get(task.Driver);
    if (driver?.exec === undefined) throw new SerinError('driver', `driver "${task.Driver}" cannot run script checks`);
    if (handle === undefined) throw new SerinError('driver', `task "${taskName}" does not run`);
    const place = {
      env: envOf(this.#facts(), taskName),
      user: task.User,
      taskDir: taskPaths(this.#paths, taskName).root,
    };
    return driver.exec(handle, { command, args, ...place, timeoutMs, maxOutputBytes: 4096 }, signal);
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

  /** Somebody may have removed the folders since the last start. */
  #configOf(taskName: string, startId: string): TaskConfig {
    const config = taskConfig(this.#facts(), taskName, startId);
    if (areMissing(this.#paths, taskName)) {
      makeAllocDirs(this.#paths, this.#group, (user) => findUser(user, 'setpriv'));
      this.#sequence.find(taskName)?.note(events.foldersMadeAgain);
      this.#hasFolders = true;
    }
    return config;
  }

  #facts(): AllocFacts {
    const { hostEnv, node, drivers } = this.#deps;
    const worldOf = (driver: string) => drivers.get(driver)?.world;
    const place = { node: node(), paths: this.#paths, hostEnv, worldOf };
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

/** Long enough for a share of the processor's time that means something, short enough to wait for. */
const BETWEEN_LOOKS_MS = 200;
const USER_RESTART = 'User requested task to restart';
const NEVER = new AbortController().signal;
