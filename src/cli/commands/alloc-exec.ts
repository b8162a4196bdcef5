/** `alloc exec`: a command beside a task, with this terminal, or these pipes, at its other end. */
import { chosenAllocation, onlyTask } from '../chosen-allocation.ts';
import { type Command, UsageError } from '../command.ts';
import { talkThrough } from '../exec-terminal.ts';
import { explaining } from '../explaining.ts';
import type { Flags } from '../flags.ts';

const DEFAULT_ESCAPE = '~';

export const command: Command = async (context, [word, ...rest], flags) => {
  const words = rest[0] === '--' ? rest.slice(1) : rest;
  const { stdin, stdout } = context.streams;
  if (words.length === 0) throw new UsageError('Name a command: serin alloc exec <allocation> <command>');
  const escapeKey = escapeOf(flags);
  const interactive = flags.is('i', true);
  const tty = flags.is('t', interactive && stdin.isTTY === true && stdout.isTTY === true);
  if (tty && !interactive) throw new UsageError('-i must be enabled if running with tty');
  const id = await chosenAllocation(context, word!, flags);
  const task = flags.text('task') ?? (await onlyTask(context, id));
  const asked = context.client.allocations.exec(id, { task, command: words, tty }, context.signal);
  const conversation = await explaining('failed to exec into task', asked);
  return talkThrough(conversation, context.streams, { tty, interactive, escapeKey });
};

function escapeOf(flags: Flags): number | undefined {
  const text = flags.text('e') ?? DEFAULT_ESCAPE;
  if (text === 'none') return undefined;
  if (/^[\x21-\x7e]$/.test(text)) return text.charCodeAt(0);
  throw new UsageError(`-e requires 'none' or a single character, not "${text}"`);
}
