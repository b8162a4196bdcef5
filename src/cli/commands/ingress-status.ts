/** `ingress status`: the ways in, the pools behind them, and how each instance stands. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatIngressStatus } from '../format/ingress.ts';
import { presentData } from '../present.ts';

export const command: Command = async (context, _, flags) => {
  const read = await explaining('Error querying the ingress', context.client.ingress.status());
  if (await presentData(context, flags, read)) return 0;
  const view = { nowMs: context.clock.nowMs(), verbose: flags.is('verbose') };
  context.terminal.print(formatIngressStatus(read.data, view));
  return 0;
};
