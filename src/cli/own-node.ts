/** The node that a command is about: named by its id's beginning, or with -self that of the agent which is asked. */
import { type CommandContext, UsageError } from './command.ts';
import { explaining } from './explaining.ts';
import type { Flags } from './flags.ts';
import { findNode } from './lookup.ts';

export async function namedNode(context: CommandContext, prefix: string | undefined, flags: Flags): Promise<string> {
  if (prefix !== undefined && flags.is('self')) throw new UsageError('Name a node or give -self, not both');
  if (prefix !== undefined) return findNode(context, prefix);
  if (flags.is('self')) return ownNode(context);
  throw new UsageError('Name a node, or give -self for the node of the agent that is asked');
}

/** The node that the agent says it is; an agent that does not say is known by its name. */
export async function ownNode(context: CommandContext): Promise<string> {
  const { client } = context;
  const { data } = await explaining('Error querying agent info', client.agent.self());
  const said = data.stats?.['client']?.['node_id'];
  if (said) return said;
  const { data: nodes } = await explaining('Error querying node status', client.nodes.list());
  const named = nodes.find(({ Name }) => Name === data.member?.Name || data.member?.Name?.startsWith(`${Name}.`));
  if (named) return named.ID;
  throw new UsageError(`The agent at ${client.address} is no node (its client role is off)`);
}
