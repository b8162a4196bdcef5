/**
 * `mock`: a driver without processes, for tests and simulation. It passes the same contract as the others, keeps its
 * tasks in a `MockMachine` that outlives it as a machine outlives an agent, and takes its time from the clock.
 */
import { type Clock, sleep, type Timer } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
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
  TaskStatus,
} from './driver.ts';
import { echoCommand } from './mock-attach.ts';
import { knownSignal, signalNumber } from './signals.ts';

/** The `config` block; every key is optional. */
export interface MockConfig {
  /** How long the task runs until it ends by itself; without it, until it is stopped. */
  readonly run_for_ms?: number;
  readonly exit_code?: number;
  /** The start fails with this sentence. */
  readonly start_error?: string;
  readonly start_delay_ms?: number;
  /** How long the task takes to end after its kill signal; without it, at once. */
  readonly kill_after_ms?: number;
  /** Signals that it does not care about. */
  readonly ignores?: readonly string[];
  /** What its script checks answer. */
  readonly exec_exit_code?: number;
}

interface MockTask {
  readonly config: MockConfig;
  result: ExitResult | undefined;
  timer: Timer | undefined;
  readonly waiting: Set<() => void>;
}

/** What goes on while agents come and go. */
export class MockMachine {
  readonly tasks = new Map<string, MockTask>();
  readonly cancelled = new Set<string>();
  /** Why the driver has nothing to run tasks with; undefined: it has. */
  away: string | undefined;
  /** Every start, in order. */
  readonly starts: TaskConfig[] = [];
  readonly signals: { readonly taskId: string; readonly signal: string; readonly atMs: number }[] = [];

  running(): string[] {
    return [...this.tasks].filter(([, task]) => task.result === undefined).map(([id]) => id);
  }
}

export class MockDriver implements Driver {
  readonly name = 'mock';
  readonly #clock: Clock;
  readonly #machine: MockMachine;

  constructor(clock: Clock, machine = new MockMachine()) {
    this.#clock = clock;
    this.#machine = machine;
  }

  async fingerprint(): Promise<DriverFingerprint> {
    const away = this.#machine.away;
    if (away !== undefined) return { detected: false, healthy: false, description: away, attributes: {} };
    return { detected: true, healthy: true, description: 'Healthy', attributes: { 'driver.mock': '1' } };
  }

  validateConfig(config: Readonly<Record<string, unknown>>): readonly string[] {
    return Object.entries(config).flatMap(([key, value]) => {
      const type = CONFIG_TYPES[key];
      if (type === undefined) return [`config: mock has no "${key}"; it knows ${Object.keys(CONFIG_TYPES).join(', ')}`];
      const given = Array.isArray(value) ? 'list' : typeof value;
      return given === type ? [] : [`config: "${key}" must be a ${type}, not a ${given}`];
    });
  }

