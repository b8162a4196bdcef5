/**
 * Watches a node until its drain is over: a line for everything that happens to its instances, and when nothing has
 * happened for a while, what it waits for.
 */
import type { ReadOptions } from '../api/requester.ts';
import type { AllocView, NodeView } from '../api/views.ts';
import { isClientTerminal } from '../model/allocation.ts';
import type { CommandContext } from './command.ts';
import { explaining } from './explaining.ts';
import { formatTime } from './format/words.ts';
import { watch } from './watch.ts';

/** What it waits for changes without the instances: a check that fails now, a port that is taken. */
const REFRESH_MS = 1000;
/** A drain that goes on as it should is not commented. */
const PATIENCE_MS = 4000;

export function sayWithTime({ terminal, clock }: Pick<CommandContext, 'terminal' | 'clock'>, line: string): void {
  terminal.print(`${formatTime(clock.nowMs())}: ${line}`);
}

/** Resolves with the exit status: 0 the node is empty, 1 somebody ended the drain before. */
export async function monitorDrain(context: CommandContext, nodeId: string): Promise<number> {
  const seen: Seen = new Map();
  let quietSinceMs = context.clock.nowMs();
  let said = '';
  const read = (options: ReadOptions) =>
    explaining('Error querying allocations', context.client.nodes.allocations(nodeId, options));
  for await (const allocations of watch(context, read, { refreshMs: REFRESH_MS })) {
    const { data: node } = await explaining('Error querying node', context.client.nodes.read(nodeId));
    const news = newsOf(allocations ?? [], seen);
    for (const line of news) sayWithTime(context, line);
    if (!node.DrainStrategy) return sayEnd(context, node, seen);
    if (news.length > 0) quietSinceMs = context.clock.nowMs();
    if (context.clock.nowMs() - quietSinceMs < PATIENCE_MS) continue;
    const waits = waitsOf(node);
    const gist = waits.join('\n').replaceAll(/[\d.]+/g, '#');
    if (gist !== said) for (const line of waits) sayWithTime(context, line);
    said = gist;
  }
  throw new Error('unreachable: a watch ends only with its consumer');
}

type Watched = Pick<AllocView, 'ID' | 'ClientStatus' | 'DesiredStatus' | 'DesiredTransition'>;
type Seen = Map<string, Watched>;

/** What was not said before. Those that had ended when the watch began are history. */
export function newsOf(allocations: readonly Watched[], seen: Seen): string[] {
  const isFirst = seen.size === 0;
  const lines = allocations.flatMap((alloc) => {
    const before = seen.get(alloc.ID);
    return isFirst && isClientTerminal(alloc) ? [] : linesOf(alloc, before);
  });
  for (const alloc of allocations) seen.set(alloc.ID, alloc);
  return lines;
}

function linesOf(alloc: Watched, before: Watched | undefined): string[] {
  const name = `Alloc "${alloc.ID}"`;
  const isMarked = isMigrating(alloc) && !(before && isMigrating(before));
  const drains = alloc.DesiredStatus !== 'run' && (before?.DesiredStatus ?? 'run') === 'run';
  const changed = before !== undefined && before.ClientStatus !== alloc.ClientStatus;
  return [
    ...(isMarked ? [`${name} marked for migration`] : []),
    ...(drains ? [`${name} draining`] : []),
    ...(changed ? [`${name} status ${before.ClientStatus} -> ${alloc.ClientStatus}`] : []),
  ];
}

const isMigrating = ({ DesiredTransition }: Watched): boolean => DesiredTransition?.Migrate === true;

const waitsOf = ({ DrainWaits = [] }: NodeView): string[] =>
  DrainWaits.map(({ Message, UntilMs }) => {
    const end = UntilMs === undefined ? '' : ` (everything goes at ${formatTime(UntilMs)})`;
    return `Waiting: ${Message}${end}`;
  });

/** The node may have become empty since its instances were read: they are read again before anything is said of them. */
async function sayEnd(context: CommandContext, { ID, LastDrain }: NodeView, seen: Seen): Promise<number> {
  const { data } = await explaining('Error querying allocations', context.client.nodes.allocations(ID));
  const allocations = data ?? [];
  for (const line of newsOf(allocations, seen)) sayWithTime(context, line);
  if (LastDrain?.Status === 'canceled') {
    sayWithTime(context, `The drain of node "${ID}" was canceled`);
    return 1;
  }
  sayWithTime(context, `Drain complete for node ${ID}`);
  const left = allocations.filter((alloc) => !isClientTerminal(alloc)).length;
  const rest = left === 0 ? `All allocations on node "${ID}" have stopped` : `${left} allocations of system jobs stay`;
  sayWithTime(context, rest);
  return 0;
}
