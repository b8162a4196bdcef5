/** `node drain`: empties a node before its maintenance, or ends that; by default it watches until the node is empty. */
import { parseDuration } from '../../lib/duration.ts';
import { HOUR } from '../../model/nanos.ts';
import type { DrainSpec } from '../../model/node.ts';
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import type { Flags } from '../flags.ts';
import { monitorDrain, sayWithTime } from '../monitor-drain.ts';
import { namedNode } from '../own-node.ts';

export const command: Command = async (context, [prefix], flags) => {
  checkFlags(flags);
  const spec = flags.is('enable') ? specOf(flags) : null;
  const id = await namedNode(context, prefix, flags);
  if (flags.is('monitor')) return monitorRunning(context, id);
  if (spec && !(await isSure(context, { id, prefix, flags }))) return 0;
  const request = { DrainSpec: spec, MarkEligible: !spec && !flags.is('keep-ineligible'), Meta: metaOf(flags) };
  await explaining('Error updating drain specification', context.client.nodes.drain(id, request));
  if (!spec || flags.is('detach')) {
    context.terminal.print(`Node "${id}" ${spec ? 'drain strategy set' : 'no longer drains'}`);
    return 0;
  }
  sayWithTime(context, 'Ctrl-C to stop monitoring: will not cancel the node drain');
  sayWithTime(context, `Node "${id}" drain strategy set`);
  return monitorDrain(context, id);
};

/** Of a node that does not drain there is nothing to watch, however its last drain ended. */
async function monitorRunning(context: CommandContext, id: string): Promise<number> {
  const { data: node } = await explaining('Error querying node', context.client.nodes.read(id));
  if (node.DrainStrategy) return monitorDrain(context, id);
  context.terminal.print(`Node "${id}" does not drain`);
  return 0;
}

function checkFlags(flags: Flags): void {
  const asked = ['enable', 'disable', 'monitor'].filter((name) => flags.is(name));
  if (asked.length !== 1) throw new UsageError('Give one of -enable, -disable and -monitor');
  const limits = [flags.text('deadline') !== undefined, flags.is('force'), flags.is('no-deadline')];
  if (limits.filter(Boolean).length > 1) throw new UsageError('Give one of -deadline, -force and -no-deadline');
  if (!flags.is('enable') && (limits.some(Boolean) || flags.is('ignore-system'))) {
    throw new UsageError('-deadline, -force, -no-deadline and -ignore-system go with -enable');
  }
  if (!flags.is('disable') && flags.is('keep-ineligible')) throw new UsageError('-keep-ineligible goes with -disable');
}

function specOf(flags: Flags): DrainSpec {
  return { Deadline: deadlineOf(flags), IgnoreSystemJobs: flags.is('ignore-system') };
}

/** In nanoseconds, as the wire wants it: negative is at once, 0 is never. */
function deadlineOf(flags: Flags): number {
  if (flags.is('force')) return -1;
  if (flags.is('no-deadline')) return 0;
  const text = flags.text('deadline');
  const nanos = text === undefined ? HOUR : parseDuration(text);
  if (nanos !== undefined && nanos > 0) return nanos;
  throw new UsageError(
    `-deadline must be a positive duration such as "30m", not "${text}"; see -force and -no-deadline`,
  );
}

/** What is said of the drain: a message under the wire's keys, and pairs of one's own. */
function metaOf(flags: Flags): Record<string, string> | null {
  const message = flags.text('m');
  const pairs = flags.list('meta').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
  if (message !== undefined) pairs.unshift([flags.is('enable') ? 'message' : 'cancel_message', message]);
  return pairs.length > 0 ? Object.fromEntries(pairs) : null;
}

/** Asked on a terminal; where nobody can answer, the node must have been named beyond doubt. */
async function isSure(
  context: CommandContext,
  { id, prefix, flags }: { readonly id: string; readonly prefix: string | undefined; readonly flags: Flags },
): Promise<boolean> {
  if (flags.is('yes')) return true;
  const answer = await context.terminal.ask(`Are you sure you want to enable drain mode for node "${id}"? [y/N] `);
  if (answer === undefined) {
    if (prefix === undefined || prefix === id) return true;
    throw new UsageError(`"${id}" was not named in full; give its whole id or -yes to drain it`);
  }
  if (/^y(es)?$/i.test(answer.trim())) return true;
  context.terminal.print('Nothing was changed.');
  return false;
}
