/**
 * `raw_exec`: a task is a plain process of the machine, without isolation. A shim (`shim.ts`) watches over it, so that
 * the agent may die, and what ended meanwhile is still known. The state directory has a few small files per task.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import { askToEnd } from './ask-to-end.ts';
import { type CgroupRoot, findCgroupRoot, makeCgroup } from './cgroup.ts';
import type {
  AttachedCommand,
  AttachRequest,
  Driver,
  DriverFingerprint,
  ExecOutput,
  ExecRequest,
  ExitResult,
  StopOptions,
  TaskConfig,
  TaskHandle,
  TaskStatus,
} from './driver.ts';
import { bootId, canReadProcesses, isAlive, type ProcessId, sendSignal } from './proc.ts';
import { type ProcessTree, ProcessTrees } from './process-tree.ts';
import { attachBeside } from './raw-exec-attach.ts';
import { checkRawExecConfig, rawExecCommand } from './raw-exec-config.ts';
import { RecordWatch } from './record-watch.ts';
import { runCommand } from './run-command.ts';
import { parseExit, parseStarted, type ShimTools, type StartedRecord, shimScript, taskScript } from './shim.ts';
import { type FoundTools, findTools, ShimSpawner } from './shim-spawner.ts';
import { knownSignal } from './signals.ts';
import { treeStats } from './tree-stats.ts';
import { findUser } from './users.ts';

export interface RawExecOptions {
  /** The driver's own folder; it is made when missing. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** Where the shim's utilities are looked for. */
  readonly path: string;
  /** The cgroup under which tasks get theirs; "" for none: processes are then found by session and environment. */
  readonly cgroupName: string;
  /** Nothing new is started; what an earlier agent started is still watched and stopped. */
  readonly isOff?: boolean;
}

/** How long a shim may take to start a task: far more than the milliseconds it needs on a machine that is not stuck. */
const START_DEADLINE_MS = 30_000;

interface RawExecState {
  readonly boot: string;
  readonly cgroup: string | null;
  readonly task: ProcessId;
  readonly shim: ProcessId;
}

export class RawExecDriver implements Driver {
  readonly name = 'raw_exec';
  readonly #clock: Clock;
  readonly #stateDir: string;
  readonly #path: string;
  readonly #found: FoundTools;
  readonly #isOff: boolean;
  readonly #cgroups: CgroupRoot | undefined;
  readonly #watch: RecordWatch;
  readonly #trees: ProcessTrees;
  readonly #boot = bootId();
  #spawner: ShimSpawner | undefined;

  constructor(options: RawExecOptions) {
    this.#clock = options.clock;
    this.#stateDir = options.stateDir;
    mkdirSync(options.stateDir, { recursive: true });
    // The task files have environments in them.
    chmodSync(options.stateDir, 0o700);
    this.#path = options.path;
    this.#found = findTools(options.path);
    this.#isOff = options.isOff ?? false;
    this.#cgroups = options.cgroupName === '' ? undefined : findCgroupRoot(options.cgroupName);
    this.#trees = new ProcessTrees(options.clock);
    this.#watch = new RecordWatch(options.stateDir, options.clock);
  }

  async fingerprint(): Promise<DriverFingerprint> {
    const description = this.#unavailable;
    if (description !== undefined) {
      return { detected: false, healthy: false, description, attributes: {} };
    }
    return { detected: true, healthy: true, description: 'Healthy', attributes: { 'driver.raw_exec': '1' } };
  }

  validateConfig(config: Readonly<Record<string, unknown>>): readonly string[] {
    return checkRawExecConfig(config);
  }

