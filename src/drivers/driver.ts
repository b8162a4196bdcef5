/**
 * What a node asks of a task driver. The core is required; `exec`, `attach` and `stats` are capabilities that a driver
 * may lack.
 * Tasks outlive the agent: whatever a driver needs to find a task again is in its `TaskHandle`, which the node keeps
 * on disk as JSON. `contract.ts` is the suite that every driver passes.
 */
import type { Readable, Writable } from 'node:stream';

export interface TaskConfig {
  /**
   * Names this one start of the task, unique for ever, letters, digits and "-" only. The node writes it down before
   * it calls `start`, so that an agent that dies in the middle can still `recover` or rule out the task.
   */
  readonly id: string;
  readonly allocId: string;
  readonly taskName: string;
  /** The job file's `config`, interpolated. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  /** "": the agent's own. */
  readonly user: string;
  /** The task's working directory; it exists. */
  readonly taskDir: string;
  /** The folder that the tasks of the allocation share; it exists. */
  readonly allocDir: string;
  /** Those of the allocation. */
  readonly ports: readonly TaskPort[];
  /** Files to append output to; their directory exists. */
  readonly stdoutPath: string;
  readonly stderrPath: string;
  readonly cpuMHz: number;
  readonly memoryMB: number;
  /** As far as it may go where the node has memory to spare; 0: no further than `memoryMB`. */
  readonly memoryMaxMB: number;
}

export interface TaskPort {
  readonly label: string;
  /** On the node. */
  readonly value: number;
  /** Inside the task's own network, where it has one. */
  readonly to: number;
  readonly hostIP: string;
}

/** What tasks see instead of the node's own file system and environment. */
export interface TaskWorld {
  readonly allocDir: string;
  readonly localDir: string;
  readonly secretsDir: string;
  /** Whether the agent's environment (PATH and so on) means something there. */
  readonly hasHostEnv: boolean;
}

export interface StartContext {
  /** Tells those who watch the task what takes its time: a task event. */
  readonly note: (message: string, details: Readonly<Record<string, string>>) => void;
  /** Aborts when nobody wants the start any more, or the agent ends: what was not started by then need not be. */
  readonly signal: AbortSignal;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface TaskHandle {
  readonly driver: string;
  readonly taskId: string;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  /** The driver's own. */
  readonly state: Json;
}

export interface ExitResult {
  /** As shells count: 128 + signal for a task that a signal ended. */
  readonly exitCode: number;
  /** 0: none. */
  readonly signal: number;
  readonly oomKilled: boolean;
  /** Present when nobody knows how the task ended; such a task failed. */
  readonly unknown?: string;
}

export const isSuccess = (result: ExitResult): boolean =>
  result.exitCode === 0 && result.signal === 0 && result.unknown === undefined;

export type TaskStatus =
  | { readonly state: 'running'; readonly pids: readonly number[] }
  | { readonly state: 'exited'; readonly result: ExitResult }
  /** The driver has never heard of it, or it was destroyed. */
  | { readonly state: 'gone' };

export interface DriverFingerprint {
  readonly detected: boolean;
  readonly healthy: boolean;
  readonly description: string;
  /** "driver.raw_exec": "1". */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface StopOptions {
  /** "SIGINT". */
  readonly signal: string;
  /** How long the task may take before everything of it is killed; 0: at once. */
  readonly timeoutMs: number;
}

export interface Driver {
  readonly name: string;
  /** Of tasks that name none; without it, SIGINT. */
  readonly killSignal?: string;
  /** Without it, tasks see the node as it is. */
  readonly world?: TaskWorld;
  fingerprint(): Promise<DriverFingerprint>;
  /** Every problem of a `config` block, each a sentence; empty: valid. */
  validateConfig(config: Readonly<Record<string, unknown>>): readonly string[];
  /** Resolves when the task runs. Rejects with a `driver` error whose message is fit for a task event. */
  start(task: TaskConfig, context?: StartContext): Promise<TaskHandle>;
  /** How the task ended; undefined when `signal` aborted first. Nothing of the task's process tree is left by then. */
  wait(handle: TaskHandle, signal: AbortSignal): Promise<ExitResult | undefined>;
  /** Resolves when the task has ended, and everything that it started with it. */
  stop(handle: TaskHandle, options: StopOptions): Promise<void>;
  /** Sends the signal ("SIGHUP") to the task's main process. */
  signal(handle: TaskHandle, signal: string): Promise<void>;
  /** Finds a task that an earlier agent started, running or ended meanwhile; undefined: it never will run. */
  recover(taskId: string, handle: TaskHandle | undefined): Promise<TaskHandle | undefined>;
  inspect(handle: TaskHandle): Promise<TaskStatus>;
  /** Kills what still runs of it and forgets it. */
  destroy(handle: TaskHandle): Promise<void>;
  readonly exec?: (handle: TaskHandle, request: ExecRequest, signal: AbortSignal) => Promise<ExecOutput>;
  /**
   * Runs a command beside the task with somebody at its other end. When it has ended, or `signal` aborts, or the agent
   * dies, everything that it started is killed; the task goes on.
   */
  readonly attach?: (handle: TaskHandle, request: AttachRequest, signal: AbortSignal) => Promise<AttachedCommand>;
  readonly stats?: (handle: TaskHandle) => Promise<TaskStats>;
  /** Removes what earlier agents of this node started and `isKnown` denies; it is asked about task ids. */
  readonly sweep?: (isKnown: (taskId: string) => boolean) => Promise<void>;
  /** Lets go of whatever would keep a process alive that leaves; tasks go on. */
  close?(): void | Promise<void>;
}

export interface ExecRequest {
  readonly command: string;
  readonly args: readonly string[];
  /** As the task has them. */
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly taskDir: string;
  readonly timeoutMs: number;
  /** Output beyond this is dropped. */
  readonly maxOutputBytes: number;
}

export interface ExecOutput {
  readonly exitCode: number;
  readonly output: string;
}

export interface AttachRequest {
  /** Names this one command for ever: letters, digits and "-" only. */
  readonly id: string;
  readonly command: string;
  readonly args: readonly string[];
  /** As the task has them. */
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly taskDir: string;
  readonly allocDir: string;
  /** Gives it a terminal; else pipes. */
  readonly tty: boolean;
}

export interface AttachedCommand {
  /** Its end is the command's end of input; with a terminal, the end-of-file key. */
  readonly stdin: Writable;
  /** Ends when the command and all that it started have ended. */
  readonly stdout: Readable;
  /** Empty with a terminal. */
  readonly stderr: Readable;
  resize(size: TerminalSize): void;
  /** Its exit status as shells count. Never rejects. */
  readonly exited: Promise<number>;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface TaskStats {
  readonly timestampMs: number;
  readonly rssBytes: number;
  /** CPU time spent since the start, of all processes that still run. */
  readonly cpuMs: number;
  readonly pids: readonly number[];
}
