/**
 * What every task driver must do, and which driver cannot do what, with the reason. `contract.ts` runs the tests of a
 * behaviour for each driver that has no reason here; docs/drivers.md is made from the same lists.
 */

import { reasonTable } from '../lib/reason-table.ts';

export const BEHAVIOURS = {
  start: 'starts a task, or says why it cannot',
  end: 'knows how a task ended: exit status or signal',
  stop: 'stops gently, then by force',
  signal: 'passes signals on to the task',
  tree: 'leaves nothing of a task behind, daemons included',
  recover: 'takes tasks up in a new agent, running or ended meanwhile',
  killed: 'finds tasks again after SIGKILL of the agent',
  order: 'survives agent, supervisor and task being killed in any order',
  adopt: 'never takes up the task of another agent',
  stats: 'measures memory and processor time',
  exec: 'runs a command beside the task',
  attach: 'exec without a terminal: stdin, both outputs, exit code',
  terminal: 'exec with a terminal: is a tty, resize is seen',
  leave: 'a client that leaves, or an agent that dies, ends the command',
  logs: 'loses no output across restarts of the agent',
  leaks: 'leaks no process, descriptor or file over many cycles',
} as const;

export type Behaviour = keyof typeof BEHAVIOURS;

type Reasons = Partial<Readonly<Record<Behaviour, string>>>;

const NO_PROCESSES = 'its tasks are entries of a table in the agent: there are no processes';
const NO_COMMANDS = 'it runs no commands: whatever it is asked for, it echoes';

/** A driver, and why it cannot do what it cannot do. */
export const DRIVERS = {
  docker: {
    order: 'its tasks have no supervisor of ours: the engine is it, and a test of its own kills that',
  },
  exec: {},
  raw_exec: {},
  mock: {
    tree: NO_PROCESSES,
    killed: 'its tasks end with the process of the agent',
    order: NO_PROCESSES,
    adopt: 'its tasks end with the process of the agent',
    stats: NO_PROCESSES,
    exec: 'it runs no commands: it answers what the job file says',
    attach: NO_COMMANDS,
    terminal: NO_COMMANDS,
    leave: NO_COMMANDS,
    logs: 'its tasks write nothing',
    leaks: NO_PROCESSES,
  },
} as const satisfies Readonly<Record<string, Reasons>>;

export type DriverName = keyof typeof DRIVERS;

/** `name` may say more behind the driver's own: "raw_exec with a cgroup". */
export function reasonsOf(name: string): Reasons {
  const driver = Object.keys(DRIVERS).find((each) => name === each || name.startsWith(`${each} `));
  if (driver === undefined) throw new Error(`driver "${name}" is not among DRIVERS of behaviours.ts`);
  return DRIVERS[driver as DriverName];
}

/** A table of drivers by behaviours, in Markdown, with the reasons below. */
export const behaviourTable = (): string => reasonTable(BEHAVIOURS, DRIVERS);
