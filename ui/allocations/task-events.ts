/** What happened to the tasks of an allocation, in words, the newest first: pure. */
import type { TaskEvent, TaskState } from '../../src/model/allocation.ts';

export interface TaskHappening {
  readonly key: string;
  readonly task: string;
  readonly atMs: number;
  /** "Started". */
  readonly type: string;
  readonly words: string;
  readonly isBad: boolean;
}

export function happeningsOf(states: Readonly<Record<string, TaskState>> | null | undefined): readonly TaskHappening[] {
  return Object.entries(states ?? {})
    .flatMap(([task, { Events }]) => (Events ?? []).map((event, at) => happeningOf(task, event, at)))
    .sort((a, b) => b.atMs - a.atMs || (b.key > a.key ? 1 : -1));
}

const happeningOf = (task: string, event: TaskEvent, at: number): TaskHappening => ({
  key: `${task} ${event.Time} ${at}`,
  task,
  atMs: Number(event.Time) / 1e6,
  type: event.Type,
  words: event.DisplayMessage || event.Message || event.Type,
  isBad: isBad(event),
});

const BAD_TYPES: readonly string[] = [
  'Alloc Unhealthy',
  'Driver Failure',
  'Failed Validation',
  'Not Restarting',
  'Setup Failure',
  'Sibling Task Failed',
];

/** An end is bad when it was the task's own, with a failure; to be killed is how every version ends. */
const isBad = ({ Type, FailsTask, ExitCode = 0, KillError }: TaskEvent): boolean =>
  BAD_TYPES.includes(Type) || Boolean(FailsTask || KillError) || (Type === 'Terminated' && ExitCode !== 0);
