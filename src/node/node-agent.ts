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
import { sleep } from '../lib/clock.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { Service } from '../lib/service.ts';
import type { Allocation, AllocServiceStatus, AllocUpdate } from '../model/allocation.ts';
import type { Node } from '../model/node.ts';
import { AllocFiles } from './alloc-files.ts';
import { AllocSet, type AllocSetDeps } from './alloc-set.ts';
import type { BesideTask } from './beside-task.ts';
import type { CheckReport } from './check-report.ts';
import { ClientState } from './client-state.ts';
import { ConsulSync } from './consul/consul-sync.ts';
import type { HostStats } from './host-stats.ts';
import { type LogChunk, type LogRequest, readLogs } from './log-reader.ts';
import { LogRotator } from './log-rotation.ts';
import { MachineWatch } from './machine-watch.ts';
import type { NodeAgentOptions } from './node-agent-options.ts';
import { RETRY, Registration } from './registration.ts';
import type { AllocResourceUsage } from './resource-usage.ts';
import { UpdateSender } from './update-sender.ts';

/** An allocation as the node's own API shows it. */
export interface NodeAlloc {
  readonly alloc: Allocation;
  readonly status: AllocUpdate;
}

export class NodeAgent implements Service {
  readonly id = 'node';
  readonly nodeId: string;
  readonly #options: NodeAgentOptions;
  readonly #state: ClientState;
  readonly #drivers: ReadonlyMap<string, Driver>;
  readonly #allocs: AllocSet;
  readonly #machine: MachineWatch;
  readonly #consul: ConsulSync | undefined;
  readonly #registration: Registration;
  readonly #sender: UpdateSender;
  readonly #rotator: LogRotator;
  /** A server has told of assignments since then, each time it was asked. */
  #heardSinceMs: number | undefined;

