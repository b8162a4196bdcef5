/** Gives `agent`, which is declared elsewhere, the same flags with one dash or two and the same kind of errors. */
import { Command as Commander, CommanderError } from 'commander';
import { messageOf } from '../lib/errors.ts';
import { normalizeArguments } from './normalize-arguments.ts';
import { flagShapes } from './program.ts';
import { suggest } from './suggest.ts';

/** Resolves with the exit status once the agent has ended. */
export async function runAgentCommand(
  declare: (program: Commander) => unknown,
  words: readonly string[],
): Promise<number> {
  const program = new Commander('serin').exitOverride().configureOutput({ writeErr: () => undefined });
  declare(program);
  const agent = program.commands.find((command) => command.name() === 'agent')!;
  const shapes = flagShapes(agent);
  try {
    await program.parseAsync(['agent', ...normalizeArguments(words, shapes)], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return explain(
      error,
      shapes.map((shape) => shape.name),
    );
  }
}

function explain(error: unknown, known: readonly string[]): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  process.stderr.write(`${sentenceOf(error, known)}\n`);
  return 1;
}

function sentenceOf(error: unknown, known: readonly string[]): string {
  const name = /unknown option '--([^=']+)/.exec(messageOf(error))?.[1];
  if (!(error instanceof CommanderError)) return messageOf(error);
  const help = "For additional help try 'serin agent -help'";
  if (name === undefined) return `${error.message.replace(/^error: /, '')}\n${help}`;
  const nearest = suggest(name, known);
  return `There is no flag -${name}.${nearest === undefined ? '' : ` Did you mean -${nearest}?`}\n${help}`;
}
