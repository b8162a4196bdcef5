/**
 * `exec`: a task in a container of its own, made by an OCI runtime (runc, crun) out of the node's programs and the
 * allocation's folders. The container's first process watches over the task (`exec-shim.ts`), so the agent may die; the
 * driver's folder has a few small files per task, and the runtime's state of our containers and nobody else's.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, sleep } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
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
import { checkExecConfig, compileExecConfig, type ExecConfig } from './exec-config.ts';
import { type ExecMachine, findExecMachine } from './exec-machine.ts';
import { execEnv, execUser, findInside, handOver } from './exec-place.ts';
import { EXEC_WORLD, ownBinds } from './exec-root.ts';
import { firstProcessScript, type Life, launcherScript, launchFile, parseLaunched, parseLife } from './exec-shim.ts';
import { containerIds, deleteContainer, execArguments, runArguments } from './oci-runtime.ts';
import { containerSpec, processSpec } from './oci-spec.ts';
import { bootId, isAlive, type ProcessId, readStat, sendSignal } from './proc.ts';
import { RecordWatch } from './record-watch.ts';
import { runCommand } from './run-command.ts';
import { ShimSpawner } from './shim-spawner.ts';
import { signalName } from './signals.ts';
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

/** How long a container may take to come to be: far more than it needs on a machine that is not stuck. */
const START_DEADLINE_MS = 60_000;
/** After that a container whose task was killed loses its first process as well. */
const LAST_RESORT_MS = 2_000;
const MAX_PAUSE_MS = 20;
/** Long after a launch that was cancelled has noticed it. */
const KEEP_CANCELLED_MS = 600_000;

interface ExecState {
  readonly boot: string;
  readonly cgroup: string;
  /** The container's first process. */
  readonly first: ProcessId;
  /** null: it had ended before it was looked for. */
  readonly task: ProcessId | null;
  readonly user: string;
  readonly config: {
    readonly bounding: readonly string[];
    readonly added: readonly string[];
    readonly workDir: string;
  };
}

export class ExecDriver implements Driver {
  readonly name = 'exec';
  readonly world = EXEC_WORLD;
  readonly #options: ExecOptions;
  readonly #clock: Clock;
  readonly #stateDir: string;
  /** What is missing, in words, until it is there. */
  #machine: ExecMachine | string;
  readonly #watch: RecordWatch;
  readonly #boot = bootId();
  readonly #starting = new Set<string>();
  #spawner: ShimSpawner | undefined;
  #execs = 0;

  constructor(options: ExecOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#stateDir = options.stateDir;
    mkdirSync(options.stateDir, { recursive: true });
    // The task files have environments in them.
    chmodSync(options.stateDir, 0o700);
    this.#machine = findExecMachine(options);
    this.#watch = new RecordWatch(options.stateDir, options.clock);
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
    this.#starting.add(task.id);
    try {
      this.#writeLaunch(machine, task, config);
      this.#spawner ??= new ShimSpawner(this.#stateDir, machine.tools, launcherScript(machine.tools));
      this.#spawner.launch(task.id);
      return await this.#launched(task, config, context?.signal);
    } catch (error) {
      await this.#forget(task.id);
      throw error;
    } finally {
      this.#starting.delete(task.id);
    }
  }

  async wait(handle: TaskHandle, signal: AbortSignal): Promise<ExitResult | undefined> {
    const result = await this.#ended(handle, signal);
    if (result !== undefined) await this.#emptied(handle);
    return result;
  }

  async stop(handle: TaskHandle, options: StopOptions): Promise<void> {
    const patience = new AbortController();
    const timer = this.#clock.after(options.timeoutMs, () => patience.abort());
    if (options.timeoutMs === 0) patience.abort();
    else await this.signal(handle, options.signal);
    const result = await this.#ended(handle, patience.signal);
    timer.cancel();
    // The first process writes down how the task ended, ends itself, and with it everything in the container.
    if (result === undefined) await this.signal(handle, 'SIGKILL');
    await this.#emptied(handle);
  }

