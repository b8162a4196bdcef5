/** `alloc signal`: sends a signal to the tasks of an allocation, or to one of them. */
import { chosenAllocation } from '../chosen-allocation.ts';
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { taskOrAll } from '../task-or-all.ts';

/** As the field has it; whoever wants less says so. */
const DEFAULT_SIGNAL = 'SIGKILL';

export const command: Command = async (context, [prefix, second], flags) => {
  const task = taskOrAll(second, flags);
  const id = await chosenAllocation(context, prefix!, flags);
  const signal = flags.text('s') ?? DEFAULT_SIGNAL;
  await explaining('Error signalling allocation', context.client.allocations.signal(id, signal, task));
  return 0;
};