  async start(task: TaskConfig): Promise<TaskHandle> {
    const tools = this.#tools();
    const argv = rawExecCommand(task);
    const user = task.user === '' ? undefined : findUser(task.user, tools.setpriv);
    const cgroup = this.#cgroups && (await makeCgroup(this.#cgroups, task.id));
    const launch = { ...task, argv, user, cwd: task.taskDir, cgroup };
    writeFileSync(this.#file(task.id, 'task'), taskScript(launch, tools), { mode: 0o600 });
    this.#spawner ??= new ShimSpawner(this.#stateDir, tools, shimScript(tools));
    this.#spawner.launch(task.id);
    const record = await this.#started(task.id);
    rmSync(this.#file(task.id, 'task'), { force: true });
    return this.#handle(task.id, record, cgroup);
  }

  async wait(handle: TaskHandle, signal: AbortSignal): Promise<ExitResult | undefined> {
    const result = await this.#ended(handle, signal);
    if (result !== undefined) await this.#killTree(handle);
    return result;
  }

  async stop(handle: TaskHandle, options: StopOptions): Promise<void> {
    const task = {
      signal: (name: string) => this.signal(handle, name),
      ended: (by: AbortSignal) => this.#ended(handle, by),
    };
    const result = await askToEnd(this.#clock, task, options);
    await this.#killTree(handle);
    // The shim writes down how it ended.
    if (result === undefined) await this.#ended(handle, undefined);
  }

  async signal(handle: TaskHandle, signal: string): Promise<void> {
    const name = knownSignal(signal);
    const state = stateOf(handle);
    if (state.boot === this.#boot) sendSignal(state.task, name);
  }

  async recover(taskId: string, handle: TaskHandle | undefined): Promise<TaskHandle | undefined> {
    if (handle !== undefined) return handle;
    if (this.#readStarted(taskId) === undefined) writeFileSync(this.#file(taskId, 'cancelled'), '');
    const record = this.#readStarted(taskId);
    return record && this.#handle(taskId, record, this.#cgroups && join(this.#cgroups.path, taskId));
  }

  async inspect(handle: TaskHandle): Promise<TaskStatus> {
    if (this.#readStarted(handle.taskId) === undefined) return { state: 'gone' };
    const result = this.#readEnd(handle);
    return result === undefined
      ? { state: 'running', pids: this.#trees.pids(treeOf(handle)) }
      : { state: 'exited', result };
  }

  async destroy(handle: TaskHandle): Promise<void> {
    if (stateOf(handle).boot === this.#boot) await this.stop(handle, { signal: 'SIGKILL', timeoutMs: 0 });
    for (const kind of FILE_KINDS) rmSync(this.#file(handle.taskId, kind), { force: true });
  }

  readonly exec = (_handle: TaskHandle, request: ExecRequest, signal: AbortSignal): Promise<ExecOutput> =>
    runCommand(request, this.#clock, signal);

  readonly attach = async (
    handle: TaskHandle,
    request: AttachRequest,
    signal: AbortSignal,
  ): Promise<AttachedCommand> => {
    if (this.#readEnd(handle) !== undefined) throw new SerinError('driver', 'the task does not run');
    const place = { taskId: handle.taskId, cgroup: stateOf(handle).cgroup ?? undefined, path: this.#path };
    return attachBeside(place, request, signal);
  };

  readonly stats = async (handle: TaskHandle) => treeStats(this.#trees.pids(treeOf(handle)), this.#clock.nowMs());

  /** Lets go of the watch and the spawner; tasks go on. */
  close(): void {
    this.#spawner?.close();
    this.#spawner = undefined;
    this.#watch.close();
  }

  /** Pids of another boot are other people's. */
  async #killTree(handle: TaskHandle): Promise<void> {
    if (stateOf(handle).boot === this.#boot) await this.#trees.kill(treeOf(handle));
  }

  #tools(): ShimTools {
    if ('tools' in this.#found && !this.#isOff) return this.#found.tools;
    throw new SerinError('driver', this.#unavailable ?? 'raw_exec is not available');
  }

  get #unavailable(): string | undefined {
    if (this.#isOff) return OFF;
    if (!canReadProcesses()) return 'raw_exec needs /proc, which this agent cannot read';
    return 'missing' in this.#found
      ? `raw_exec needs ${this.#found.missing.join(', ')} in the agent's PATH`
      : undefined;
  }

  async #started(id: string): Promise<StartedRecord> {
    const deadline = new AbortController();
    const timer = this.#clock.after(START_DEADLINE_MS, () => deadline.abort());
    const record = await this.#watch.until(`${id}.started`, () => this.#readStarted(id), deadline.signal);
    timer.cancel();
    if (record !== undefined) return record;
    writeFileSync(this.#file(id, 'cancelled'), '');
    throw new SerinError('driver', `the supervisor of the task did not start within ${START_DEADLINE_MS / 1000} s`);
  }

  #ended(handle: TaskHandle, signal: AbortSignal | undefined): Promise<ExitResult | undefined> {
    return this.#watch.until(`${handle.taskId}.exit`, () => this.#readEnd(handle), signal);
  }

  #readEnd(handle: TaskHandle): ExitResult | undefined {
    const state = stateOf(handle);
    // In this order: a shim that ends between the two looks has written its record before.
    const shimLives = state.boot === this.#boot && isAlive(state.shim);
    const text = this.#read(handle.taskId, 'exit');
    if (text !== undefined) {
      const exit = parseExit(text, this.#read(handle.taskId, 'err') ?? '');
      if (exit !== undefined) return { ...exit, oomKilled: false };
    }
    return shimLives ? undefined : UNKNOWN_END;
  }

  #handle(taskId: string, record: StartedRecord, cgroup: string | undefined): TaskHandle {
    const state = { boot: this.#boot, cgroup: cgroup ?? null, task: { ...record.task }, shim: { ...record.shim } };
    return { driver: this.name, taskId, startedMs: this.#clock.nowMs(), state };
  }

  #readStarted(id: string): StartedRecord | undefined {
    const text = this.#read(id, 'started');
    return text === undefined ? undefined : parseStarted(text);
  }

  #read(id: string, kind: FileKind): string | undefined {
    try {
      return readFileSync(this.#file(id, kind), 'utf8');
    } catch {
      return undefined;
    }
  }

  #file(id: string, kind: FileKind): string {
    return join(this.#stateDir, `${id}.${kind}`);
  }
}

const OFF =
  'raw_exec is off, for it isolates nothing: plugin "raw_exec" { config { enabled = true } } in the agent\'s configuration turns it on';

const FILE_KINDS = ['task', 'started', 'err', 'tmp', 'exit', 'cancelled'] as const;
type FileKind = (typeof FILE_KINDS)[number];

const UNKNOWN_END: ExitResult = {
  exitCode: -1,
  signal: 0,
  oomKilled: false,
  unknown: 'exit status unknown: the supervisor of the task is gone and left no record',
};

const stateOf = (handle: TaskHandle): RawExecState => handle.state as unknown as RawExecState;

function treeOf(handle: TaskHandle): ProcessTree {
  const { cgroup, task, shim } = stateOf(handle);
  return { taskId: handle.taskId, cgroup: cgroup ?? undefined, main: task, spared: shim };
}
