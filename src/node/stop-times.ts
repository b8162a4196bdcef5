/** How long the steps of an instance's end may or must take, from its job. Pure. */
import { msFromNanos } from '../lib/duration.ts';
import type { TaskGroup } from '../model/job.ts';
import type { Task } from '../model/task.ts';
import { servicesOf } from './service-status.ts';

/** The longest that one of its services allows. */
export function drainDeadlineMs(group: TaskGroup): number {
  const deadlines = servicesOf(group).flatMap(({ service }) => service.Ingress ?? []);
  // An instance that takes requests without a service of its own was added by hand.
  if (deadlines.length === 0) return DRAIN_DEADLINE_MS;
  return Math.max(...deadlines.map((ingress) => msFromNanos(ingress.DrainDeadline)));
}

/** Where no service says it. */
const DRAIN_DEADLINE_MS = 5 * 60_000;

/** The longer one of the group's and the task's, both counted from the beginning of the drain. */
export const shutdownDelayMs = (group: TaskGroup, task: Task): number =>
  Math.max(msFromNanos(group.ShutdownDelay ?? 0), msFromNanos(task.ShutdownDelay));
