/**
 * The node agent: makes itself known to the server, runs what the server assigns, and tells what becomes of it.
 *
 *   register ▸ heartbeat …            (again whenever the server does not know it)
 *   watch assignments ▸ alloc runners ▸ reports
 *
 * Tasks outlive it: it takes up at its start what an earlier agent left, before any server answers, and while none
 * answers it stops nothing on its own. Aborting `run` leaves all tasks running; `stopAll` ends them first.
 */
import { setMaxListeners } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AttachedCommand, Driver, TaskStats } from '../drivers/driver.ts';
import { backoffMs } from '../lib/backoff.ts';
import { type Clock, sleep, type Timer } from '../lib/clock.ts';
import { formatDuration, nanosFromMs } from '../lib/duration.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import type { Service } from '../lib/service.ts';
import { type Allocation, type AllocServiceStatus, type AllocUpdate, isClientTerminal } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import type { Node, NodeReservedResources } from '../model/node.ts';
import { removeAllocDirs } from './alloc-dir.ts';
import { AllocFiles } from './alloc-files.ts';
import { AllocRunner, type AllocRunnerDeps } from './alloc-runner.ts';
import type { BesideTask } from './beside-task.ts';
import type { CheckReport } from './check-report.ts';
import { ClientState, type JournalWrite, type SavedAlloc } from './client-state.ts';
import { Conditions } from './conditions.ts';
import type { ConsulApi } from './consul/consul-api.ts';
import { ConsulSync, consulAttributes } from './consul/consul-sync.ts';
import { type FingerprintOptions, fingerprintMachine, type Machine } from './fingerprint.ts';
import type { PortHolder } from './held-ports.ts';
import { HostMeter, type HostStats } from './host-stats.ts';
import { type LogChunk, type LogRequest, readLogs } from './log-reader.ts';
import { LogRotator } from './log-rotation.ts';
import { diskWords, nodeChanges } from './node-changes.ts';
import { describeNode, driverWords } from './node-row.ts';
import { RETRY, Registration } from './registration.ts';
import type { AllocResourceUsage } from './resource-usage.ts';
import type { NodeAssignment, ServerConnection } from './server-connection.ts';
import { UpdateSender } from './update-sender.ts';

export interface NodeAgentOptions {
  /** Everything the node keeps: its identity, the allocations' state and folders. */
  readonly dataDir: string;
  readonly connection: ServerConnection;
  readonly drivers: readonly Driver[];
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly log: Log;
  readonly name: string;
  readonly datacenter: string;
  readonly nodeClass: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly reserved: NodeReservedResources;
  /** "127.0.0.1:4646": where this agent's own API is reached. */
  readonly httpAddr: string;
  /** That API is served over TLS. */
  readonly tlsEnabled?: boolean;
  /** The address that tasks' ports are offered on. */
  readonly address: string;
  /** MHz in all; 0: as the machine says. */
  readonly cpuTotalCompute: number;
  /** Of the whole machine; 0 or absent: as it says itself. */
  readonly memoryTotalMB?: number;
  /** Mbit/s; likewise. */
  readonly networkSpeed?: number;
  /** Where dynamic ports are given from, both ends included, if not from the usual place. */
  readonly dynamicPorts?: { readonly first: number; readonly last: number };
  readonly version: string;
  /** The agent's environment, of which tasks see what is not secret. */
  readonly hostEnv: Readonly<Record<string, string>>;
  /** Writes the node's journal; tests have a disk that is full. */
  readonly journalWrite?: JournalWrite;
  /** Looks at the machine; tests give their own. */
  readonly fingerprint?: (options: FingerprintOptions) => Machine;
  /** Who listens on a port of this machine; without it all are taken for free. */
  readonly portHolder?: PortHolder;
  /** The Consul agent beside this node, where one is configured. */
  readonly consul?: ConsulApi;
  /** No task's kill_timeout is longer here. */
  readonly maxKillTimeoutMs: number;
  /** Ended allocations whose folders are kept, the newest ones. */
  readonly keepEnded: number;
}

