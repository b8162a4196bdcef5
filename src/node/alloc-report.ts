/** What the server is told of an allocation, in the wire's words. */
import type { AllocServiceStatus, AllocUpdate, TaskState } from '../model/allocation.ts';
import { judgeClientStatus } from './client-status.ts';
import { lastOutput } from './last-output.ts';

export interface ReportFacts {
  readonly allocId: string;
  readonly states: Readonly<Record<string, TaskState>>;
  /** Nothing of it runs, and nothing will. */
  readonly isEnded: boolean;
  readonly services: () => AllocServiceStatus[];
}

/** Its room goes to others once it is over: so it runs until its runner has ended, even if its tasks are dead. */
export function allocStatus({ allocId, states, isEnded, services }: ReportFacts): AllocUpdate {
  const { status, description } = judgeClientStatus(Object.values(states));
  const isOver = status === 'complete' || status === 'failed';
  const isEnding = isOver && !isEnded;
  return {
    ID: allocId,
    ClientStatus: isEnding ? 'running' : status,
    ClientDescription: isEnding ? 'Tasks are running' : description,
    TaskStates: states,
    Services: isOver ? [] : services(),
  };
}

/** With the verdict on its health that the server has not heard; and, where it went wrong, with what its tasks wrote last. */
export function withVerdict(status: AllocUpdate, verdict: AllocUpdate['Healthy'], logsDir: string): AllocUpdate {
  const isBad = verdict?.Healthy === false || status.ClientStatus === 'failed';
  return { ...status, ...(verdict && { Healthy: verdict }), ...(isBad && outputOf(status, logsDir)) };
}

function outputOf({ TaskStates }: AllocUpdate, logsDir: string): Pick<AllocUpdate, 'Output'> {
  const output = lastOutput(logsDir, Object.keys(TaskStates ?? {}));
  return Object.keys(output).length > 0 ? { Output: output } : {};
}
