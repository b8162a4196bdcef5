/** `-json` and `-t`: the answer as data instead of as text. */
import type { Read } from '../api/requester.ts';
import { type CommandContext, UsageError } from './command.ts';
import type { Flags } from './flags.ts';
import { formatJsonText } from './format/json.ts';

/** True where the answer was printed as the flags ask; false where a text is wanted. */
export async function presentData(
  context: CommandContext,
  flags: Flags,
  read: Pick<Read<unknown>, 'data' | 'text'>,
): Promise<boolean> {
  const template = flags.text('t');
  if (flags.is('json') && template !== undefined) {
    throw new UsageError('Both -json and -t were given; each prints the whole answer, so choose one.');
  }
  if (flags.is('json')) context.terminal.print(formatJsonText(read.text));
  if (template === undefined) return flags.is('json');
  const { renderTemplate } = await import('./format/template.ts');
  context.terminal.print(renderTemplate(template, read.data));
  return true;
}