/** An allocation as the node's own API shows it. */
export interface NodeAlloc {
  readonly alloc: Allocation;
  readonly status: AllocUpdate;
}

const STARTS_A_TURN = 10;
const LOOK_AT_MACHINE_MS = 15_000;
/** A task that SIGKILL does not end by then hangs in the kernel. */
const KILLED_WITHIN_MS = 3_000;

export class NodeAgent implements Service {
  readonly id = 'node';
  readonly #options: NodeAgentOptions;
  readonly #state: ClientState;
  readonly #drivers: ReadonlyMap<string, Driver>;
  readonly #runners = new Map<string, AllocRunner>();
  readonly #runs = new Set<Promise<void>>();
  readonly #sender: UpdateSender;
  readonly #rotator: LogRotator;
  readonly #consul: ConsulSync | undefined;
  readonly #registration: Registration;
  readonly #ends = new Conditions();
  readonly #host: HostMeter;
  /** Of allocations that this node cannot run at all. */
  readonly #refusals = new Map<string, AllocUpdate>();
  readonly #nodeId: string;
  readonly #secretId: string;
  #node: Node | undefined;
  #stopping = false;

  constructor(options: NodeAgentOptions) {
    this.#options = options;
    mkdirSync(join(options.dataDir, 'alloc'), { recursive: true });
    this.#state = new ClientState(join(options.dataDir, 'client'), options.log, options.journalWrite);
    this.#nodeId = this.#state.identity('client-id', options.newId);
    this.#secretId = this.#state.identity('secret-id', options.newId);
    this.#drivers = new Map(options.drivers.map((driver) => [driver.name, driver]));
    this.#rotator = new LogRotator({ clock: options.clock, log: options.log, targets: () => this.#logTargets() });
    const { consul: api, clock, random, log } = options;
    this.#consul = api && new ConsulSync({ api, nodeId: this.#nodeId, clock, random, log });
    this.#host = new HostMeter(options.clock);
    this.#registration = new Registration({
      nodeId: this.#nodeId,
      connection: options.connection,
      describe: () => this.#describe(),
      clock: options.clock,
      random: options.random,
      log: options.log,
    });
    this.#sender = new UpdateSender({
      build: (id) => this.#runners.get(id)?.buildUpdate() ?? this.#refusals.get(id),
      send: (updates, signal) => this.#options.connection.updateAllocs(this.#nodeId, updates, signal),
      acknowledged: (update) => this.#acknowledged(update),
      clock: options.clock,
      random: options.random,
      log: options.log,
    });
  }

  get nodeId(): string {
    return this.#nodeId;
  }

  /** undefined until the first fingerprint. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** Resolves when all its work has ended. Tasks run on; another agent over the same folder takes them up. */
  async run(signal: AbortSignal): Promise<void> {
    // Every task and every wait listens to it.
    setMaxListeners(0, signal);
    await this.#describe();
    this.#takeUp(signal);
    await Promise.all([
      this.#registration.run(signal),
      this.#followAssignments(signal),
      this.#sender.run(signal),
      this.#rotator.run(signal),
      this.#consul?.run(signal),
      this.#watchMachine(signal),
    ]);
    await Promise.all([...this.#runs]);
    for (const driver of this.#drivers.values()) await driver.close?.();
    this.#state.close();
  }

  /**
   * Drains and stops every task; the agent must still run, since ingresses answer through it. Once `hurry` aborts, what
   * is left is killed without any of that.
   */
  async stopAll(hurry: AbortSignal): Promise<void> {
    this.#stopping = true;
    for (const runner of this.#runners.values()) runner.stop();
    const givenUp = new AbortController();
    let patience: Timer | undefined;
    const kill = () => {
      for (const runner of this.#runners.values()) if (!runner.isEnded) runner.kill();
      patience = this.#options.clock.after(KILLED_WITHIN_MS, () => givenUp.abort());
    };
    hurry.addEventListener('abort', kill, { once: true });
    if (hurry.aborted) kill();
    const allEnded = () => [...this.#runners.values()].every((runner) => runner.isEnded);
    const ended = await this.#ends.until(allEnded, this.#options.clock, Number.POSITIVE_INFINITY, givenUp.signal);
    hurry.removeEventListener('abort', kill);
    patience?.cancel();
    if (!ended) this.#options.log.error({}, 'not every task could be killed in time');
    await this.#sender.flushed(hurry);
  }

  /** Whether an allocation of that id runs here, or has left something here. */
  has(allocId: string): boolean {
    return this.#runners.has(allocId);
  }

  listAllocs(): NodeAlloc[] {
    return [...this.#runners.values()].map((runner) => ({ alloc: runner.alloc, status: runner.status() }));
  }

  restart(allocId: string, task: string | undefined, signal: AbortSignal): Promise<void> {
    return this.#runner(allocId).orders.restart(task, signal);
  }

  /** All tasks, also those that have done their work, in their order. */
  restartAll(allocId: string, signal: AbortSignal): Promise<void> {
    return this.#runner(allocId).orders.restartAll(signal);
  }

  signal(allocId: string, name: string, task?: string): Promise<void> {
    return this.#runner(allocId).orders.signal(name, task);
  }

  /** Runs a command beside a task, which ends with the signal. */
  attach(allocId: string, command: BesideTask, signal: AbortSignal): Promise<AttachedCommand> {
    const { log, newId } = this.#options;
    log.info({ alloc: allocId, task: command.task, command: command.command[0] }, 'command beside a task');
    return this.#runner(allocId).orders.attach(newId(), command, signal);
  }

  stats(allocId: string): Promise<Record<string, TaskStats>> {
    return this.#runner(allocId).usage.stats();
  }

  /** Its services, each with its checks and what they found before. */
  checks(allocId: string): AllocServiceStatus[] {
    return this.#runner(allocId).checks();
  }

  /** The same as the wire has them, by id. */
  checkReports(allocId: string): Record<string, CheckReport> {
    return this.#runner(allocId).checkReports();
  }

  resourceUsage(allocId: string): Promise<AllocResourceUsage> {
    return this.#runner(allocId).usage.measure();
  }

  /** What the machine is doing, tasks and all. */
  hostStats(): HostStats {
    const { Cpu } = this.#node?.NodeResources ?? { Cpu: { CpuShares: 0, TotalCpuCores: 1 } };
    return this.#host.measure(this.#options.dataDir, Cpu.CpuShares / Math.max(1, Cpu.TotalCpuCores));
  }

  readLogs(allocId: string, request: LogRequest, signal: AbortSignal): AsyncIterable<LogChunk> {
    const runner = this.#runner(allocId);
    if (!runner.group.Tasks.some((task) => task.Name === request.task)) {
      const names = runner.group.Tasks.map((task) => `"${task.Name}"`).join(', ');
      throw new SerinError('notFound', `allocation ${allocId} has no task "${request.task}"; its tasks: ${names}`);
    }
    const isOver = () => runner.isEnded;
    return readLogs(
      { ...request, logsDir: runner.paths.logs, rotator: this.#rotator, isOver, clock: this.#options.clock },
      signal,
    );
  }

  /** Until it is collected. */
  files(allocId: string): AllocFiles {
    const runner = this.#runner(allocId);
    return new AllocFiles({
      root: runner.paths.root,
      tasks: runner.group.Tasks.map((task) => task.Name),
      isOver: () => runner.isEnded,
      clock: this.#options.clock,
    });
  }

  /** Removes the folders of ended allocations, all of them or the oldest beyond `keep`. Answers how many. */
  garbageCollect(keep = 0): number {
    const ended = [...this.#runners.values()].filter((runner) => runner.isEnded);
    const surplus = ended.slice(0, Math.max(0, ended.length - keep));
    for (const runner of surplus) this.#forget(runner);
    return surplus.length;
  }

  /** Removes the folders of one allocation that has ended. */
  collect(allocId: string): void {
    const runner = this.#runner(allocId);
    if (!runner.isEnded) throw new SerinError('refused', `allocation ${allocId} has not ended: stop it first`);
    this.#forget(runner);
  }

  #forget(runner: AllocRunner): void {
    try {
      removeAllocDirs(runner.paths);
    } catch (error) {
      this.#options.log.warn({ alloc: runner.alloc.ID, error: messageOf(error) }, 'folder cannot be removed');
      return;
    }
    this.#state.remove(runner.alloc.ID);
    this.#runners.delete(runner.alloc.ID);
  }

  #runner(allocId: string): AllocRunner {
    const runner = this.#runners.get(allocId);
    if (runner !== undefined) return runner;
    const why = 'it has ended and was collected with its files and logs, or it has not been started yet';
    throw new SerinError('notFound', `Nothing of allocation "${allocId}" is on its node: ${why}`);
  }

  /** What the server is told, and compared with from now on. */
  async #describe(): Promise<Node> {
    this.#node = await this.#look();
    return this.#node;
  }

  async #look(): Promise<Node> {
    const { name, datacenter, nodeClass, meta, reserved, httpAddr, clock } = this.#options;
    const tlsEnabled = this.#options.tlsEnabled ?? false;
    const maxKillTimeout = formatDuration(nanosFromMs(this.#options.maxKillTimeoutMs));
    const description = { name, datacenter, nodeClass, meta, reserved, httpAddr, tlsEnabled, maxKillTimeout };
    const found = (this.#options.fingerprint ?? fingerprintMachine)(this.#options);
    const machine = { ...found, attributes: { ...found.attributes, ...(await consulAttributes(this.#consul)) } };
    const identity = { id: this.#nodeId, secretId: this.#secretId };
    return describeNode({ ...identity, ...description }, machine, this.#drivers.values(), clock.nowMs());
  }

  /** Engines come and go, disks fill up: what changed is told to the server, and what nobody knows any more is removed. */
  async #watchMachine(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#sweep();
      await sleep(this.#options.clock, LOOK_AT_MACHINE_MS, signal);
      if (signal.aborted) return;
      this.#host.look();
      for (const runner of this.#runners.values()) runner.lookAround();
      const before = this.#node;
      const now = await this.#look();
      const changed = before === undefined ? [] : nodeChanges(before, now);
      if (changed.length === 0) continue;
      this.#options.log.info({ changed, drivers: driverWords(now), disk: diskWords(now) }, 'the machine changed');
      this.#registration.renew();
    }
  }

  async #sweep(): Promise<void> {
    const isKnown = (taskId: string) => [...this.#runners.values()].some((runner) => runner.hasStart(taskId));
    for (const driver of this.#drivers.values()) {
      await driver.sweep?.(isKnown).catch((error) => {
        this.#options.log.warn({ driver: driver.name, error: messageOf(error) }, 'remains of tasks cannot be removed');
      });
    }
  }

  #takeUp(signal: AbortSignal): void {
    const saved = this.#state.load().sort((a, b) => a.saved.alloc.CreateTime - b.saved.alloc.CreateTime);
    for (const each of saved) this.#add(each.saved.alloc, each.job, each.saved, signal);
    if (saved.length > 0) this.#options.log.info({ allocs: saved.length }, 'allocations of an earlier agent taken up');
  }

  #add(alloc: Allocation, job: Job, saved: SavedAlloc | undefined, signal: AbortSignal): void {
    const runner = this.#makeRunner(alloc, job, saved);
    if (runner === undefined) return;
    this.#runners.set(alloc.ID, runner);
    if (this.#stopping) runner.stop();
    if (runner.isEnded) this.#sender.mark(alloc.ID);
    else this.#launch(runner, signal);
  }

  #launch(runner: AllocRunner, signal: AbortSignal): void {
    const alloc = runner.alloc;
    const run = runner
      .run(signal)
      .catch((error) => this.#options.log.error({ alloc: alloc.ID, error: messageOf(error) }, 'alloc runner failed'))
      .finally(() => {
        this.#runs.delete(run);
        this.#ends.look();
      });
    this.#runs.add(run);
  }

  #makeRunner(alloc: Allocation, job: Job, saved: SavedAlloc | undefined): AllocRunner | undefined {
    try {
      return new AllocRunner(alloc, job, saved, this.#runnerDeps());
    } catch (error) {
      this.#refuse(alloc, messageOf(error));
      return undefined;
    }
  }

  #refuse(alloc: Allocation, reason: string): void {
    const { ID, TaskStates } = alloc;
    this.#options.log.error({ alloc: ID, reason }, 'allocation cannot be run');
    this.#refusals.set(ID, { ID, ClientStatus: 'failed', ClientDescription: reason, TaskStates });
    this.#sender.mark(ID);
  }

  #runnerDeps(): AllocRunnerDeps {
    const { clock, random, newId, log, hostEnv, dataDir, address } = this.#options;
    return {
      node: () => this.#node!,
      nodeAddress: address,
      drivers: this.#drivers,
      allocsDir: join(dataDir, 'alloc'),
      hostEnv,
      state: this.#state,
      clock,
      random,
      newId,
      log,
      report: (allocId) => this.#sender.mark(allocId),
      portHolder: this.#options.portHolder,
      consul: this.#consul,
      maxKillTimeoutMs: this.#options.maxKillTimeoutMs,
      previousEnded: async (allocId, signal) => {
        const ended = () => this.#runners.get(allocId)?.isEnded ?? true;
        await this.#ends.until(ended, clock, Number.POSITIVE_INFINITY, signal);
      },
    };
  }

  #acknowledged(update: AllocUpdate): void {
    this.#refusals.delete(update.ID);
    const runner = this.#runners.get(update.ID);
    runner?.acknowledged(update);
    if (runner?.isEnded) this.garbageCollect(this.#options.keepEnded);
  }

  async #followAssignments(signal: AbortSignal): Promise<void> {
    await this.#registration.made(signal);
    let index = 0;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const assignment = await this.#options.connection.watchAllocs(this.#nodeId, index, signal);
        failures = 0;
        if (signal.aborted) return;
        index = assignment.Index;
        await this.#apply(assignment, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.log.warn({ error: messageOf(error) }, 'assignments cannot be read; trying again');
        // A server that was set back counts from a lower index: read everything.
        index = 0;
        await sleep(this.#options.clock, backoffMs(failures++, RETRY, this.#options.random), signal);
      }
    }
  }

  async #apply(assignment: NodeAssignment, signal: AbortSignal): Promise<void> {
    const assigned = new Set(assignment.Allocs.map((alloc) => alloc.ID));
    for (const [at, alloc] of assignment.Allocs.entries()) {
      // A start takes a millisecond of this thread; whoever else waits for it gets a turn.
      if (at % STARTS_A_TURN === STARTS_A_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
      this.#take(alloc, assignment.Jobs.find(isJobOf(alloc)), signal);
    }
    for (const [id, runner] of this.#runners) if (!assigned.has(id) && !runner.isEnded) runner.stop();
  }

  #take(alloc: Allocation, job: Job | undefined, signal: AbortSignal): void {
    const runner = this.#runners.get(alloc.ID);
    if (runner !== undefined) {
      runner.update(alloc, job ?? runner.job);
      // The server has not heard of its end.
      if (runner.isEnded && !isClientTerminal(alloc)) this.#sender.mark(alloc.ID);
    } else if (isClientTerminal(alloc)) {
      return;
    } else if (alloc.DesiredStatus !== 'run') {
      this.#neverRan(alloc);
    } else if (job === undefined) {
      this.#options.log.warn({ alloc: alloc.ID, job: alloc.JobID }, 'the server did not send the job of an allocation');
    } else {
      this.#add(alloc, job, undefined, signal);
    }
  }

  /** It was to be stopped before this node heard of it, or the node's folder was lost. */
  #neverRan({ ID, TaskStates }: Allocation): void {
    this.#refusals.set(ID, { ID, ClientStatus: 'complete', ClientDescription: 'The node does not run it', TaskStates });
    this.#sender.mark(ID);
  }

  #logTargets() {
    return [...this.#runners.values()]
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
}

const isJobOf =
  (alloc: Allocation) =>
  (job: Job): boolean =>
    job.ID === alloc.JobID && job.Namespace === alloc.Namespace && job.Version === alloc.JobVersion;
