/** `alloc stop`: ends one instance; the scheduler replaces it. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findAllocation } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';

export const command: Command = async (context, [prefix], flags) => {
  const id = await findAllocation(context, prefix!);
  const { EvalID } = await explaining(
    'Error stopping allocation',
    context.client.allocations.stop(id, { noShutdownDelay: flags.is('no-shutdown-delay') }),
  );
  if (!flags.is('detach')) return monitorEvaluation(context, EvalID, { verbose: flags.is('verbose') });
  context.terminal.print(EvalID);
  return 0;
};
