/** `alloc checks`: what the checks of an allocation found last. */
import { ApiError } from '../../api/api-errors.ts';
import { type Command, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatChecks, sortedChecks } from '../format/checks.ts';
import { findAllocation } from '../lookup.ts';
import { presentData } from '../present.ts';

export const command: Command = async (context, [prefix], flags) => {
  const { client, terminal, clock } = context;
  const id = await findAllocation(context, prefix!);
  const read = await explaining('Error querying checks', client.allocations.checks(id).catch(inOurWords(id)));
  if (await presentData(context, flags, read)) return 0;
  const checks = sortedChecks(read.data);
  const view = { nowMs: clock.nowMs(), verbose: flags.is('verbose') };
  terminal.print(checks.length === 0 ? 'No checks found' : formatChecks(checks, view));
  return 0;
};

const inOurWords =
  (id: string) =>
  (error: unknown): never => {
    if (!(error instanceof ApiError) || error.httpStatus !== 501) throw error;
    throw new UsageError(`The node of allocation "${id.slice(0, 8)}" does not show the results of checks`);
  };
