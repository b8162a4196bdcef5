/**
 * Keeps the ingress process of this agent alive. The ingress is a process of its own in a session of its own: an agent
 * that ends, by whatever signal, leaves it serving, and the next agent adopts it by pid and start time.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type ProcessId, readStat } from '../drivers/proc.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Service } from '../lib/service.ts';

export interface IngressSupervisorOptions {
  readonly dataDir: string;
  /** The program and its arguments up to where the ingress's own begin. */
  readonly program: readonly string[];
  readonly serverUrl: string;
  readonly bindAddress: string;
  readonly name: string;
  /** A file with the token of nodes and ingresses; undefined where none is asked for. */
  readonly tokenFile: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_EVERY_MS = 500;
const STOP_WITHIN_MS = 30_000;

export class IngressSupervisor implements Service {
  readonly id = 'ingress-supervisor';
  readonly #options: IngressSupervisorOptions;
  readonly #identityFile: string;

  constructor(options: IngressSupervisorOptions) {
    this.#options = options;
    this.#identityFile = join(options.dataDir, 'process.json');
    mkdirSync(options.dataDir, { recursive: true });
  }

  /** Adopts the running ingress or starts one, and starts it again when it dies. Ends without ending the ingress. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const adopted = this.#running();
    if (adopted) log.info({ pid: adopted.pid }, 'ingress adopted');
    while (!signal.aborted) {
      if (!this.#running()) this.#start();
      await sleep(clock, LOOK_EVERY_MS, signal);
    }
  }

  /** Asks the ingress to finish what is in flight and to end; waits for it. */
  async stop(): Promise<void> {
    const { clock, log } = this.#options;
    const identity = this.#running();
    if (!identity) return;
    process.kill(identity.pid, 'SIGTERM');
    const until = clock.nowMs() + STOP_WITHIN_MS;
    while (this.#running() && clock.nowMs() < until) await sleep(clock, 20);
    if (!this.#running()) return;
    log.warn({ pid: identity.pid }, 'ingress did not end in time and is killed');
    process.kill(identity.pid, 'SIGKILL');
  }

  #start(): void {
    const { dataDir, program, serverUrl, bindAddress, name, tokenFile, log } = this.#options;
    const [command, ...first] = program;
    const output = openSync(join(dataDir, 'ingress.log'), 'a');
    const args = [...first, '--data-dir', dataDir, '--bind', bindAddress, '--name', name, '--server', serverUrl];
    if (tokenFile !== undefined) args.push('--token-file', tokenFile);
    const child = spawn(command!, args, { detached: true, stdio: ['ignore', output, output] });
    child.once('error', (error) => log.error({ error }, 'ingress cannot be started'));
    closeSync(output);
    child.unref();
    if (child.pid === undefined) return;
    this.#remember({ pid: child.pid, start: readStat(child.pid)?.start ?? '' });
    log.info({ pid: child.pid }, 'ingress started');
  }

  #remember(identity: ProcessId): void {
    writeFileSync(`${this.#identityFile}.new`, JSON.stringify(identity));
    renameSync(`${this.#identityFile}.new`, this.#identityFile);
  }

  #running(): ProcessId | undefined {
    let identity: ProcessId;
    try {
      identity = JSON.parse(readFileSync(this.#identityFile, 'utf8')) as ProcessId;
    } catch {
      return undefined;
    }
    return isAlive(identity) ? identity : undefined;
  }
}
