/** The configuration of an agent from its files and flags, checked as a whole: every mistake at once. */
import type { Flags } from '../cli/flags.ts';
import { flagConfig, flagMistakes } from './agent-flags.ts';
import { type AgentConfig, compileConfig } from './config.ts';
import { loadConfigFiles } from './config-files.ts';
import { mergeConfig } from './config-merge.ts';
import { configMistakes } from './config-mistakes.ts';

export type LoadedConfig = { readonly config: AgentConfig } | { readonly mistakes: readonly string[] };

export async function loadConfig(flags: Flags): Promise<LoadedConfig> {
  const files = await loadConfigFiles(flags.list('config'));
  const mistakes = [...files.problems, ...flagMistakes(flags)];
  // Of values that are wrong by themselves nothing can be said together.
  if (mistakes.length > 0) return { mistakes };
  const config = compileConfig(mergeConfig(files.raw, flagConfig(flags)), { isDev: flags.is('dev') });
  const whole = configMistakes(config);
  return whole.length > 0 ? { mistakes: whole } : { config };
}
