/**
 * `exec`: a task in a container of its own, made by an OCI runtime (runc, crun) out of the node's programs and the
 * allocation's folders. The container's first process watches over the task (`exec-shim.ts`), so the agent may die; the
 * driver's folder has a few small files per task, and the runtime's state of our containers and nobody else's.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, sleep } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import { askToEnd } from './ask-to-end.ts';
import { removeCgroup } from './cgroup.ts';
import { cgroupProcesses, cgroupsNamed, cgroupUsage, oomKills } from './cgroup-limits.ts';
import type {
  AttachedCommand,
  AttachRequest,
  Driver,
  DriverFingerprint,
  ExecOutput,
  ExecRequest,
  ExitResult,
  StartContext,
  StopOptions,
  TaskConfig,
  TaskHandle,
  TaskStats,
  TaskStatus,
} from './driver.ts';
import { attachInside } from './exec-attach.ts';
import { checkExecConfig, compileExecConfig } from './exec-config.ts';
import { ExecLauncher } from './exec-launcher.ts';
import { type ExecMachine, findExecMachine } from './exec-machine.ts';
import { execEnv, execUser } from './exec-place.ts';
import { ExecRecords, type Kept, keptOf } from './exec-records.ts';
import { EXEC_WORLD } from './exec-root.ts';
import { containerIds, deleteContainer, execArguments } from './oci-runtime.ts';
import { processSpec } from './oci-spec.ts';
import { bootId, isAlive, type ProcessId, readStat, sendSignal } from './proc.ts';
import { RecordWatch } from './record-watch.ts';
import { runCommand } from './run-command.ts';
import { knownSignal } from './signals.ts';
import { findGroups } from './users.ts';

export interface ExecOptions {
  /** The driver's own folder; it is made when missing. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** Where runtime and utilities are looked for. */
  readonly path: string;
  /** A name or a path; "": runc or crun, whichever is there. */
  readonly runtime: string;
  /** Capabilities that jobs may add beyond the usual ones. */
  readonly allowCaps: readonly string[];
  /** The cgroup under which containers get theirs. */
  readonly cgroupName: string;
}

/** After that a container whose task was killed loses its first process as well. */
const LAST_RESORT_MS = 2_000;
/** And after that it is not to be killed. */
const HOPELESS_MS = 60_000;
const MAX_PAUSE_MS = 20;

interface ExecState extends Kept {
  readonly boot: string;
  readonly cgroup: string;
  /** The container's first process. */
  readonly first: ProcessId;
  /** null: it had ended before it was looked for. */
  readonly task: ProcessId | null;
}

export class ExecDriver implements Driver {
  readonly name = 'exec';
  readonly world = EXEC_WORLD;
  readonly #options: ExecOptions;
  readonly #clock: Clock;
  readonly #records: ExecRecords;
  /** What is missing, in words, until it is there. */
  #machine: ExecMachine | string;
  readonly #watch: RecordWatch;
  readonly #launcher: ExecLauncher;
  readonly #boot = bootId();
  #execs = 0;

  constructor(options: ExecOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#records = new ExecRecords(options.stateDir);
    this.#machine = findExecMachine(options);
    this.#watch = new RecordWatch(options.stateDir, options.clock);
    this.#launcher = new ExecLauncher(this.#records, this.#watch, options.clock);
  }

