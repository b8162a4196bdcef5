/** `node status`: the nodes, or one of them with what is placed on it. */
import { ApiError } from '../../api/api-errors.ts';
import type { AllocStatsView, AllocView, HostStatsView, NodeView } from '../../api/views.ts';
import type { Command, CommandContext } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatNode, formatNodeList } from '../format/node.ts';
import type { NodeUsage } from '../format/node-usage.ts';
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
  return printNode(context, id, { verbose, short: flags.is('short'), stats: flags.is('stats') });
};

export async function printNode(
  context: CommandContext,
  id: string,
  {
    verbose,
    short = false,
    stats = false,
  }: { readonly verbose: boolean; readonly short?: boolean; readonly stats?: boolean },
): Promise<number> {
  const { client, terminal, clock } = context;
  const work = Promise.all([client.nodes.read(id), client.nodes.allocations(id)]);
  const [node, allocations] = await explaining('Error querying node info', work);
  const usage = await usageOf(context, node.data, allocations.data ?? []);
  const view = { nowMs: clock.nowMs(), verbose };
  terminal.print(formatNode(node.data, allocations.data ?? [], view, terminal.style, { short, stats, usage }));
  return 0;
}

/** Its agent measures; where that one does not answer, the rest is still worth reading. */
async function usageOf(context: CommandContext, node: NodeView, allocations: readonly AllocView[]): Promise<NodeUsage> {
  const host = await hostStats(context, node);
  if (typeof host === 'string') return { host, allocs: [] };
  const running = allocations.filter(({ ClientStatus }) => ClientStatus === 'running').map(({ ID }) => ID);
  const allocs = await inTurns(running, TURN, (id) => allocStats(context, id));
  return { host, allocs: allocs.filter((stats) => stats !== null) };
}

async function hostStats({ client }: CommandContext, { ID, Status }: NodeView): Promise<HostStatsView | string> {
  if (Status === 'down') return 'not known while the node is down';
  try {
    return (await client.nodes.stats(ID)).data;
  } catch (error) {
    if (error instanceof ApiError) return `not known: ${error.text.trim()}`;
    throw error;
  }
}

async function allocStats({ client }: CommandContext, id: string): Promise<AllocStatsView | null> {
  try {
    return (await client.allocations.stats(id)).data;
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** A node may run hundreds, and each is asked for by itself. */
const TURN = 16;

async function inTurns<T, R>(items: readonly T[], size: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += size) {
    results.push(...(await Promise.all(items.slice(at, at + size).map(work))));
  }
  return results;
}

async function runningByNode({ client }: CommandContext): Promise<ReadonlyMap<string, number>> {
  const { data } = await explaining('Error querying allocations', client.allocations.list());
  const counts = new Map<string, number>();
  for (const { NodeID, ClientStatus } of data) {
    if (ClientStatus === 'running') counts.set(NodeID, (counts.get(NodeID) ?? 0) + 1);
  }
  return counts;
}
