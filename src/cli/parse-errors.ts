/** What the parser of flags objects to, as one sentence in the words of this command line (one dash). */
import { CommanderError } from 'commander';
import { type CommandSpec, UsageError } from './command.ts';
import type { FlagShape } from './normalize-arguments.ts';
import { suggest } from './suggest.ts';

export function explainParseError(error: unknown, spec: CommandSpec, flags: readonly FlagShape[]): unknown {
  if (!(error instanceof CommanderError)) return error;
  const help = `For additional help try 'serin ${spec.words} -help'`;
  return new UsageError(`${reason(error, flags)}\n${help}`, spec.usageStatus);
}

function reason(error: CommanderError, flags: readonly FlagShape[]): string {
  const name = /'--([^=' ]+)/.exec(error.message)?.[1] ?? '';
  if (error.code === 'commander.optionMissingArgument') return `The flag -${name} needs a value.`;
  if (error.code !== 'commander.unknownOption') return error.message.replace(/^error: /, '');
  const nearest = suggest(
    name,
    flags.map((flag) => flag.name),
  );
  return `There is no flag -${name}.${nearest === undefined ? '' : ` Did you mean -${nearest}?`}`;
}
