/** What an allocation is, from what its tasks are. */
import type { ClientStatus, TaskState } from '../model/allocation.ts';

export interface ClientVerdict {
  readonly status: ClientStatus;
  readonly description: string;
}

const isDead = (state: TaskState): boolean => state.State === 'dead';

const RULES: readonly {
  readonly holds: (states: readonly TaskState[]) => boolean;
  readonly verdict: ClientVerdict;
}[] = [
  {
    // Only once nothing runs any more: a terminal allocation gives its ports and its room to others.
    holds: (states) => states.length > 0 && states.every(isDead) && states.some((each) => each.Failed),
    verdict: { status: 'failed', description: 'Failed tasks' },
  },
  {
    holds: (states) => states.length > 0 && states.every(isDead),
    verdict: { status: 'complete', description: 'All tasks have completed' },
  },
  {
    // Between two starts of a task the allocation goes on.
    holds: (states) => states.some((each) => each.State === 'running' || each.StartedAt !== null),
    verdict: { status: 'running', description: 'Tasks are running' },
  },
];

const PENDING: ClientVerdict = { status: 'pending', description: 'No tasks have started' };

export const judgeClientStatus = (states: readonly TaskState[]): ClientVerdict =>
  RULES.find((rule) => rule.holds(states))?.verdict ?? PENDING;
