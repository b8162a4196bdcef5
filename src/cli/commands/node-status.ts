/** `node status`: the nodes, or one of them with what is placed on it. */
import type { Command, CommandContext } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatNode, formatNodeList } from '../format/node.ts';
import { findNode } from '../lookup.ts';
import { ownNode } from '../own-node.ts';
import { presentData } from '../present.ts';

export const command: Command = async (context, [prefix], flags) => {
  const { client, terminal, clock } = context;
  const verbose = flags.is('verbose');
  if (prefix === undefined && !flags.is('self')) {
    const list = await explaining('Error querying node status', client.nodes.list());
    if (await presentData(context, flags, list)) return 0;
    const running = flags.is('allocs') ? await runningByNode(context) : undefined;
    terminal.print(formatNodeList(list.data, { nowMs: clock.nowMs(), verbose }, running));
    return 0;
  }
  const id = prefix === undefined ? await ownNode(context) : await findNode(context, prefix);
  if (flags.is('json') || flags.text('t') !== undefined) {
    await presentData(context, flags, await explaining('Error querying node info', client.nodes.read(id)));
    return 0;
  }
  return printNode(context, id, { verbose, short: flags.is('short') });
};

export async function printNode(
  context: CommandContext,
  id: string,
  { verbose, short = false }: { readonly verbose: boolean; readonly short?: boolean },
): Promise<number> {
  const { client, terminal, clock } = context;
  const work = Promise.all([client.nodes.read(id), client.nodes.allocations(id)]);
  const [node, allocations] = await explaining('Error querying node info', work);
  const view = { nowMs: clock.nowMs(), verbose };
  terminal.print(formatNode(node.data, allocations.data ?? [], view, terminal.style, { short }));
  return 0;
}

async function runningByNode({ client }: CommandContext): Promise<ReadonlyMap<string, number>> {
  const { data } = await explaining('Error querying allocations', client.allocations.list());
  const counts = new Map<string, number>();
  for (const { NodeID, ClientStatus } of data) {
    if (ClientStatus === 'running') counts.set(NodeID, (counts.get(NodeID) ?? 0) + 1);
  }
  return counts;
}
