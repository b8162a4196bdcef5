/** `serin agent`: flags over files, one sentence for everything that is wrong, signals, and the exit status. */
import type { Command as Commander } from 'commander';
import type { CommandSpec } from '../cli/command.ts';
import { CONNECTION_FLAGS, type FlagSpec, type Flags, readFlags } from '../cli/flags.ts';
import { normalizeArguments } from '../cli/normalize-arguments.ts';
import { explainParseError } from '../cli/parse-errors.ts';
import { addCommand, createProgram, flagShapes } from '../cli/program.ts';
import { type Agent, startAgent, startFailure } from './agent.ts';
import { banner } from './banner.ts';
import { type AgentConfig, compileConfig, configMistakes } from './config.ts';
import { loadConfigFiles } from './config-files.ts';
import { mergeConfig, type RawConfig } from './config-merge.ts';
import { agentHelp } from './help.ts';
import { type AgentLog, createLog, LOG_LEVELS } from './log.ts';
import { onSignals } from './signals.ts';

export const AGENT_FLAGS: readonly FlagSpec[] = [
  {
    name: 'dev',
    about: 'Server, node and ingress in one go, for trying things out; the end stops every task and removes all data.',
  },
  {
    name: 'config',
    value: 'path',
    repeated: true,
    about: 'A file or folder of configuration, HCL or JSON; merged in order.',
  },
  { name: 'data-dir', value: 'path', about: 'Where the agent keeps its state.' },
  { name: 'bind', value: 'address', about: 'The address to listen on. Default 127.0.0.1.' },
  { name: 'http-port', value: 'port', about: 'The port of the API. Default 4646.' },
  { name: 'region', value: 'name', about: 'The region. Default global.' },
  { name: 'dc', value: 'name', about: 'The datacenter. Default dc1.' },
  { name: 'node', value: 'name', about: 'The name of this agent. Default: the host name.' },
  { name: 'log-level', value: 'level', about: `One of ${LOG_LEVELS.join(', ')}. Default info.` },
  { name: 'log-json', about: 'Log as JSON.' },
  { name: 'server', about: 'Enable the server role.' },
  { name: 'client', about: 'Enable the node role.' },
  { name: 'ingress', about: 'Enable the ingress role.' },
  { name: 'servers', value: 'addresses', about: 'Servers to join, separated by commas.' },
  { name: 'node-class', value: 'class', about: 'The class of this node.' },
  { name: 'meta', value: 'key=value', repeated: true, about: 'Metadata of this node.' },
];

const SPEC: CommandSpec = {
  words: 'agent',
  summary: 'Runs an agent: server, node and ingress, as its configuration says.',
  args: '',
  // Every command has the connection's flags; -region is one of them.
  flags: AGENT_FLAGS.filter((flag) => !CONNECTION_FLAGS.some((other) => other.name === flag.name)),
  load: () => Promise.reject(new Error('the agent is run by the entry')),
};

/** Runs an agent until it is told to end; resolves with the exit status. */
export async function runAgentCommand(words: readonly string[], version: string): Promise<number> {
  if (words.some((word) => /^--?h(elp)?$/.test(word))) return print(agentHelp(AGENT_FLAGS));
  const loaded = loadConfig(parseFlags(words));
  if ('problems' in loaded) return complain(loaded.problems);
  const { config, reload } = loaded;
  const log = createLog({ level: config.logLevel, json: config.logJson });
  let agent: Agent;
  try {
    agent = await startAgent(config, log, version);
  } catch (error) {
    return complain([startFailure(error)]);
  }
  print(`${banner(config, agent.address, version)}\n==> Serin agent started! Log data will stream in below:\n`);
  return untilTold(agent, log, reload);
}

interface LoadedAgentConfig {
  readonly config: AgentConfig;
  /** Reads the files again. */
  readonly reload: () => AgentConfig | undefined;
}

