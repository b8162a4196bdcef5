/** `alloc restart`: restarts tasks where they are. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findAllocation } from '../lookup.ts';
import { taskOrAll } from '../task-or-all.ts';

export const command: Command = async (context, [prefix, second], flags) => {
  const task = taskOrAll(second, flags);
  const id = await findAllocation(context, prefix!);
  const { allocations } = context.client;
  const restarted = flags.is('all-tasks') ? allocations.restartAll(id) : allocations.restart(id, task);
  await explaining('Error restarting allocation', restarted);
  return 0;
};
