/** `eval status`: why an evaluation was made, and what it could not place. */
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import type { Flags } from '../flags.ts';
import { formatEvaluation } from '../format/evaluation.ts';
import { findEvaluation } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';
import { presentData } from '../present.ts';

export const command: Command = async (context, [prefix], flags) => {
  const verbose = flags.is('verbose');
  if (prefix === undefined) return printAll(context, flags);
  const id = await findEvaluation(context, prefix);
  if (flags.is('monitor')) return monitorEvaluation(context, id, { verbose });
  const read = await explaining('Error querying evaluation', context.client.evaluations.read(id));
  if (await presentData(context, flags, read)) return 0;
  return printEvaluation(context, id, { verbose });
};

async function printAll(context: CommandContext, flags: Flags): Promise<number> {
  const list = await explaining('Error querying evaluations', context.client.evaluations.list());
  if (await presentData(context, flags, list)) return 0;
  throw new UsageError(
    'Name an evaluation; without one, -json or -t print all of them (`serin eval list` as a table).',
  );
}

export async function printEvaluation(
  context: CommandContext,
  id: string,
  { verbose }: { readonly verbose: boolean },
): Promise<number> {
  const { client, terminal, clock } = context;
  const { data } = await explaining('Error querying evaluation', client.evaluations.read(id));
  terminal.print(formatEvaluation(data, { nowMs: clock.nowMs(), verbose }, terminal.style));
  return 0;
}