  async start(task: TaskConfig, context?: StartContext): Promise<TaskHandle> {
    const problems = this.validateConfig(task.config);
    if (problems.length > 0) throw new SerinError('driver', problems.join('; '));
    const config = task.config as MockConfig;
    this.#machine.starts.push(task);
    if (config.start_delay_ms !== undefined) {
      context?.note('Preparing', { delay_ms: String(config.start_delay_ms) });
      await sleep(this.#clock, config.start_delay_ms, context?.signal);
      if (context?.signal.aborted) throw new SerinError('driver', 'the start is not wanted any more');
    }
    if (config.start_error !== undefined) throw new SerinError('driver', config.start_error);
    const mock: MockTask = { config, result: undefined, timer: undefined, waiting: new Set() };
    this.#machine.tasks.set(task.id, mock);
    if (config.run_for_ms !== undefined) this.#endAfter(mock, config.run_for_ms, ownEnd(config));
    return this.#handle(task.id);
  }

  wait(handle: TaskHandle, signal: AbortSignal): Promise<ExitResult | undefined> {
    const task = this.#machine.tasks.get(handle.taskId);
    if (task === undefined) return Promise.resolve(UNKNOWN);
    return new Promise((resolve) => {
      const settle = () => {
        task.waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        resolve(task.result);
      };
      task.waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
      if (task.result !== undefined || signal.aborted) settle();
    });
  }

  async stop(handle: TaskHandle, options: StopOptions): Promise<void> {
    const task = this.#machine.tasks.get(handle.taskId);
    if (task === undefined) return;
    if (options.timeoutMs === 0) return this.#end(task, endedBy('SIGKILL'));
    await this.signal(handle, options.signal);
    const kill = this.#clock.after(options.timeoutMs, () => this.#end(task, endedBy('SIGKILL')));
    await this.wait(handle, new AbortController().signal);
    kill.cancel();
  }

  async signal(handle: TaskHandle, signal: string): Promise<void> {
    const name = knownSignal(signal);
    const task = this.#machine.tasks.get(handle.taskId);
    if (task === undefined || task.result !== undefined) return;
    this.#machine.signals.push({ taskId: handle.taskId, signal: name, atMs: this.#clock.nowMs() });
    if (task.config.ignores?.includes(name)) return;
    if (task.config.kill_after_ms === undefined) this.#end(task, endedBy(name));
    else this.#endAfter(task, task.config.kill_after_ms, { ...endedBy(name), exitCode: 0, signal: 0 });
  }

  async recover(taskId: string, handle: TaskHandle | undefined): Promise<TaskHandle | undefined> {
    return handle ?? (this.#machine.tasks.has(taskId) ? this.#handle(taskId) : undefined);
  }

  async inspect(handle: TaskHandle): Promise<TaskStatus> {
    const task = this.#machine.tasks.get(handle.taskId);
    if (task === undefined) return { state: 'gone' };
    return task.result === undefined ? { state: 'running', pids: [] } : { state: 'exited', result: task.result };
  }

  async destroy(handle: TaskHandle): Promise<void> {
    const task = this.#machine.tasks.get(handle.taskId);
    if (task !== undefined) this.#end(task, endedBy('SIGKILL'));
    this.#machine.tasks.delete(handle.taskId);
  }

  readonly exec = async (handle: TaskHandle, request: ExecRequest): Promise<ExecOutput> => {
    const exitCode = this.#machine.tasks.get(handle.taskId)?.config.exec_exit_code ?? 0;
    return { exitCode, output: request.command };
  };

  /** Says what it is asked to run, then echoes its input; with a terminal, each size as well. */
  readonly attach = async (handle: TaskHandle, request: AttachRequest, signal: AbortSignal): Promise<AttachedCommand> =>
    echoCommand(request, this.#machine.tasks.get(handle.taskId)?.config.exec_exit_code ?? 0, signal);

  #handle(taskId: string): TaskHandle {
    return { driver: this.name, taskId, startedMs: this.#clock.nowMs(), state: null };
  }

  #endAfter(task: MockTask, delayMs: number, result: ExitResult): void {
    task.timer?.cancel();
    task.timer = this.#clock.after(delayMs, () => this.#end(task, result));
  }

  #end(task: MockTask, result: ExitResult): void {
    task.timer?.cancel();
    task.result ??= result;
    for (const settle of [...task.waiting]) settle();
  }
}

const CONFIG_TYPES: Readonly<Record<string, string>> = {
  run_for_ms: 'number',
  exit_code: 'number',
  start_error: 'string',
  start_delay_ms: 'number',
  kill_after_ms: 'number',
  ignores: 'list',
  exec_exit_code: 'number',
};

const UNKNOWN: ExitResult = {
  exitCode: -1,
  signal: 0,
  oomKilled: false,
  unknown: 'exit status unknown: the task is gone',
};

const ownEnd = (config: MockConfig): ExitResult => ({ exitCode: config.exit_code ?? 0, signal: 0, oomKilled: false });

function endedBy(signal: string): ExitResult {
  return { exitCode: 128 + signalNumber(signal), signal: signalNumber(signal), oomKilled: false };
}
