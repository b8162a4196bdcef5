/** The events of a task, with the wire's types and words. */
import type { ExitResult } from '../drivers/driver.ts';
import { signalWords } from '../drivers/signals.ts';
import { formatDuration } from '../lib/duration.ts';
import type { TaskEvent } from '../model/allocation.ts';
import { MILLISECOND, type Nanos, nanosOf } from '../model/nanos.ts';

/** An event lacks its time until the task runner writes it down. */
export type NewTaskEvent = Omit<TaskEvent, 'Time'>;

export const at = (event: NewTaskEvent, nowMs: number): TaskEvent => ({ ...event, Time: nanosOf(nowMs) });

export const MAX_EVENTS = 10;

export const received: NewTaskEvent = { Type: 'Received', DisplayMessage: 'Task received by client' };

export const setup: NewTaskEvent = {
  Type: 'Task Setup',
  DisplayMessage: 'Building Task Directory',
  Message: 'Building Task Directory',
  Details: { message: 'Building Task Directory' },
};

const ofFolders = (message: string): NewTaskEvent => ({
  Type: 'Task Setup',
  DisplayMessage: message,
  Message: message,
  Details: { message },
});

export const foldersRemoved = ofFolders(
  "Somebody removed the allocation's folder while the task runs: its files and its output are gone. A restart makes the folder again",
);

export const foldersMadeAgain = ofFolders("The allocation's folder was gone; it was made again, empty");

/** Time stamps of later events count by the new time; what waits goes on as if nothing had happened. */
export function clockSet(byMs: number): NewTaskEvent {
  const message = `The clock of the node was set ${byMs > 0 ? 'forward' : 'back'} by ${formatDuration(Math.abs(byMs) * MILLISECOND)}; no deadline passes early for it`;
  return { Type: 'Clock', DisplayMessage: message, Message: message, Details: { message } };
}

export const started: NewTaskEvent = { Type: 'Started', DisplayMessage: 'Task started by client' };

export const driverFailure = (message: string): NewTaskEvent => ({
  Type: 'Driver Failure',
  DisplayMessage: message,
  DriverError: message,
  Details: { driver_error: message },
});

/** What a driver does that takes its time. */
export const driverNote = (message: string, details: Readonly<Record<string, string>>): NewTaskEvent => ({
  Type: 'Driver',
  DisplayMessage: message,
  DriverMessage: message,
  Details: { driver_message: message, ...details },
});

/** It is tried again. */
export const setupProblem = (message: string): NewTaskEvent => ({
  Type: 'Setup Failure',
  DisplayMessage: message,
  SetupError: message,
  Details: { setup_error: message },
});

export const setupFailure = (message: string): NewTaskEvent => ({
  Type: 'Setup Failure',
  DisplayMessage: message,
  SetupError: message,
  FailsTask: true,
  Details: { setup_error: message, fails_task: 'true' },
});

export const invalidConfig = (message: string): NewTaskEvent => ({
  Type: 'Failed Validation',
  DisplayMessage: message,
  ValidationError: message,
  FailsTask: true,
  Details: { validation_error: message, fails_task: 'true' },
});

export function terminated(result: ExitResult): NewTaskEvent {
  const message = result.oomKilled ? OOM_KILLED : result.unknown;
  const words = [
    `Exit Code: ${result.exitCode}`,
    ...(result.signal === 0 ? [] : [`Signal: ${result.signal}`]),
    ...(message === undefined ? [] : [`Exit Message: "${message}"`]),
  ];
  return {
    Type: 'Terminated',
    DisplayMessage: words.join(', '),
    ExitCode: result.exitCode,
    Signal: result.signal,
    ...(message === undefined ? {} : { Message: message }),
    Details: {
      exit_code: String(result.exitCode),
      signal: String(result.signal),
      oom_killed: String(result.oomKilled),
      ...(message === undefined ? {} : { exit_message: message }),
    },
  };
}

const OOM_KILLED = 'OOM Killed: it wanted more memory than resources.memory gives it';

export function restarting(delayMs: number, reason: string): NewTaskEvent {
  const StartDelay = Math.round(delayMs) * MILLISECOND;
  return {
    Type: 'Restarting',
    DisplayMessage: `Task restarting in ${formatDuration(StartDelay)}`,
    RestartReason: reason,
    StartDelay,
    Details: { restart_reason: reason, start_delay: String(StartDelay) },
  };
}

export const notRestarting = (reason: string): NewTaskEvent => ({
  Type: 'Not Restarting',
  DisplayMessage: reason,
  RestartReason: reason,
  FailsTask: true,
  Details: { restart_reason: reason, fails_task: 'true' },
});

/** `asked` is there when it was more than the node grants. */
export function killing(signal: string, timeout: Nanos, asked?: Nanos): NewTaskEvent {
  const cut = asked === undefined ? '' : ` (kill_timeout asks for ${formatDuration(asked)}, max_kill_timeout cuts it)`;
  const words = `Sent ${signalWords(signal)}. Waiting ${formatDuration(timeout)} before force killing${cut}`;
  return {
    Type: 'Killing',
    DisplayMessage: words,
    KillTimeout: timeout,
    Details: { kill_timeout: formatDuration(timeout) },
  };
}

export const killed: NewTaskEvent = { Type: 'Killed', DisplayMessage: 'Task successfully killed' };

export const killFailed = (message: string): NewTaskEvent => ({
  Type: 'Killed',
  DisplayMessage: message,
  KillError: message,
  Details: { kill_error: message },
});

export const restartSignaled = (reason: string): NewTaskEvent => ({
  Type: 'Restart Signaled',
  DisplayMessage: reason,
  RestartReason: reason,
  Details: { restart_reason: reason },
});

export const signaling = (signal: string): NewTaskEvent => ({
  Type: 'Signaling',
  DisplayMessage: `Task being sent signal ${signalWords(signal)}`,
  TaskSignal: signalWords(signal),
  TaskSignalReason: '',
  Details: { signal: signalWords(signal) },
});

export const siblingFailed = (task: string): NewTaskEvent => ({
  Type: 'Sibling Task Failed',
  DisplayMessage: `Task's sibling "${task}" failed`,
  Details: { failed_sibling: task },
});

export const leaderDead: NewTaskEvent = { Type: 'Leader Task Dead', DisplayMessage: 'Leader Task in Group dead' };

export const mainsDead: NewTaskEvent = {
  Type: 'Main Tasks Dead',
  DisplayMessage: 'Main tasks in the group died',
};

export const allocUnhealthy = (reason: string): NewTaskEvent => ({
  Type: 'Alloc Unhealthy',
  DisplayMessage: reason,
  Message: reason,
  Details: { message: reason },
});
