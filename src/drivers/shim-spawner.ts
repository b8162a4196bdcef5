/**
 * Runs the spawner of `shim.ts`: one shell that lives as long as the agent and starts a shim for each id it is sent.
 * It ends by itself when the agent does, whichever way; the shims stay.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type ShimTools, spawnerScript } from './shim.ts';

export class ShimSpawner {
  readonly #stateDir: string;
  readonly #tools: ShimTools;
  readonly #script: string;
  #shell: ChildProcess | undefined;

  /** `script` runs for each id, which is its `$1`, in the state directory. */
  constructor(stateDir: string, tools: ShimTools, script: string) {
    this.#stateDir = stateDir;
    this.#tools = tools;
    this.#script = script;
  }

  /** Whether a shim came to be shows in the state directory only. */
  launch(id: string): void {
    this.#shell ??= this.#start();
    this.#shell.stdin?.write(`${id}\n`);
  }

  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #start(): ChildProcess {
    const shell = spawn(this.#tools.sh, ['-c', spawnerScript(this.#tools)], {
      cwd: this.#stateDir,
      env: { SERIN_SHIM: this.#script },
      stdio: ['pipe', 'ignore', 'ignore'],
      // A session of its own: what a terminal sends to the agent is not meant for it.
      detached: true,
    });
    const lost = () => {
      if (this.#shell === shell) this.#shell = undefined;
    };
    shell.on('error', lost);
    shell.on('exit', lost);
    shell.stdin?.on('error', lost);
    shell.unref();
    (shell.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    return shell;
  }
}

/** The first executable file of that name in a PATH. */
export function findProgram(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export type FoundTools = { readonly tools: ShimTools } | { readonly missing: readonly string[] };

export function findTools(path: string): FoundTools {
  const found = (name: string) => findProgram(name, path);
  const [sh, setsid, mv, env] = [found('sh'), found('setsid'), found('mv'), found('env')];
  if (sh && setsid && mv && env) return { tools: { sh, setsid, mv, env, setpriv: found('setpriv') } };
  const all = { sh, setsid, mv, env };
  return { missing: Object.entries(all).flatMap(([name, file]) => (file === undefined ? [name] : [])) };
}
