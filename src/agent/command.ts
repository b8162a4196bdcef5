/** `serin agent`: from its words to its exit status; everything that is wrong is said before anything starts. */
import type { Command as Commander } from 'commander';
import { checkArguments } from '../cli/arguments.ts';
import type { CommandSpec } from '../cli/command.ts';
import { type Flags, readFlags } from '../cli/flags.ts';
import { normalizeArguments } from '../cli/normalize-arguments.ts';
import { explainParseError } from '../cli/parse-errors.ts';
import { addCommand, createProgram, flagShapes } from '../cli/program.ts';
import { type Agent, startAgent, startFailure } from './agent.ts';
import { AGENT_FLAGS } from './agent-flags.ts';
import { banner, farewell } from './banner.ts';
import type { AgentConfig } from './config.ts';
import { agentHelp } from './help.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';
import { type AgentLog, createLog } from './log.ts';
import { onSignals } from './signals.ts';

const SPEC: CommandSpec = {
  words: 'agent',
  summary: 'Runs an agent: server, node and ingress, as its configuration says.',
  args: '',
  flags: AGENT_FLAGS,
  load: () => Promise.reject(new Error('the agent is run by the entry')),
};

/** Runs an agent until it is told to end; resolves with the exit status. */
export async function runAgentCommand(words: readonly string[], version: string): Promise<number> {
  if (words.some((word) => /^--?h(elp)?$/.test(word))) return print(agentHelp(AGENT_FLAGS));
  const flags = parseFlags(words);
  const loaded = await loadConfig(flags);
  if ('mistakes' in loaded) return complain(loaded.mistakes);
  const { config } = loaded;
  const log = createLog({ level: config.logLevel, json: config.logJson });
  let agent: Agent;
  try {
    agent = await startAgent(config, log, version);
  } catch (error) {
    return complain([startFailure(error)]);
  }
  print(`${banner(config, agent.address, version)}\n==> Serin agent started! Log data will stream in below:\n`);
  return untilTold(agent, config, log, () => loadConfig(flags));
}

/** Waits for a signal, or for the agent to fail; a second signal hurries. */
async function untilTold(
  agent: Agent,
  config: AgentConfig,
  log: AgentLog,
  reload: () => Promise<LoadedConfig>,
): Promise<number> {
  const hurry = new AbortController();
  let forget = (): void => {};
  const told = new Promise<string>((resolve) => {
    forget = onSignals({
      leave: (signal) => resolve(signal),
      hurry: () => {
        log.warn({}, 'hurrying: what still runs is cut off');
        hurry.abort();
      },
      reload: () => {
        applyReload(agent, log, reload).catch((error) =>
          log.error({ error }, 'the configuration could not be read again'),
        );
      },
    });
  });
  try {
    const signal = await Promise.race([told, agent.failed]);
    log.info({ signal }, 'leaving; once more to hurry');
    await agent.stop(hurry.signal);
    print(farewell(config));
    return 0;
  } catch (error) {
    log.error({ error }, 'the agent cannot go on');
    await agent.stop(AbortSignal.abort());
    return 1;
  } finally {
    forget();
  }
}

/** What can change while the agent runs does; the rest is said, and waits for a restart. */
async function applyReload(agent: Agent, log: AgentLog, reload: () => Promise<LoadedConfig>): Promise<void> {
  const loaded = await reload();
  if ('mistakes' in loaded) {
    for (const mistake of loaded.mistakes) log.error({}, mistake);
    log.warn({}, 'the configuration has mistakes: everything stays as it was');
    return;
  }
  log.setLevel(loaded.config.logLevel);
  agent.reload();
  log.info(
    { logLevel: loaded.config.logLevel },
    'read again: log level, tokens and the certificate of the API are in force, everything else at the next start',
  );
}

function parseFlags(words: readonly string[]): Flags {
  let parsed: { readonly args: string[]; readonly options: Record<string, unknown> } = { args: [], options: {} };
  const program = createProgram();
  const command: Commander = addCommand(program, SPEC, (_spec, args, options) => (parsed = { args, options }), []);
  const shapes = flagShapes(command);
  try {
    program.parse([command.name(), ...normalizeArguments(words, shapes)], { from: 'user' });
  } catch (error) {
    throw explainParseError(error, SPEC, shapes);
  }
  checkArguments(SPEC, parsed.args);
  return readFlags(parsed.options);
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function complain(mistakes: readonly string[]): number {
  for (const mistake of mistakes) process.stderr.write(`${mistake}\n`);
  return 1;
}
