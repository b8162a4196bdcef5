/** The table of commands as a commander program: it parses; what a word means is decided by the table. */
import { Command as Commander, Option } from 'commander';
import type { CommandSpec } from './command.ts';
import { CONNECTION_FLAGS, type FlagSpec } from './flags.ts';
import type { FlagShape } from './normalize-arguments.ts';

export type Call = (spec: CommandSpec, args: string[], options: Record<string, unknown>) => void;

/** An empty program that throws instead of leaving the process and prints nothing by itself. */
export function createProgram(): Commander {
  const program = quiet(new Commander('serin'));
  return program.helpOption(false).helpCommand(false);
}

/** A command of the table as one of commander's, found by its last word. */
export function addCommand(
  program: Commander,
  spec: CommandSpec,
  call: Call,
  shared: readonly FlagSpec[] = CONNECTION_FLAGS,
): Commander {
  const command = quiet(program.command(spec.words.replaceAll(' ', '-'))).helpOption(false);
  command.argument('[args...]').allowExcessArguments(true);
  for (const flag of [...spec.flags, ...shared]) addFlag(command, flag);
  return command.action((args: string[], options: Record<string, unknown>) => call(spec, args, options));
}

/** The flags of any command of commander's, also of one that was added by somebody else. */
export function flagShapes(command: Commander): FlagShape[] {
  return command.options
    .filter((option) => option.long !== undefined && !isOpposite(option))
    .map((option) => ({ name: option.long!.slice(2), takesValue: option.required || option.optional }));
}

/** `--no-diff`, made for `-diff=false`. `no-color` is a flag of its own name. */
const isOpposite = (option: Option): boolean => option.negate && option.hidden;

function addFlag(command: Commander, flag: FlagSpec): void {
  if (flag.value === undefined) {
    command.addOption(new Option(`--${flag.name}`, flag.about));
    if (!flag.name.startsWith('no-')) command.addOption(new Option(`--no-${flag.name}`).hideHelp());
    return;
  }
  const option = new Option(`--${flag.name} <${flag.value}>`, flag.about);
  if (flag.repeated) option.argParser((value: string, earlier: string[] = []) => [...earlier, value]);
  command.addOption(option);
}

function quiet(command: Commander): Commander {
  return command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
}
