/** The scripts that users can read (`examples/marathon`), run in a copy of their own that finds "serin" among the programs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ended } from '../../src/agent/roles-rig.ts';
import { CHECKOUT, type Program } from '../../src/agent/testing/program.ts';

/** What they need beside serin. Where everything could be installed (npm test says so) a missing one fails, it is not skipped. */
export const hasWalkTools = (): boolean =>
  process.env.SERIN_LIVE === 'required' || ['/usr/bin/jq', '/usr/bin/curl'].every((file) => existsSync(file));

export interface Addresses {
  readonly agent: string;
  readonly marathon: string;
}

export class Examples {
  readonly #folder = mkdtempSync(join(tmpdir(), 'serin-walk-'));
  readonly #env: Readonly<Record<string, string>>;

  constructor({ entry }: Program, { agent, marathon }: Addresses) {
    cpSync(join(CHECKOUT, 'examples/marathon'), this.#folder, { recursive: true });
    const programs = join(this.#folder, 'bin');
    mkdirSync(programs);
    writeFileSync(join(programs, 'serin'), `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
    chmodSync(join(programs, 'serin'), 0o755);
    const PATH = `${programs}:${process.env.PATH}`;
    this.#env = { PATH, NOMAD_ADDR: agent, MARATHON_URL: marathon, NO_COLOR: '1' };
  }

  /** Changes a definition. */
  edit(name: string, change: (app: Record<string, unknown>) => object): void {
    const file = join(this.#folder, name);
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
  }

  run(name: string): Promise<Ended> {
    return ended(spawn('/bin/sh', [join(this.#folder, name)], { env: this.#env }));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** With everything that it said. */
export function ended(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.on('data', (chunk: Buffer) => {
      texts[name] += chunk.toString();
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, ...texts }));
  });
}
