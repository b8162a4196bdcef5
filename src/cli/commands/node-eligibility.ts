/** `node eligibility`: whether new instances may come to a node. What runs there stays. */
import { type Command, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { namedNode } from '../own-node.ts';

export const command: Command = async (context, [prefix], flags) => {
  const enable = flags.is('enable');
  if (enable === flags.is('disable')) throw new UsageError('Give either -enable or -disable');
  const id = await namedNode(context, prefix, flags);
  const eligibility = enable ? 'eligible' : 'ineligible';
  await explaining('Error updating scheduling eligibility', context.client.nodes.setEligibility(id, eligibility));
  context.terminal.print(`Node "${id}" scheduling eligibility set: ${eligibility} for scheduling`);
  return 0;
};