function loadConfig(flags: Flags): LoadedAgentConfig | { readonly problems: readonly string[] } {
  const isDev = flags.is('dev');
  const files = loadConfigFiles(flags.list('config'));
  const config = compileConfig(mergeConfig(files.raw, fromFlags(flags)), { isDev });
  const problems = [
    ...files.problems,
    ...flagProblems(flags),
    ...(files.problems.length > 0 ? [] : configMistakes(config)),
  ];
  if (!LOG_LEVELS.some((level) => level === config.logLevel))
    problems.push(`log_level must be one of ${LOG_LEVELS.join(', ')}, not "${config.logLevel}"`);
  if (problems.length > 0) return { problems };
  const reload = (): AgentConfig | undefined => {
    const again = loadConfigFiles(flags.list('config'));
    return again.problems.length > 0 ? undefined : compileConfig(mergeConfig(again.raw, fromFlags(flags)), { isDev });
  };
  return { config, reload };
}

/** What was given on the command line, in the shape of a file: flags win. */
function fromFlags(flags: Flags): RawConfig {
  const text = (flag: string, name: string): RawConfig => {
    const value = flags.text(flag);
    return value === undefined ? {} : { [name]: value };
  };
  const port = flags.text('http-port');
  const meta = Object.fromEntries(
    flags.list('meta').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  const servers = flags.text('servers')?.split(',').filter(Boolean);
  const client: RawConfig = {
    ...(flags.is('client') && { enabled: true }),
    ...text('node-class', 'node_class'),
    ...(servers && { servers }),
    ...(Object.keys(meta).length > 0 && { meta }),
  };
  return {
    ...text('data-dir', 'data_dir'),
    ...text('bind', 'bind_addr'),
    ...text('region', 'region'),
    ...text('dc', 'datacenter'),
    ...text('node', 'name'),
    ...text('log-level', 'log_level'),
    ...(flags.is('log-json') && { log_json: true }),
    ...(port !== undefined && { ports: { http: Number(port) } }),
    ...(flags.is('server') && { server: { enabled: true } }),
    ...(flags.is('ingress') && { ingress: { enabled: true } }),
    ...(Object.keys(client).length > 0 && { client }),
  };
}

function flagProblems(flags: Flags): string[] {
  const port = flags.text('http-port');
  const problems = flags
    .list('meta')
    .filter((pair) => !pair.includes('='))
    .map((pair) => `-meta needs key=value, not "${pair}"`);
  if (port !== undefined && !/^\d{1,5}$/.test(port)) problems.push(`-http-port must be a number, not "${port}"`);
  return problems;
}

/** Waits for a signal, or for the agent to fail; a second signal hurries. */
async function untilTold(agent: Agent, log: AgentLog, reload: () => AgentConfig | undefined): Promise<number> {
  const hurry = new AbortController();
  let forget = (): void => {};
  const told = new Promise<string>((resolve) => {
    forget = onSignals({
      leave: (signal) => resolve(signal),
      hurry: () => hurry.abort(),
      reload: () => applyReload(log, reload()),
    });
  });
  try {
    const signal = await Promise.race([told, agent.failed]);
    log.info({ signal }, 'leaving; once more to hurry');
    await agent.stop(hurry.signal);
    return 0;
  } catch (error) {
    log.error({ error }, 'the agent cannot go on');
    await agent.stop(AbortSignal.abort());
    return 1;
  } finally {
    forget();
  }
}

/** What can change while the agent runs: the log level. The rest is said, and waits for a restart. */
function applyReload(log: AgentLog, config: AgentConfig | undefined): void {
  if (!config) {
    log.warn({}, 'the configuration has problems and was not read again; `serin agent` with the same flags names them');
    return;
  }
  log.setLevel(config.logLevel);
  log.info(
    { level: config.logLevel },
    'configuration read again: the log level is in force, everything else at the next start',
  );
}

function parseFlags(words: readonly string[]): Flags {
  let options: Record<string, unknown> = {};
  const program = createProgram();
  const command: Commander = addCommand(program, SPEC, (_spec, _args, given) => {
    options = given;
  });
  const shapes = flagShapes(command);
  try {
    program.parse([command.name(), ...normalizeArguments(words, shapes)], { from: 'user' });
  } catch (error) {
    throw explainParseError(error, SPEC, shapes);
  }
  return readFlags(options);
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function complain(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return 1;
}
