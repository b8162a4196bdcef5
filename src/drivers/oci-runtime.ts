/** The OCI runtime of this machine: which one it is, and how it is called. Its state is in a folder that is ours alone. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, SerinError } from '../lib/errors.ts';
import { findProgram } from './shim-spawner.ts';

export interface OciRuntime {
  readonly program: string;
  /** "runc", "crun". */
  readonly name: string;
  /** Where it keeps its containers. */
  readonly root: string;
}

const KNOWN = ['runc', 'crun'];
const CALL_DEADLINE_MS = 30_000;

/** `wanted`: a name or a path; "" for the first that is found. */
export function findRuntime(wanted: string, path: string, root: string): OciRuntime | undefined {
  const candidates = wanted === '' ? KNOWN : [wanted];
  const program = candidates.map((name) => (isAbsolute(name) ? name : findProgram(name, path))).find(Boolean);
  return program === undefined ? undefined : { program, name: basename(program), root };
}

/** "1.1.5"; "" when the program does not answer like a runtime. */
export async function runtimeVersion(runtime: OciRuntime): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(runtime.program, ['--version'], { timeout: CALL_DEADLINE_MS });
    return /version:? (\S+)/.exec(stdout)?.[1] ?? '';
  } catch {
    return '';
  }
}

/** Runs a container's first process and comes back; descriptors 3 and 4 are handed to it. */
export const runArguments = (runtime: OciRuntime, id: string, bundle: string): string[] => [
  ...globalArguments(runtime),
  'run',
  '--detach',
  '--preserve-fds',
  '2',
  '--pid-file',
  `${bundle}/pid`,
  '--bundle',
  bundle,
  id,
];

export const execArguments = (runtime: OciRuntime, id: string, processFile: string, pidFile: string): string[] => [
  ...globalArguments(runtime),
  'exec',
  '--process',
  processFile,
  '--pid-file',
  pidFile,
  id,
];

const globalArguments = ({ root }: OciRuntime): string[] => ['--root', root];

/** Kills what runs of it, and removes its state and its cgroups. One that is not there is removed already. */
export async function deleteContainer(runtime: OciRuntime, id: string): Promise<void> {
  if (!containerIds(runtime).includes(id)) return;
  const args = [...globalArguments(runtime), 'delete', '--force', id];
  try {
    await promisify(execFile)(runtime.program, args, { timeout: CALL_DEADLINE_MS });
  } catch (error) {
    if (!containerIds(runtime).includes(id)) return;
    throw new SerinError('driver', `${runtime.name} cannot remove the container ${id}: ${messageOf(error)}`);
  }
}

/** Of all containers that the runtime keeps for us. */
export function containerIds({ root }: OciRuntime): string[] {
  try {
    return readdirSync(root);
  } catch {
    return [];
  }
}
