/**
 * The command line from its words to its exit status: find the command, make its flags uniform, load it, run it.
 * Whatever goes wrong ends in one sentence on standard error; never in a stack trace.
 */
import type { Command as Commander } from 'commander';
import { createApiClient } from '../api/client.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { checkArguments } from './arguments.ts';
import { tlsOf } from './client-tls.ts';
import type { CommandContext, CommandSpec, Terminal } from './command.ts';
import { UsageError } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { findCommand } from './find-command.ts';
import { readFlags } from './flags.ts';
import { formatCommandHelp, formatGroupHelp, formatProgramHelp } from './help.ts';
import { sealed } from './leading-flags.ts';
import { normalizeArguments } from './normalize-arguments.ts';
import { explainParseError } from './parse-errors.ts';
import { addCommand, createProgram, flagShapes } from './program.ts';
import type { Streams } from './streams.ts';
import { allowsColor, createTerminal } from './terminal.ts';

export interface CliWorld extends Streams {
  /** What stands behind the program's name. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly version: string;
  /** Runs `agent`; its code is loaded by nothing else. */
  readonly runAgent: (words: readonly string[]) => Promise<number>;
}

const DEFAULT_ADDRESS = 'http://127.0.0.1:4646';

/** Resolves with the exit status. */
export async function runCli(world: CliWorld): Promise<number> {
  const found = findCommand(world.words, COMMANDS);
  try {
    switch (found.kind) {
      case 'program-help':
        return say(world, formatProgramHelp(COMMANDS), found.status);
      case 'group-help':
        return say(world, formatGroupHelp(found.group, COMMANDS), found.status);
      case 'command-help':
        return say(world, formatCommandHelp(found.spec), 0);
      case 'unknown':
        throw new UsageError(found.sentence, 127);
      case 'agent':
        return await world.runAgent(found.rest);
      case 'command':
        return await runCommand(world, found.spec, found.rest);
    }
  } catch (error) {
    world.stderr.write(`${messageOf(error)}\n`);
    if (error instanceof UsageError && error.status !== 1) return error.status;
    return found.kind === 'command' ? (found.spec.usageStatus ?? 1) : 1;
  }
}

function say(world: CliWorld, text: string, status: number): number {
  (status === 0 ? world.stdout : world.stderr).write(`${text}\n`);
  return status;
}

async function runCommand(world: CliWorld, spec: CommandSpec, rest: readonly string[]): Promise<number> {
  const { args, options } = parseWords(spec, rest);
  checkArguments(spec, args);
  const color = options['color'] !== false && allowsColor(world.environment);
  const terminal = await createTerminal(world, { color });
  const context = createContext(world, options, terminal);
  try {
    const { command } = await spec.load();
    return await command(context, args, readFlags(options));
  } finally {
    context.client.close();
  }
}

function parseWords(spec: CommandSpec, rest: readonly string[]) {
  let parsed: { args: string[]; options: Record<string, unknown> } = { args: [], options: {} };
  const program = createProgram();
  const command: Commander = addCommand(program, spec, (_, args, options) => {
    parsed = { args, options };
  });
  const shapes = flagShapes(command);
  try {
    const own = spec.isSealed ? sealed(rest, shapes) : rest;
    program.parse([command.name(), ...normalizeArguments(own, shapes)], { from: 'user' });
  } catch (error) {
    throw explainParseError(error, spec, shapes);
  }
  return parsed;
}

function createContext(world: CliWorld, options: Record<string, unknown>, terminal: Terminal): CommandContext {
  const { environment } = world;
  const flags = readFlags(options);
  const namespace = flags.text('namespace') ?? environment['NOMAD_NAMESPACE'] ?? environment['SERIN_NAMESPACE'];
  const client = createApiClient({
    address: addressOf(flags.text('address') ?? environment['NOMAD_ADDR'] ?? environment['SERIN_ADDR']),
    token: flags.text('token') ?? environment['NOMAD_TOKEN'] ?? environment['SERIN_TOKEN'],
    namespace,
    region: flags.text('region') ?? environment['NOMAD_REGION'],
    tls: tlsOf(flags, environment),
  });
  const { clock, signal, version } = world;
  return { client, terminal, streams: world, clock, environment, signal, version, namespace };
}

/** "127.0.0.1:4646" is an address as well. */
function addressOf(given: string | undefined): string {
  if (given === undefined || given === '') return DEFAULT_ADDRESS;
  const address = /^https?:\/\//.test(given) ? given : `http://${given}`;
  if (URL.canParse(address)) return address;
  throw new UsageError(`-address "${given}" is no address of an agent; write it as ${DEFAULT_ADDRESS}`);
}
