/** `alloc status`: one instance, its tasks and what happened to them. */

import { ApiError } from '../../api/api-errors.ts';
import type { AllocStatsView, AllocView, CheckView } from '../../api/views.ts';
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import type { Flags } from '../flags.ts';
import { formatAllocation, formatAllocationShort } from '../format/alloc.ts';
import { sortedChecks } from '../format/checks.ts';
import { findAllocation } from '../lookup.ts';
import { presentData } from '../present.ts';

export const command: Command = async (context, [prefix], flags) => {
  const asData = flags.is('json') || flags.text('t') !== undefined;
  if (prefix === undefined) return printAll(context, flags, asData);
  const id = await findAllocation(context, prefix);
  if (asData) {
    const read = await explaining('Error querying allocation', context.client.allocations.read(id));
    await presentData(context, flags, read);
    return 0;
  }
  return printAllocation(context, id, {
    verbose: flags.is('verbose'),
    short: flags.is('short'),
    stats: flags.is('stats'),
  });
};

async function printAll(context: CommandContext, flags: Flags, asData: boolean): Promise<number> {
  if (!asData) throw new UsageError('Name an allocation; without one, -json or -t print all of them.');
  await presentData(context, flags, await explaining('Error querying allocations', context.client.allocations.list()));
  return 0;
}

interface StatusOptions {
  readonly verbose: boolean;
  /** One line per task. */
  readonly short?: boolean;
  /** Every figure that is measured. */
  readonly stats?: boolean;
}

export async function printAllocation(
  context: CommandContext,
  id: string,
  { verbose, short = false, stats = false }: StatusOptions,
): Promise<number> {
  const { client, terminal, clock } = context;
  const view = { nowMs: clock.nowMs(), verbose };
  const [{ data: alloc }, usage, checks] = await Promise.all([
    explaining('Error querying allocation', client.allocations.read(id)),
    short ? null : readStats(context, id),
    short ? null : readChecks(context, id),
  ]);
  const retryAtMs = short ? undefined : await readRetry(context, alloc);
  const measured = { usage, checks, wantsFigures: stats, retryAtMs };
  const text = short
    ? formatAllocationShort(alloc, view, terminal.style)
    : formatAllocation(alloc, measured, view, terminal.style);
  terminal.print(text);
  return 0;
}

/** When the evaluation waits until that replaces one that failed. */
async function readRetry(context: CommandContext, { FollowupEvalID, NextAllocation }: AllocView) {
  if (!FollowupEvalID || NextAllocation) return undefined;
  try {
    const { WaitUntil } = (await context.client.evaluations.read(FollowupEvalID)).data;
    return WaitUntil ? Date.parse(WaitUntil) : undefined;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** Measured by the node that runs it; what has ended or is not measured has none, and the status is whole without. */
async function readStats(context: CommandContext, id: string): Promise<AllocStatsView | null> {
  try {
    return (await context.client.allocations.stats(id)).data;
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** The server knows the last status of each check; how often and when is known to the node that makes them. */
async function readChecks(context: CommandContext, id: string): Promise<CheckView[] | null> {
  try {
    return sortedChecks((await context.client.allocations.checks(id)).data);
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}
