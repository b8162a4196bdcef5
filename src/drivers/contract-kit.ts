/** What a driver's own tests give to the contract's suite, and what the suite's parts work with. */
import type { Behaviour } from './behaviours.ts';
import type { AttachRequest, Driver, TaskConfig, TaskHandle } from './driver.ts';
import type { ProcessId } from './proc.ts';
import type { DyingAgent } from './testing/dying-agent.ts';

export interface DriverLab {
  /** A driver as a newly started agent would make it, over the same state. */
  openDriver(): Promise<Driver>;
  /** A task that runs until it is told to end; SIGTERM ends it. */
  sleeper(): TaskConfig;
  /** Ends by itself, soon. */
  exiting(exitCode: number): TaskConfig;
  /** Ignores SIGTERM. */
  stubborn(): TaskConfig;
  /** Cannot be started. */
  unstartable(): TaskConfig;
  badConfigs: readonly Readonly<Record<string, unknown>>[];
  /** Resolves when the task of this start has set itself up, its handling of signals included. */
  ready(task: TaskConfig): Promise<void>;
  /**
   * Awaited after each start, by drivers whose tasks would miss what is sent to them before they handle it: the first
   * process of a container gets no signal that it has no handler for.
   */
  settled?(task: TaskConfig): Promise<void>;
  /** Lets time pass, for drivers on a virtual clock. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;

  // What only drivers with real processes have. A behaviour whose tests need one of these and that has no reason in
  // behaviours.ts fails where it is missing.

  /** A driver as another agent of this machine would make it, over a state of its own. */
  openForeignDriver?(): Promise<Driver>;
  /** Forks twice, so that a daemon in a session of its own runs beside it; says when it is ready. */
  forking?(): TaskConfig;
  /** The same, and ends with exit status 0. */
  leaving?(): TaskConfig;
  /** Writes "line 1", "line 2", … for ever, a hundred a second. */
  counting?(): TaskConfig;
  /** The pids of all that runs of a start, wherever it went. */
  processesOf?(task: TaskConfig): readonly number[];
  outputOf?(task: TaskConfig): string;
  /** Starts it from another process, to be killed as an agent is; with a command beside it. */
  startInDyingAgent?(task: TaskConfig, attach?: AttachRequest): Promise<DyingAgent>;
  /** What watches over the task in the agent's stead. */
  supervisorOf?(handle: TaskHandle): ProcessId;
  mainOf?(handle: TaskHandle): ProcessId;
  /** Whatever a task that was destroyed could leave: files, cgroups, containers. */
  leftovers?(): readonly string[] | Promise<readonly string[]>;
}

/** What the tests of a behaviour work with; new for each test. */
export interface ContractKit {
  readonly lab: DriverLab;
  readonly driver: Driver;
  /** Starts it, to be destroyed after the test. */
  start(config: TaskConfig): Promise<TaskHandle>;
  /** Has one that was started otherwise destroyed after the test. */
  adopt(handle: TaskHandle): TaskHandle;
}

export type DescribeBehaviour = (behaviour: Behaviour, tests: () => void) => void;

export const never = (): AbortSignal => new AbortController().signal;
