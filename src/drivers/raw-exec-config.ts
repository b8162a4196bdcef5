/** The `config` block of raw_exec: `command` and `args`; and the program that `command` names. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { SerinError } from '../lib/errors.ts';
import type { TaskConfig } from './driver.ts';

const KNOWN = ['command', 'args'];

export function checkRawExecConfig(config: Readonly<Record<string, unknown>>): string[] {
  const { command, args } = config;
  const problems: string[] = [];
  if (command === undefined || command === null || command === '') {
    problems.push('config: "command" is missing; name the program to run, for example command = "/usr/bin/node"');
  } else if (typeof command !== 'string') {
    problems.push(`config: "command" must be a string, not ${describe(command)}`);
  }
  if (args !== undefined && args !== null && !isScalarList(args)) {
    problems.push(`config: "args" must be a list of strings, not ${describe(args)}`);
  }
  for (const name of Object.keys(config).filter((key) => !KNOWN.includes(key))) {
    problems.push(`config: raw_exec has no "${name}"; it knows ${KNOWN.map((known) => `"${known}"`).join(' and ')}`);
  }
  return problems;
}

/** Numbers and booleans are taken as their text, as in job files. */
const isScalarList = (value: unknown): value is (string | number | boolean)[] =>
  Array.isArray(value) && value.every((each) => ['string', 'number', 'boolean'].includes(typeof each));

function describe(value: unknown): string {
  if (Array.isArray(value)) return isScalarList(value) ? 'a list' : 'a list with something else in it';
  return value !== null && typeof value === 'object' ? 'a block' : `a ${typeof value}`;
}

/** What to execute, the program as an absolute path. */
export function rawExecCommand(task: TaskConfig): string[] {
  const problems = checkRawExecConfig(task.config);
  if (problems.length > 0) throw new SerinError('driver', problems.join('; '));
  const args = (task.config.args ?? []) as (string | number | boolean)[];
  return [findCommand(String(task.config.command), task), ...args.map(String)];
}

function findCommand(command: string, task: TaskConfig): string {
  const candidates = isAbsolute(command) ? [command] : relativeCandidates(command, task);
  const found = candidates.find((file) => isFile(file));
  if (found === undefined)
    throw new SerinError('driver', `failed to launch command: binary "${command}" could not be found`);
  if (!isExecutable(found)) throw new SerinError('driver', `failed to launch command: "${found}" is not executable`);
  return found;
}

function relativeCandidates(command: string, task: TaskConfig): string[] {
  const own = [join(task.taskDir, 'local', command), join(task.taskDir, command)];
  if (command.includes('/')) return own;
  const path = (task.env.PATH ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter).filter((folder) => folder !== '');
  return [...own, ...path.map((folder) => join(folder, command))];
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