  async fingerprint(): Promise<DriverFingerprint> {
    if (typeof this.#machine === 'string') this.#machine = findExecMachine(this.#options);
    if (typeof this.#machine === 'string') {
      return { detected: false, healthy: false, description: this.#machine, attributes: {} };
    }
    const problem = await this.#machine.problem();
    if (problem !== undefined) return { detected: false, healthy: false, description: problem, attributes: {} };
    return { detected: true, healthy: true, description: 'Healthy', attributes: await this.#machine.attributes() };
  }

  validateConfig(config: Readonly<Record<string, unknown>>): readonly string[] {
    return checkExecConfig(config, this.#options.allowCaps);
  }

  async start(task: TaskConfig, context?: StartContext): Promise<TaskHandle> {
    const machine = this.#usable();
    const config = compileExecConfig(task, this.#options.allowCaps);
    const cgroup = this.#cgroupOf(task.id);
    try {
      const first = await this.#launcher.launch({ task, config, cgroup, machine, unwanted: context?.signal });
      return this.#handle(task.id, first, keptOf(task.user, config));
    } catch (error) {
      await this.#forget(task.id);
      throw error;
    }
  }

  async wait(handle: TaskHandle, signal: AbortSignal): Promise<ExitResult | undefined> {
    const result = await this.#ended(handle, signal);
    if (result !== undefined) await this.#emptied(handle);
    return result;
  }

  async stop(handle: TaskHandle, options: StopOptions): Promise<void> {
    const task = {
      signal: (name: string) => this.signal(handle, name),
      ended: (by: AbortSignal) => this.#ended(handle, by),
    };
    const result = await askToEnd(this.#clock, task, options);
    // The first process writes down how the task ended, ends itself, and with it everything in the container.
    if (result === undefined) await this.signal(handle, 'SIGKILL');
    await this.#emptied(handle);
  }

  async signal(handle: TaskHandle, signal: string): Promise<void> {
    const name = knownSignal(signal);
    const { boot, task } = stateOf(handle);
    if (boot === this.#boot && task !== null) sendSignal(task, name);
  }

  async recover(taskId: string, handle: TaskHandle | undefined): Promise<TaskHandle | undefined> {
    if (handle !== undefined) return handle;
    const first = this.#records.firstProcess(taskId) ?? this.#records.cancel(taskId);
    if (first === undefined || first === 'failed') return undefined;
    // Another agent's start, which its launcher may still be at.
    await this.#launcher.begun(taskId, first);
    return this.#handle(taskId, first, this.#records.kept(taskId));
  }

  async inspect(handle: TaskHandle): Promise<TaskStatus> {
    if (this.#records.firstProcess(handle.taskId) === undefined) return { state: 'gone' };
    const result = this.#readEnd(handle);
    return result === undefined ? { state: 'running', pids: this.#pids(handle) } : { state: 'exited', result };
  }

  async destroy(handle: TaskHandle): Promise<void> {
    if (this.#isRunning(handle)) await this.stop(handle, { signal: 'SIGKILL', timeoutMs: 0 });
    await this.#forget(handle.taskId);
  }

  readonly exec = async (handle: TaskHandle, request: ExecRequest, signal: AbortSignal): Promise<ExecOutput> => {
    const machine = this.#usable();
    if (!this.#isRunning(handle)) throw new SerinError('driver', 'the task does not run');
    const file = join(this.#records.folder, `${handle.taskId}.exec-${this.#execs++}`);
    writeFileSync(file, JSON.stringify(this.#processSpec(machine, handle, request)), { mode: 0o600 });
    const args = execArguments(machine.runtime, handle.taskId, file, `${file}.pid`);
    const call = {
      ...request,
      command: machine.runtime.program,
      args,
      env: {},
      user: '',
      taskDir: this.#records.folder,
    };
    try {
      return await runCommand(call, this.#clock, signal);
    } catch (error) {
      killGroup(read(`${file}.pid`));
      throw error;
    } finally {
      for (const each of [file, `${file}.pid`]) rmSync(each, { force: true });
    }
  };

  readonly attach = async (
    handle: TaskHandle,
    request: AttachRequest,
    signal: AbortSignal,
  ): Promise<AttachedCommand> => {
    const machine = this.#usable();
    if (!this.#isRunning(handle)) throw new SerinError('driver', 'the task does not run');
    const processSpec = (plan: AttachRequest) => this.#processSpec(machine, handle, plan, plan.tty);
    const { path, clock, stateDir } = this.#options;
    const place = { runtime: machine.runtime, container: handle.taskId, stateDir, path, clock, processSpec };
    return attachInside(place, request, signal);
  };

  readonly stats = async (handle: TaskHandle): Promise<TaskStats> => {
    const { limits } = this.#usable();
    const { cgroup } = stateOf(handle);
    return { timestampMs: this.#clock.nowMs(), ...cgroupUsage(limits, cgroup), pids: this.#pids(handle) };
  };

  readonly sweep = async (isKnown: (taskId: string) => boolean): Promise<void> => {
    if (typeof this.#machine === 'string') return;
    const found = new Set([...containerIds(this.#machine.runtime), ...this.#records.ids()]);
    for (const id of found) if (!isKnown(id) && !this.#launcher.isStarting(id)) await this.#sweepOne(id);
  };

  /** Lets go of the watch and the spawner; tasks go on. */
  close(): void {
    this.#launcher.close();
    this.#watch.close();
  }

  #usable(): ExecMachine {
    if (typeof this.#machine === 'string') throw new SerinError('driver', this.#machine);
    return this.#machine;
  }

  #ended(handle: TaskHandle, signal: AbortSignal): Promise<ExitResult | undefined> {
    return this.#watch.until(`${handle.taskId}.life`, () => this.#readEnd(handle), signal);
  }

  /** Resolves when nothing runs in the container: its first process is the last to go. */
  async #emptied(handle: TaskHandle): Promise<void> {
    const lastResortMs = this.#clock.nowMs() + LAST_RESORT_MS;
    for (let pauseMs = 1; this.#isRunning(handle); pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
      if (this.#clock.nowMs() > lastResortMs) sendSignal(stateOf(handle).first, 'SIGKILL');
      if (this.#clock.nowMs() > lastResortMs + HOPELESS_MS) throw survivors(this.#pids(handle));
      await sleep(this.#clock, pauseMs);
    }
  }

  #readEnd(handle: TaskHandle): ExitResult | undefined {
    // In this order: a first process that ends between the two looks has written its record before.
    const runs = this.#isRunning(handle);
    const { exit } = this.#records.life(handle.taskId);
    if (exit === undefined && runs) return undefined;
    const isGood = exit?.exitCode === 0;
    const oomKilled = !isGood && this.#isOutOfMemory(handle);
    return exit === undefined ? { ...UNKNOWN_END, oomKilled } : { ...exit, oomKilled };
  }

  #isOutOfMemory(handle: TaskHandle): boolean {
    if (typeof this.#machine === 'string' || stateOf(handle).boot !== this.#boot) return false;
    return oomKills(this.#machine.limits, stateOf(handle).cgroup) > 0;
  }

  /** Pids of another boot are other people's. */
  #isRunning(handle: TaskHandle): boolean {
    const { boot, first } = stateOf(handle);
    return boot === this.#boot && isAlive(first);
  }

  #pids(handle: TaskHandle): number[] {
    const { first, cgroup, boot } = stateOf(handle);
    if (boot !== this.#boot) return [];
    return cgroupProcesses(this.#usable().limits, cgroup).filter((pid) => pid !== first.pid);
  }

  #handle(taskId: string, first: ProcessId, known: Kept): TaskHandle {
    const cgroup = this.#cgroupOf(taskId);
    const task = this.#onNode(cgroup, this.#records.life(taskId).task);
    const state = { boot: this.#boot, cgroup, first: { ...first }, task: task && { ...task }, ...known };
    return { driver: this.name, taskId, startedMs: this.#clock.nowMs(), state };
  }

  /** The task's pid inside is another than its pid on the node. */
  #onNode(cgroup: string, inside: ProcessId | undefined): ProcessId | null {
    if (inside === undefined) return null;
    const pid = cgroupProcesses(this.#usable().limits, cgroup).find(
      (each) => innerPid(each) === inside.pid && readStat(each)?.start === inside.start,
    );
    return pid === undefined ? null : { pid, start: inside.start };
  }

  #processSpec(
    machine: ExecMachine,
    handle: TaskHandle,
    request: Pick<ExecRequest, 'command' | 'args' | 'env' | 'user'>,
    terminal = false,
  ): object {
    const { config, user } = stateOf(handle);
    const ids = execUser(request.user || user);
    return processSpec({
      args: [request.command, ...request.args],
      env: execEnv(request.env),
      user: ids,
      groups: findGroups(ids),
      cwd: config.workDir,
      bounding: config.bounding,
      ambient: config.added,
      openFiles: machine.openFiles,
      terminal,
    });
  }

  async #sweepOne(id: string): Promise<void> {
    const first = this.#records.firstProcess(id) ?? this.#records.cancel(id);
    if (first !== undefined && first !== 'failed') sendSignal(first, 'SIGKILL');
    await this.#forget(id);
  }

  async #forget(id: string): Promise<void> {
    if (typeof this.#machine !== 'string') await deleteContainer(this.#machine.runtime, id);
    await this.#removeCgroups(id);
    this.#records.forget(id, this.#clock.nowMs());
  }

  /** What a runtime leaves that met a process which was just about to go. */
  async #removeCgroups(id: string): Promise<void> {
    const deadlineMs = this.#clock.nowMs() + LAST_RESORT_MS;
    let left = cgroupsNamed(this.#cgroupOf(id));
    while (left.length > 0 && this.#clock.nowMs() < deadlineMs) {
      for (const folder of left) await removeCgroup(folder);
      left = left.filter((folder) => existsSync(folder));
      if (left.length > 0) await sleep(this.#clock, MAX_PAUSE_MS);
    }
  }

  #cgroupOf(id: string): string {
    return `/${this.#options.cgroupName}/${id}`;
  }
}

const UNKNOWN_END: ExitResult = {
  exitCode: -1,
  signal: 0,
  oomKilled: false,
  unknown: "exit status unknown: the container's first process was killed and left no record",
};

const survivors = (pids: readonly number[]): SerinError =>
  new SerinError('driver', `processes ${pids.join(', ')} survive SIGKILL; they may hang in the kernel`);

const stateOf = (handle: TaskHandle): ExecState => handle.state as unknown as ExecState;

/** As the innermost pid namespace counts. */
function innerPid(pid: number): number | undefined {
  const line = /^NSpid:\s+(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1];
  return line === undefined ? undefined : Number(line.split(/\s+/).at(-1));
}

function killGroup(pid: string): void {
  const group = Number.parseInt(pid, 10);
  if (!(group > 1)) return;
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
