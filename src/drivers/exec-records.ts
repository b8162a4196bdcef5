/**
 * The small files of exec, a few per task: what the launcher and the first process write (`exec-shim.ts`), and what
 * they are told. They outlive the agent.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecConfig } from './exec-config.ts';
import { type Life, parseLaunched, parseLife } from './exec-shim.ts';
import type { ProcessId } from './proc.ts';

/** What later calls need to know of a task's config. */
export interface Kept {
  readonly user: string;
  readonly config: {
    readonly bounding: readonly string[];
    readonly added: readonly string[];
    readonly workDir: string;
  };
}

export const keptOf = (user: string, { capabilities: { bounding, added }, workDir }: ExecConfig): Kept => ({
  user,
  config: { bounding, added, workDir },
});

export type RecordKind = 'bundle' | 'cancelled' | 'err' | 'json' | 'launch' | 'life' | 'started' | 'task';

/** Long after a launch that was cancelled has noticed it. */
const KEEP_CANCELLED_MS = 600_000;

export class ExecRecords {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    // The task files have environments in them.
    chmodSync(folder, 0o700);
  }

  /** "failed": no container came to be; undefined: nobody knows yet. */
  firstProcess(id: string): ProcessId | 'failed' | undefined {
    return parseLaunched(this.#read(id, 'started'));
  }

  /** From now on it is not started; unless it was just before. */
  cancel(id: string): ProcessId | 'failed' | undefined {
    this.write(id, 'cancelled', '');
    return this.firstProcess(id);
  }

  life(id: string): Life {
    const text = this.#read(id, 'life');
    // What the shell prints of a signal it prints before it writes the status.
    return parseLife(text, this.#read(id, 'err'));
  }

  /** What the runtime, or the shell, had to say. */
  complaint(id: string): string {
    const lines = this.#read(id, 'err').trim().split('\n');
    return lines.at(-1) || 'nothing says why';
  }

  kept(id: string): Kept {
    return JSON.parse(this.#read(id, 'json'));
  }

  /** Of all tasks that have files, some more than once. */
  ids(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name.includes('.'))
      .map((name) => name.slice(0, name.indexOf('.')));
  }

  write(id: string, kind: RecordKind, text: string): void {
    writeFileSync(this.file(id, kind), text, { mode: 0o600 });
  }

  /** Leaves the word for a launch that is still to come, until it has surely come. */
  forget(id: string, nowMs: number): void {
    for (const name of readdirSync(this.folder).filter((each) => each.startsWith(`${id}.`))) {
      const path = join(this.folder, name);
      if (name.endsWith('.cancelled') && !isOld(path, nowMs)) continue;
      rmSync(path, { force: true, recursive: true });
    }
  }

  file(id: string, kind: RecordKind): string {
    return join(this.folder, `${id}.${kind}`);
  }

  #read(id: string, kind: RecordKind): string {
    try {
      return readFileSync(this.file(id, kind), 'utf8');
    } catch {
      return '';
    }
  }
}

function isOld(path: string, nowMs: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && nowMs - found.mtimeMs > KEEP_CANCELLED_MS;
}
