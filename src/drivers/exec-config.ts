/** The `config` block of exec, compiled once: what to run, and how far it may go. */
import { SerinError } from '../lib/errors.ts';
import type { TaskConfig } from './driver.ts';
import { type Capabilities, capabilitiesOf, checkCapabilities } from './oci-capabilities.ts';
import { checkNames, checkProgram, describe, programArgs } from './program-config.ts';

export const EXEC_CONFIG_KEYS = ['command', 'args', 'cap_add', 'cap_drop', 'pids_limit', 'work_dir'];

/** Threads count as well. */
const DEFAULT_PIDS_LIMIT = 8192;

type RawConfig = Readonly<Record<string, unknown>>;

export interface ExecConfig {
  readonly command: string;
  readonly args: readonly string[];
  readonly capabilities: Capabilities;
  readonly pidsLimit: number;
  readonly workDir: string;
}

/** `allowed`: capabilities that jobs may add beyond the usual ones. */
export function checkExecConfig(config: RawConfig, allowed: readonly string[]): string[] {
  const lists = [...checkTexts(config, 'cap_add'), ...checkTexts(config, 'cap_drop')];
  return [
    ...checkProgram(config),
    ...lists,
    ...(lists.length > 0 ? [] : checkCapabilities(texts(config.cap_add), texts(config.cap_drop), allowed)),
    ...checkPidsLimit(config.pids_limit),
    ...checkWorkDir(config.work_dir),
    ...checkNames(config, 'exec', EXEC_CONFIG_KEYS),
  ];
}

/** Throws with every problem at once. */
export function compileExecConfig(task: TaskConfig, allowed: readonly string[]): ExecConfig {
  const { config } = task;
  const problems = checkExecConfig(config, allowed);
  if (problems.length > 0) throw new SerinError('driver', problems.join('; '));
  return {
    command: String(config.command),
    args: programArgs(config),
    capabilities: capabilitiesOf(texts(config.cap_add), texts(config.cap_drop)),
    pidsLimit: Number(config.pids_limit ?? DEFAULT_PIDS_LIMIT),
    workDir: String(config.work_dir ?? '/'),
  };
}

const texts = (value: unknown): string[] => (value ?? []) as string[];

function checkTexts(config: RawConfig, field: string): string[] {
  const value = config[field];
  if (value === undefined || value === null) return [];
  const isTexts = Array.isArray(value) && value.every((each) => typeof each === 'string');
  return isTexts ? [] : [`config: "${field}" must be a list of strings, not ${describe(value)}`];
}

function checkPidsLimit(value: unknown): string[] {
  if (value === undefined || value === null || (Number.isInteger(value) && Number(value) > 0)) return [];
  return ['config: "pids_limit" must be a whole number of processes and threads, 1 at the least'];
}

function checkWorkDir(value: unknown): string[] {
  if (value === undefined || value === null || (typeof value === 'string' && value.startsWith('/'))) return [];
  return ['config: "work_dir" must be an absolute path as the task sees it, for example "/local"'];
}
