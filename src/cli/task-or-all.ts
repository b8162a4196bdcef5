/** The task that a command is for, as an argument or with -task; "": all of them. */
import { UsageError } from './command.ts';
import type { Flags } from './flags.ts';

export function taskOrAll(argument: string | undefined, flags: Flags): string {
  const named = flags.text('task');
  if (named !== undefined && argument !== undefined) {
    throw new UsageError('Name the task once: as an argument or with -task');
  }
  const task = named ?? argument ?? '';
  if (task !== '' && flags.is('all-tasks')) throw new UsageError(`Either -all-tasks or the task "${task}", not both`);
  return task;
}
