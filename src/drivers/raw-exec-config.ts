/** The `config` block of raw_exec: `command` and `args`; and the program that `command` names. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { SerinError } from '../lib/errors.ts';
import type { TaskConfig } from './driver.ts';
import { checkNames, checkProgram, programArgs } from './program-config.ts';

const KNOWN = ['command', 'args'];

export const checkRawExecConfig = (config: Readonly<Record<string, unknown>>): string[] => [
  ...checkProgram(config),
  ...checkNames(config, 'raw_exec', KNOWN),
];

/** What to execute, the program as an absolute path. */
export function rawExecCommand(task: TaskConfig): string[] {
  const problems = checkRawExecConfig(task.config);
  if (problems.length > 0) throw new SerinError('driver', problems.join('; '));
  return [findCommand(String(task.config.command), task), ...programArgs(task.config)];
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