  constructor(options: NodeAgentOptions) {
    const { dataDir, connection, clock, random, log, newId, consul: api } = options;
    this.#options = options;
    mkdirSync(allocsDirOf(dataDir), { recursive: true });
    this.#state = new ClientState(join(dataDir, 'client'), log, options.journalWrite);
    this.nodeId = this.#state.identity('client-id', newId);
    const secretId = this.#state.identity('secret-id', newId);
    this.#drivers = new Map(options.drivers.map((driver) => [driver.name, driver]));
    this.#consul = api && new ConsulSync({ api, nodeId: this.nodeId, clock, random, log });
    this.#allocs = new AllocSet(options.keepEnded, this.#allocDeps());
    this.#rotator = new LogRotator({ clock, log, targets: () => this.#allocs.logTargets() });
    this.#machine = new MachineWatch({
      options,
      identity: { id: this.nodeId, secretId },
      drivers: this.#drivers,
      consul: this.#consul,
      runners: () => this.#allocs.all,
      changed: () => this.#registration.renew(),
    });
    const describe = () => this.#machine.describe();
    this.#registration = new Registration({ nodeId: this.nodeId, connection, describe, clock, random, log });
    this.#sender = new UpdateSender({
      build: (id) => this.#allocs.buildUpdate(id),
      send: (updates, signal) => connection.updateAllocs(this.nodeId, updates, signal),
      acknowledged: (update) => this.#allocs.acknowledged(update),
      clock,
      random,
      log,
    });
  }

  /** The machine's clock was set by so much. */
  clockSet(byMs: number): void {
    for (const runner of this.#allocs.all) runner.clockSet(byMs);
  }

  /** undefined until the first fingerprint. */
  get node(): Node | undefined {
    return this.#machine.node;
  }

  /** Resolves when all its work has ended. Tasks run on; another agent over the same folder takes them up. */
  async run(signal: AbortSignal): Promise<void> {
    // Every task and every wait listens to it.
    setMaxListeners(0, signal);
    await this.#machine.describe();
    this.#allocs.takeUp(signal);
    await Promise.all([
      this.#registration.run(signal),
      this.#followAssignments(signal),
      this.#sender.run(signal),
      this.#rotator.run(signal),
      this.#consul?.run(signal),
      this.#machine.run(signal),
    ]);
    await this.#allocs.settled();
    for (const driver of this.#drivers.values()) await driver.close?.();
    this.#state.close();
  }

  /**
   * Drains and stops every task; the agent must still run, since ingresses answer through it. Once `hurry` aborts, what
   * is left is killed without any of that.
   */
  async stopAll(hurry: AbortSignal): Promise<void> {
    await this.#allocs.stopAll(hurry);
    await this.#sender.flushed(hurry);
  }

  /** Whether an allocation of that id runs here, or has left something here. */
  has(allocId: string): boolean {
    return this.#allocs.has(allocId);
  }

  listAllocs(): NodeAlloc[] {
    return this.#allocs.all.map((runner) => ({ alloc: runner.alloc, status: runner.status() }));
  }

  restart(allocId: string, task: string | undefined, signal: AbortSignal): Promise<void> {
    return this.#allocs.named(allocId).orders.restart(task, signal);
  }

  /** All tasks, also those that have done their work, in their order. */
  restartAll(allocId: string, signal: AbortSignal): Promise<void> {
    return this.#allocs.named(allocId).orders.restartAll(signal);
  }

  signal(allocId: string, name: string, task?: string): Promise<void> {
    return this.#allocs.named(allocId).orders.signal(name, task);
  }

  /** Runs a command beside a task, which ends with the signal. */
  attach(allocId: string, command: BesideTask, signal: AbortSignal): Promise<AttachedCommand> {
    const { log, newId } = this.#options;
    log.info({ alloc: allocId, task: command.task, command: command.command[0] }, 'command beside a task');
    return this.#allocs.named(allocId).orders.attach(newId(), command, signal);
  }

  stats(allocId: string): Promise<Record<string, TaskStats>> {
    return this.#allocs.named(allocId).usage.stats();
  }

  /** Its services, each with its checks and what they found before. */
  checks(allocId: string): AllocServiceStatus[] {
    return this.#allocs.named(allocId).checks();
  }

  /** The same as the wire has them, by id. */
  checkReports(allocId: string): Record<string, CheckReport> {
    return this.#allocs.named(allocId).checkReports();
  }

  resourceUsage(allocId: string): Promise<AllocResourceUsage> {
    return this.#allocs.named(allocId).usage.measure();
  }

  /** What the machine is doing, tasks and all. */
  hostStats(): HostStats {
    return this.#machine.hostStats();
  }

  readLogs(allocId: string, request: LogRequest, signal: AbortSignal): AsyncIterable<LogChunk> {
    const runner = this.#allocs.named(allocId);
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
    const runner = this.#allocs.named(allocId);
    return new AllocFiles({
      root: runner.paths.root,
      tasks: runner.group.Tasks.map((task) => task.Name),
      isOver: () => runner.isEnded,
      clock: this.#options.clock,
    });
  }

  /** Removes the folders of ended allocations, all of them or the oldest beyond `keep`. Answers how many. */
  garbageCollect(keep = 0): number {
    return this.#allocs.garbageCollect(keep);
  }

  /** Removes the folders of one allocation that has ended. */
  collect(allocId: string): void {
    this.#allocs.collect(allocId);
  }

  async #followAssignments(signal: AbortSignal): Promise<void> {
    await this.#registration.made(signal);
    let index = 0;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const assignment = await this.#options.connection.watchAllocs(this.nodeId, index, signal);
        failures = 0;
        this.#heardSinceMs ??= this.#options.clock.nowMs();
        if (signal.aborted) return;
        index = assignment.Index;
        await this.#allocs.apply(assignment, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#heardSinceMs = undefined;
        this.#options.log.warn({ error: messageOf(error) }, 'assignments cannot be read; trying again');
        // A server that was set back counts from a lower index: read everything.
        index = 0;
        await sleep(this.#options.clock, backoffMs(failures++, RETRY, this.#options.random), signal);
      }
    }
  }

  #allocDeps(): AllocSetDeps {
    const { clock, random, newId, log, hostEnv, dataDir, address, portHolder, maxKillTimeoutMs } = this.#options;
    return {
      node: () => this.#machine.node!,
      nodeAddress: address,
      drivers: this.#drivers,
      allocsDir: allocsDirOf(dataDir),
      hostEnv,
      state: this.#state,
      clock,
      random,
      newId,
      log,
      serverHeardSinceMs: () => this.#heardSinceMs,
      report: (allocId) => this.#sender.mark(allocId),
      portHolder,
      consul: this.#consul,
      maxKillTimeoutMs,
    };
  }
}

const allocsDirOf = (dataDir: string): string => join(dataDir, 'alloc');
