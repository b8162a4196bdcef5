/** Why an instance is not healthy, in the words of who knows best: its tasks before its checks. Pure. */
import type { Allocation, TaskEvent, TaskState } from '../model/allocation.ts';

/** A task that ended is told from this event on: how it ended, and what comes of it. */
const ENDS: readonly string[] = ['Terminated', 'Driver Failure', 'Setup Failure', 'Failed Validation'];
/** Of checks, the worst first; a warning is told where it is not good enough for its service. */
const BAD = ['critical', 'warning'] as const;
/** These say of the whole instance what is said already. */
const NOISE: readonly string[] = ['Alloc Unhealthy'];

/** One clause; undefined while there is nothing to complain about. */
export function instanceTrouble(alloc: Pick<Allocation, 'TaskStates' | 'Services'>): string | undefined {
  return taskTrouble(alloc) ?? checkTroubleOfRestarted(alloc) ?? checkTrouble(alloc);
}

/** A check that cannot reach a task which has just been started again says nothing of why that was necessary. */
function checkTroubleOfRestarted(alloc: Pick<Allocation, 'TaskStates' | 'Services'>): string | undefined {
  const check = checkTrouble(alloc);
  const crashed = Object.entries(alloc.TaskStates ?? {}).find(([, state]) => crashOf(state));
  if (check === undefined || crashed === undefined) return undefined;
  const [name, state] = crashed;
  const times = state.Restarts === 1 ? 'once' : `${state.Restarts} times`;
  return `task "${name}" was restarted ${times} after ${wordsOfEvent(crashOf(state)!)}; ${check}`;
}

/** The last end of a task that was not as it should be, and was followed by a restart. */
const crashOf = ({ Restarts, Events }: TaskState): TaskEvent | undefined =>
  Restarts === 0 ? undefined : Events.findLast(({ Type, ExitCode }) => Type === 'Terminated' && ExitCode !== 0);

export function taskTrouble({ TaskStates }: Pick<Allocation, 'TaskStates'>): string | undefined {
  for (const [name, state] of Object.entries(TaskStates ?? {})) {
    const words = wordsOfEnd(state);
    if (words) return `task "${name}": ${words}`;
  }
  return undefined;
}

/** "Exit Code: 1; Task restarting in 15.4s"; undefined where the task runs, or ended as it should. */
function wordsOfEnd({ State, Failed, Restarts, Events }: TaskState): string | undefined {
  if (State === 'running' || (State === 'dead' && !Failed)) return undefined;
  const at = Events.findLastIndex(({ Type }) => ENDS.includes(Type));
  if (at < 0) return undefined;
  const told = Events.slice(at).filter(({ Type }) => !NOISE.includes(Type));
  const restarts = Restarts > 1 ? ` (restarted ${Restarts} times)` : '';
  return `${told.map(wordsOfEvent).join('; ')}${restarts}`;
}

const wordsOfEvent = ({ DisplayMessage, Type }: TaskEvent): string => DisplayMessage || Type;

export function checkTrouble({ Services }: Pick<Allocation, 'Services'>): string | undefined {
  const checks = (Services ?? []).filter(({ Status }) => Status !== 'passing').flatMap((service) => service.Checks);
  const failing = BAD.map((bad) => checks.find(({ Status }) => Status === bad)).find((check) => check !== undefined);
  return failing && `check ${nameOf(failing.Check)} says: ${failing.Output}`;
}

/** What its node said when it judged the instance unhealthy. */
export function unhealthyWords({ TaskStates }: Pick<Allocation, 'TaskStates'>): string | undefined {
  const events = Object.values(TaskStates ?? {}).flatMap(({ Events }) => Events);
  return events.findLast(({ Type }) => NOISE.includes(Type))?.DisplayMessage;
}

/** A check without a name of its own is called `service: "web" check`; quotes around quotes help nobody. */
export const nameOf = (check: string): string => (check.includes('"') ? `(${check})` : `"${check}"`);
