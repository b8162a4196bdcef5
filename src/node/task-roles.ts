/**
 * What the tasks of a group are to one another: who runs before, beside and after the main tasks, whose end ends the
 * others, and who is stopped before whom. Pure; `task-sequence.ts` acts on it.
 */
import type { TaskState } from '../model/allocation.ts';
import type { JobType } from '../model/job.ts';
import type { Task } from '../model/task.ts';
import * as events from './task-events.ts';

export type Role = 'prestart' | 'prestartSidecar' | 'main' | 'poststart' | 'poststartSidecar' | 'poststop';

/**
 *   no lifecycle                → main
 *   prestart                    → prestart; the main tasks begin once it has succeeded
 *   prestart, sidecar           → prestartSidecar; the main tasks begin once it has started
 *   poststart (, sidecar)       → poststart (poststartSidecar); begins once the main tasks run
 *   poststop (, sidecar or not) → poststop; begins once all others are dead
 */
export function roleOf({ Lifecycle }: Pick<Task, 'Lifecycle'>): Role {
  switch (Lifecycle?.Hook) {
    case 'prestart':
      return Lifecycle.Sidecar ? 'prestartSidecar' : 'prestart';
    case 'poststart':
      return Lifecycle.Sidecar ? 'poststartSidecar' : 'poststart';
    case 'poststop':
      return 'poststop';
    default:
      return 'main';
  }
}

/** Runs as long as the allocation, or as the main tasks do. */
export const isSidecar = (role: Role): boolean => role === 'prestartSidecar' || role === 'poststartSidecar';

/**
 * Whether a task that ended with success has done its work, and is not started again.
 *
 *   main: of a service → no · of a batch job → yes
 *   sidecar            → no, whatever the job
 *   any other          → yes, whatever the job
 */
export function endsByItself(task: Pick<Task, 'Lifecycle'>, jobType: JobType): boolean {
  const role = roleOf(task);
  if (isSidecar(role)) return false;
  return role !== 'main' || jobType === 'batch' || jobType === 'sysbatch';
}

export interface Member {
  readonly name: string;
  readonly role: Role;
  readonly leader: boolean;
  readonly state: TaskState;
}

const isDead = ({ state }: Member): boolean => state.State === 'dead';
const hasFailed = (member: Member): boolean => isDead(member) && member.state.Failed;

/**
 * Why all tasks before the poststop ones are to end, in the event that tells it; undefined while they may run on.
 *
 *   one of them failed for good     → "Sibling Task Failed"
 *   the leader is dead              → "Leader Task Dead"
 *   all main tasks are dead, and no poststart task is still at its work → "Main Tasks Dead"
 */
export function endCause(members: readonly Member[]): events.NewTaskEvent | undefined {
  const before = members.filter((each) => each.role !== 'poststop');
  const failed = before.find(hasFailed);
  if (failed !== undefined) return events.siblingFailed(failed.name);
  if (before.some((each) => each.leader && isDead(each))) return events.leaderDead;
  const working = before.some((each) => (each.role === 'main' && !isDead(each)) || isAtWork(each));
  return working ? undefined : events.mainsDead;
}

const isAtWork = ({ role, state }: Member): boolean =>
  role === 'poststart' && state.State !== 'dead' && state.StartedAt !== null;

/**
 * Who is stopped, in what order; each wave when the one before is dead. Poststop tasks are not stopped: they come after.
 *
 *   web leads, log is a task, mesh a sidecar → [web], [log], [mesh]
 *   no leader                                → [web, log], [mesh]
 */
export function stopWaves<T extends Pick<Member, 'role' | 'leader'>>(members: readonly T[]): readonly (readonly T[])[] {
  const before = members.filter((each) => each.role !== 'poststop');
  const leaders = before.filter((each) => each.leader);
  const rest = before.filter((each) => !each.leader);
  const waves = [leaders, rest.filter((each) => !isSidecar(each.role)), rest.filter((each) => isSidecar(each.role))];
  return waves.filter((wave) => wave.length > 0);
}
