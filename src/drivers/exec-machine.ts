/** What a machine has to have for exec, found once; and a sentence that names what it lacks. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupLimits, cannotMakeCgroups, findCgroupLimits } from './cgroup-limits.ts';
import { agentOpenFiles } from './exec-place.ts';
import { type Bind, isInSystem, makeExecRoot, SYSTEM_FOLDERS } from './exec-root.ts';
import type { ExecTools } from './exec-shim.ts';
import { findRuntime, type OciRuntime, runtimeVersion } from './oci-runtime.ts';
import type { OpenFiles } from './oci-spec.ts';
import { findProgram } from './shim-spawner.ts';

export interface ExecMachine {
  readonly tools: ExecTools;
  readonly runtime: OciRuntime;
  readonly limits: CgroupLimits;
  /** The skeleton of every task's root, and what of the node stands in it. */
  readonly root: string;
  readonly binds: readonly Bind[];
  readonly openFiles: OpenFiles;
  /** What only shows when it is tried. */
  problem(): Promise<string | undefined>;
  attributes(): Promise<Readonly<Record<string, string>>>;
}

export interface MachineOptions {
  readonly stateDir: string;
  readonly path: string;
  readonly runtime: string;
  readonly cgroupName: string;
}

/** A text says what is missing. */
export function findExecMachine(options: MachineOptions): ExecMachine | string {
  if (process.platform !== 'linux') return 'exec needs Linux';
  if (process.getuid?.() !== 0) return 'exec needs an agent that runs as root';
  const runtime = findRuntime(options.runtime, options.path, join(options.stateDir, 'containers'));
  if (runtime === undefined) return missingRuntime(options.runtime);
  const tools = findExecTools(options.path);
  if (typeof tools === 'string') return tools;
  const limits = findCgroupLimits();
  if (typeof limits === 'string') return `exec needs cgroups: ${limits}`;
  const problem = cannotMakeCgroups(limits, options.cgroupName);
  if (problem !== undefined) return `exec needs cgroups: ${problem}`;
  const root = join(options.stateDir, 'root');
  // Asked once: nodes look at their drivers again and again.
  let version: Promise<string> | undefined;
  const versionOf = () => {
    version ??= runtimeVersion(runtime);
    return version;
  };
  const machine = { tools, runtime, limits, root, binds: makeExecRoot(root), openFiles: agentOpenFiles() };
  return {
    ...machine,
    problem: async () => runtimeProblem(runtime, limits, await versionOf()),
    attributes: async () => ({
      'driver.exec': '1',
      'driver.exec.runtime': runtime.name,
      'driver.exec.version': await versionOf(),
      'driver.exec.cgroups': `v${limits.version}`,
    }),
  };
}

const missingRuntime = (wanted: string): string =>
  wanted === ''
    ? 'exec needs an OCI runtime: install runc or crun'
    : `exec needs an OCI runtime: "${wanted}", which plugin "exec" names, is not there`;

function runtimeProblem(runtime: OciRuntime, limits: CgroupLimits, version: string): string | undefined {
  if (runtime.name === 'crun' && limits.isHybrid) {
    return 'exec cannot use crun here: it refuses cgroups v1 beside a v2 hierarchy ("hybrid"); install runc';
  }
  if (!existsSync(runtime.program)) return `exec needs an OCI runtime: ${runtime.program} is gone`;
  if (version === '') return `exec needs an OCI runtime: ${runtime.program} does not answer`;
  return undefined;
}

function findExecTools(path: string): ExecTools | string {
  const names = ['sh', 'setsid', 'mv', 'env', 'setpriv', 'mkfifo', 'rm', 'cat', 'chown'] as const;
  const found = names.map((name) => [name, findProgram(name, path)] as const);
  const missing = found.filter(([, file]) => file === undefined).map(([name]) => name);
  if (missing.length > 0) return `exec needs ${missing.join(', ')} in the agent's PATH`;
  const tools = Object.fromEntries(found) as Record<(typeof names)[number], string>;
  // These run inside, where only the system's folders are.
  const outside = [tools.sh, tools.setsid, tools.env, tools.setpriv].filter((file) => !isInSystem(file));
  return outside.length === 0 ? tools : `exec needs ${outside.join(', ')} below ${SYSTEM_FOLDERS.join(', ')}`;
}