  async signal(handle: TaskHandle, signal: string): Promise<void> {
    const name = signalName(signal);
    if (name === undefined) throw new SerinError('driver', `"${signal}" is no signal on this machine`);
    const { boot, task } = stateOf(handle);
    if (boot === this.#boot && task !== null) sendSignal(task, name);
  }

  async recover(taskId: string, handle: TaskHandle | undefined): Promise<TaskHandle | undefined> {
    if (handle !== undefined) return handle;
    const first = this.#firstProcess(taskId) ?? this.#cancel(taskId);
    if (first === undefined || first === 'failed') return undefined;
    // Another agent's start, which its launcher may still be at.
    await this.#begun(taskId, first);
    return this.#handle(taskId, first, this.#readJson(taskId));
  }

  async inspect(handle: TaskHandle): Promise<TaskStatus> {
    if (this.#firstProcess(handle.taskId) === undefined) return { state: 'gone' };
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
    const file = join(this.#stateDir, `${handle.taskId}.exec-${this.#execs++}`);
    writeFileSync(file, JSON.stringify(this.#processSpec(machine, handle, request)), { mode: 0o600 });
    const args = execArguments(machine.runtime, handle.taskId, file, `${file}.pid`);
    const call = { ...request, command: machine.runtime.program, args, env: {}, user: '', taskDir: this.#stateDir };
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
    const found = new Set([...containerIds(this.#machine.runtime), ...this.#idsOfFiles()]);
    for (const id of found) if (!isKnown(id) && !this.#starting.has(id)) await this.#sweepOne(id);
  };

  /** Lets go of the watch and the spawner; tasks go on. */
  close(): void {
    this.#spawner?.close();
    this.#spawner = undefined;
    this.#watch.close();
  }

  #usable(): ExecMachine {
    if (typeof this.#machine === 'string') throw new SerinError('driver', this.#machine);
    return this.#machine;
  }

  #writeLaunch(machine: ExecMachine, task: TaskConfig, config: ExecConfig): void {
    const { id } = task;
    const user = execUser(task.user);
    const own = ownBinds(task);
    const env = execEnv(task.env);
    const argv = [findInside(config.command, env, own), ...config.args];
    const { bounding, added, first } = config.capabilities;
    const cwd = config.workDir;
    handOver(task, user);
    const bundle = this.#file(id, 'bundle');
    mkdirSync(bundle, { recursive: true, mode: 0o700 });
    const spec = containerSpec({
      root: machine.root,
      readOnly: machine.binds,
      writable: own,
      args: [machine.tools.sh],
      capabilities: first,
      openFiles: machine.openFiles,
      cgroup: this.#cgroupOf(id),
      limits: machine.limits,
      cpuMHz: task.cpuMHz,
      memoryMB: task.memoryMB,
      memoryMaxMB: task.memoryMaxMB,
      pidsLimit: config.pidsLimit,
    });
    this.#write(id, 'json', JSON.stringify(kept(task, config)));
    this.#write(id, 'task', firstProcessScript({ id, argv, env, cwd, user, bounding, ambient: added }, machine.tools));
    const runtime = [machine.runtime.program, ...runArguments(machine.runtime, id, bundle)];
    this.#write(id, 'launch', launchFile({ ...task, runtime, user }, machine.tools));
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec), { mode: 0o600 });
  }

  async #launched(task: TaskConfig, config: ExecConfig, unwanted: AbortSignal | undefined): Promise<TaskHandle> {
    const first = await this.#started(task.id, unwanted);
    const life = await this.#begun(task.id, first);
    if (life.task === undefined) {
      throw new SerinError('driver', `the container ended before its task began: ${this.#complaint(task.id)}`);
    }
    for (const kind of ['task', 'launch'] as const) rmSync(this.#file(task.id, kind), { force: true });
    return this.#handle(task.id, first, kept(task, config));
  }

  async #started(id: string, unwanted: AbortSignal | undefined): Promise<ProcessId> {
    const deadline = new AbortController();
    const timer = this.#clock.after(START_DEADLINE_MS, () => deadline.abort());
    const signal = AbortSignal.any([deadline.signal, ...(unwanted ? [unwanted] : [])]);
    const first = await this.#watch.until(`${id}.started`, () => this.#firstProcess(id), signal);
    timer.cancel();
    if (first === 'failed') throw new SerinError('driver', `the container was not made: ${this.#complaint(id)}`);
    const late = first ?? this.#cancel(id);
    if (late !== undefined && late !== 'failed') return late;
    throw new SerinError('driver', deadline.signal.aborted ? NO_CONTAINER : 'the start was given up');
  }

  /** Resolves when the task has been reached, or never will be: a matter of milliseconds. */
  async #begun(id: string, first: ProcessId): Promise<Life> {
    for (let pauseMs = 1; ; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
      // In this order: what a first process writes before it ends is seen.
      const lives = isAlive(first);
      const life = this.#life(id);
      if (life.task !== undefined || !lives) return life;
      await sleep(this.#clock, pauseMs);
    }
  }

  /** From now on it is not started; unless it was just before. */
  #cancel(id: string): ProcessId | 'failed' | undefined {
    this.#write(id, 'cancelled', '');
    return this.#firstProcess(id);
  }

  #ended(handle: TaskHandle, signal: AbortSignal): Promise<ExitResult | undefined> {
    return this.#watch.until(`${handle.taskId}.life`, () => this.#readEnd(handle), signal);
  }

  /** Resolves when nothing runs in the container: its first process is the last to go. */
  async #emptied(handle: TaskHandle): Promise<void> {
    const lastResortMs = this.#clock.nowMs() + LAST_RESORT_MS;
    for (let pauseMs = 1; this.#isRunning(handle); pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
      if (this.#clock.nowMs() > lastResortMs) sendSignal(stateOf(handle).first, 'SIGKILL');
      if (this.#clock.nowMs() > lastResortMs + START_DEADLINE_MS) throw survivors(this.#pids(handle));
      await sleep(this.#clock, pauseMs);
    }
  }

  #readEnd(handle: TaskHandle): ExitResult | undefined {
    // In this order: a first process that ends between the two looks has written its record before.
    const runs = this.#isRunning(handle);
    const { exit } = this.#life(handle.taskId);
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
    const task = this.#onNode(cgroup, this.#life(taskId).task);
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
    const first = this.#firstProcess(id) ?? this.#cancel(id);
    if (first !== undefined && first !== 'failed') sendSignal(first, 'SIGKILL');
    await this.#forget(id);
  }

  /** Leaves the word for a launch that is still to come, until it has surely come. */
  async #forget(id: string): Promise<void> {
    if (typeof this.#machine !== 'string') await deleteContainer(this.#machine.runtime, id);
    await this.#removeCgroups(id);
    for (const file of readdirSync(this.#stateDir).filter((name) => name.startsWith(`${id}.`))) {
      const path = join(this.#stateDir, file);
      if (!file.endsWith('.cancelled') || this.#isOld(path)) rmSync(path, { force: true, recursive: true });
    }
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

  #isOld(path: string): boolean {
    const found = statSync(path, { throwIfNoEntry: false });
    return found !== undefined && this.#clock.nowMs() - found.mtimeMs > KEEP_CANCELLED_MS;
  }

  #idsOfFiles(): string[] {
    return readdirSync(this.#stateDir)
      .filter((name) => name.includes('.'))
      .map((name) => name.slice(0, name.indexOf('.')));
  }

  #cgroupOf(id: string): string {
    return `/${this.#options.cgroupName}/${id}`;
  }

  #firstProcess(id: string): ProcessId | 'failed' | undefined {
    return parseLaunched(read(this.#file(id, 'started')));
  }

  #life(id: string): Life {
    const text = read(this.#file(id, 'life'));
    // What the shell prints of a signal it prints before it writes the status.
    return parseLife(text, read(this.#file(id, 'err')));
  }

  /** What the runtime, or the shell, had to say. */
  #complaint(id: string): string {
    const lines = read(this.#file(id, 'err')).trim().split('\n');
    return lines.at(-1) || 'nothing says why';
  }

  #readJson(id: string): Kept {
    return JSON.parse(read(this.#file(id, 'json')));
  }

  #write(id: string, kind: FileKind, text: string): void {
    writeFileSync(this.#file(id, kind), text, { mode: 0o600 });
  }

  #file(id: string, kind: FileKind): string {
    return join(this.#stateDir, `${id}.${kind}`);
  }
}

type FileKind = 'bundle' | 'cancelled' | 'err' | 'json' | 'launch' | 'life' | 'started' | 'task';

/** What later calls need to know of a task's config. */
type Kept = Pick<ExecState, 'user' | 'config'>;

const kept = (task: TaskConfig, { capabilities: { bounding, added }, workDir }: ExecConfig): Kept => ({
  user: task.user,
  config: { bounding, added, workDir },
});

const NO_CONTAINER = `the container did not come to be within ${START_DEADLINE_MS / 1000} s`;

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
