/** Allocations, evaluations and deployments: what a job's desired state became. */
import { type ExecConversation, type ExecQuery, execOver } from './exec.ts';
import { type LogFrame, readLogFrames } from './log-frames.ts';
import type { Read, ReadOptions, Requester } from './requester.ts';
import type {
  AllocStatsView,
  AllocStub,
  AllocView,
  CheckView,
  DeploymentView,
  EvalCreated,
  EvalView,
} from './views.ts';

export interface LogQuery {
  readonly task: string;
  readonly type: 'stdout' | 'stderr';
  readonly follow: boolean;
  readonly offset: number;
  readonly origin: 'start' | 'end';
}

export interface AllocationsApi {
  list(prefix?: string, options?: ReadOptions): Promise<Read<AllocStub[]>>;
  read(id: string, options?: ReadOptions): Promise<Read<AllocView>>;
  stats(id: string): Promise<Read<AllocStatsView>>;
  /** By their ids. */
  checks(id: string): Promise<Read<Record<string, CheckView>>>;
  stop(id: string, options?: { readonly noShutdownDelay: boolean }): Promise<EvalCreated>;
  /** Restarts one task; all that run when `task` is "". */
  restart(id: string, task: string): Promise<void>;
  /** Also those that have done their work, in their order. */
  restartAll(id: string): Promise<void>;
  /** To one task; to all that run when `task` is "". */
  signal(id: string, signal: string, task: string): Promise<void>;
  /** Runs a command beside a task. */
  exec(id: string, query: ExecQuery, signal?: AbortSignal): Promise<ExecConversation>;
  /** A task's output as it was written, byte for byte. */
  logs(id: string, query: LogQuery, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** The same, each piece with its place in the rotated files. */
  logFrames(id: string, query: LogQuery, signal?: AbortSignal): Promise<AsyncIterable<LogFrame>>;
}

export interface EvaluationsApi {
  list(prefix?: string, options?: ReadOptions): Promise<Read<EvalView[]>>;
  read(id: string, options?: ReadOptions): Promise<Read<EvalView>>;
  allocations(id: string, options?: ReadOptions): Promise<Read<AllocStub[]>>;
}

export interface DeploymentsApi {
  list(prefix?: string, options?: ReadOptions): Promise<Read<DeploymentView[]>>;
  read(id: string, options?: ReadOptions): Promise<Read<DeploymentView>>;
  allocations(id: string, options?: ReadOptions): Promise<Read<AllocStub[]>>;
  fail(id: string): Promise<EvalCreated>;
  pause(id: string): Promise<EvalCreated>;
  resume(id: string): Promise<EvalCreated>;
  /** All groups, unless some are named. */
  promote(id: string, groups?: readonly string[]): Promise<EvalCreated>;
  /** Ours: what the canaries get of all requests, 0 to 100; of all groups with canaries, unless some are named. */
  weigh(id: string, percent: number, groups?: readonly string[]): Promise<EvalCreated>;
  unblock(id: string): Promise<EvalCreated>;
}

export function allocationsApi({ read, write, stream, connect }: Requester): AllocationsApi {
  return {
    list: (prefix, options) => read('/v1/allocations', options, { prefix }),
    read: (id, options) => read(`/v1/allocation/${segment(id)}`, options),
    stats: (id) => read(`/v1/client/allocation/${segment(id)}/stats`),
    checks: (id) => read(`/v1/client/allocation/${segment(id)}/checks`),
    stop: (id, options) => {
      const query = options?.noShutdownDelay ? { no_shutdown_delay: true } : {};
      return write('PUT', `/v1/allocation/${segment(id)}/stop`, undefined, query);
    },
    restart: async (id, task) => {
      await write('PUT', `/v1/client/allocation/${segment(id)}/restart`, { TaskName: task });
    },
    restartAll: async (id) => {
      await write('PUT', `/v1/client/allocation/${segment(id)}/restart`, { AllTasks: true });
    },
    signal: async (id, Signal, Task) => {
      await write('PUT', `/v1/client/allocation/${segment(id)}/signal`, { Signal, Task });
    },
    exec: async (id, { task, command, tty }, signal) => {
      const query = { task, command: JSON.stringify(command), tty };
      return execOver(await connect(`/v1/client/allocation/${segment(id)}/exec`, query, signal));
    },
    logs: (id, query, signal) => stream(`/v1/client/fs/logs/${segment(id)}`, { ...query, plain: true }, signal),
    logFrames: async (id, query, signal) =>
      readLogFrames(await stream(`/v1/client/fs/logs/${segment(id)}`, { ...query }, signal)),
  };
}

export function evaluationsApi({ read }: Requester): EvaluationsApi {
  return {
    list: (prefix, options) => read('/v1/evaluations', options, { prefix }),
    read: (id, options) => read(`/v1/evaluation/${segment(id)}`, options),
    allocations: (id, options) => read(`/v1/evaluation/${segment(id)}/allocations`, options),
  };
}

export function deploymentsApi({ read, write }: Requester): DeploymentsApi {
  return {
    list: (prefix, options) => read('/v1/deployments', options, { prefix }),
    read: (id, options) => read(`/v1/deployment/${segment(id)}`, options),
    allocations: (id, options) => read(`/v1/deployment/allocations/${segment(id)}`, options),
    fail: (id) => write('PUT', `/v1/deployment/fail/${segment(id)}`, { DeploymentID: id }),
    pause: (id) => write('PUT', `/v1/deployment/pause/${segment(id)}`, { DeploymentID: id, Pause: true }),
    resume: (id) => write('PUT', `/v1/deployment/pause/${segment(id)}`, { DeploymentID: id, Pause: false }),
    promote: (id, groups = []) =>
      write('PUT', `/v1/deployment/promote/${segment(id)}`, {
        DeploymentID: id,
        ...(groups.length === 0 ? { All: true } : { Groups: groups }),
      }),
    weigh: (id, percent, groups = []) =>
      write('PUT', `/v1/deployment/weight/${segment(id)}`, { DeploymentID: id, Weight: percent, Groups: groups }),
    unblock: (id) => write('PUT', `/v1/deployment/unblock/${segment(id)}`, { DeploymentID: id }),
  };
}

const segment = encodeURIComponent;
