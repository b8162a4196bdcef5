/** Task states as the wire has them: our events are lean, the wire's carry every field of every kind of event. */
import type { TaskEvent, TaskState } from './allocation.ts';

export function taskStatesView(states: Readonly<Record<string, TaskState>> | null): Record<string, object> | null {
  if (!states) return null;
  return Object.fromEntries(Object.entries(states).map(([task, state]) => [task, taskStateView(state)]));
}

function taskStateView(state: TaskState): object {
  return {
    State: state.State,
    Failed: state.Failed,
    Restarts: state.Restarts,
    LastRestart: state.LastRestart,
    StartedAt: state.StartedAt,
    FinishedAt: state.FinishedAt,
    Events: state.Events.map(taskEventView),
    TaskHandle: null,
  };
}

export function taskEventView(event: TaskEvent): object {
  return {
    Type: event.Type,
    Time: event.Time,
    Message: event.Message ?? '',
    DisplayMessage: event.DisplayMessage,
    Details: event.Details ?? {},
    FailsTask: event.FailsTask ?? false,
    RestartReason: event.RestartReason ?? '',
    SetupError: event.SetupError ?? '',
    DriverError: event.DriverError ?? '',
    ExitCode: event.ExitCode ?? 0,
    Signal: event.Signal ?? 0,
    KillTimeout: event.KillTimeout ?? 0,
    KillError: event.KillError ?? '',
    KillReason: event.KillReason ?? '',
    StartDelay: event.StartDelay ?? 0,
    DownloadError: '',
    ValidationError: event.ValidationError ?? '',
    DiskLimit: 0,
    FailedSibling: '',
    VaultError: '',
    TaskSignalReason: event.TaskSignalReason ?? '',
    TaskSignal: event.TaskSignal ?? '',
    DriverMessage: '',
    GenericSource: '',
  };
}
