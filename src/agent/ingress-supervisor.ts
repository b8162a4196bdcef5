/**
 * Keeps the ingress process of this agent alive. The ingress is a process of its own in a session of its own: an agent
 * that ends, by whatever signal, leaves it serving, and the next agent adopts it by pid and start time. Beside it another
 * one may stand by, its program loaded: it takes over when it is called, and ends with the agent when it is not.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { isAlive, type ProcessId, readStat } from '../drivers/proc.ts';
import type { IngressSettings } from '../ingress/settings.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Service } from '../lib/service.ts';
import { Wakeup } from '../lib/wakeup.ts';
import type { TlsConfig } from './config.ts';

export interface IngressSupervisorOptions {
  readonly dataDir: string;
  /** The program and its arguments up to where the ingress's own begin. */
  readonly program: readonly string[];
  readonly serverUrl: string;
  readonly bindAddress: string;
  readonly name: string;
  /** A file with the token of nodes and ingresses; undefined where none is asked for. */
  readonly tokenFile: string | undefined;
  readonly tls: TlsConfig | undefined;
  readonly settings: IngressSettings;
  /** Another process waits for this one's death: nobody listens for as long as a program takes to load otherwise. */
  readonly hasStandby: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

interface Remembered extends ProcessId {
  /** What it was started with. */
  readonly settings: string;
  readonly dataPlane?: IngressSettings['dataPlane'];
}

/** While it is gone nobody listens, so a death is to be seen at once; a look is one read below /proc. */
const LOOK_EVERY_MS = 20;
/** One that ends as soon as it starts is not started more often than that. */
const START_EVERY_MS = 500;
/** An ingress has started and serves before another one takes time and memory from it. */
const STANDBY_AFTER_MS = 1000;
/** What a process that stands by is told. */
const STANDBY_CALL = 'serve\n';
const LOOK_WHILE_STOPPING_MS = 20;
/** It cuts by itself what is in flight for longer than 30 s. */
const STOP_WITHIN_MS = 35_000;

export class IngressSupervisor implements Service {
  readonly id = 'ingress-supervisor';
  readonly #options: IngressSupervisorOptions;
  readonly #identityFile: string;
  readonly #look = new Wakeup();
  #identity: Remembered | undefined;
  #startedMs = -Infinity;
  #standby: ChildProcess | undefined;

  constructor(options: IngressSupervisorOptions) {
    this.#options = options;
    this.#identityFile = join(options.dataDir, 'process.json');
    mkdirSync(options.dataDir, { recursive: true });
  }

  /** Adopts the running ingress or starts one, and starts it again when it dies. Ends without ending the ingress. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await this.#adopt();
    while (!signal.aborted) {
      const sinceMs = clock.nowMs() - this.#startedMs;
      const isRunning = this.#running() !== undefined;
      if (!isRunning && sinceMs >= START_EVERY_MS) this.#start();
      else if (isRunning && sinceMs >= STANDBY_AFTER_MS) this.#standBy();
      await this.#deathOrNextLook(signal);
    }
    this.#standby?.kill('SIGKILL');
  }

  /** Asks the ingress to finish what is in flight and to end; waits for it, and kills it when `hurry` aborts. */
  async stop(hurry: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const identity = this.#running();
    if (!identity) return;
    if (!hurry.aborted) process.kill(identity.pid, 'SIGTERM');
    const until = clock.nowMs() + STOP_WITHIN_MS;
    while (this.#running() && clock.nowMs() < until && !hurry.aborted) await sleep(clock, LOOK_WHILE_STOPPING_MS);
    if (!this.#running()) return;
    if (!hurry.aborted) log.warn({ pid: identity.pid }, 'ingress did not end in time and is killed');
    process.kill(identity.pid, 'SIGKILL');
  }

  /** The token file has another token now. */
  reload(): void {
    const identity = this.#running();
    if (identity) process.kill(identity.pid, 'SIGHUP');
  }

  /** An ingress that runs with other settings than ours would ask the wrong server for ever. */
  async #adopt(): Promise<void> {
    const { log } = this.#options;
    const running = this.#running();
    if (!running) return;
    if (running.settings === this.#settings()) return log.info({ pid: running.pid }, 'ingress adopted');
    if (running.dataPlane === 'haproxy' && this.#options.settings.dataPlane === 'haproxy')
      return this.#replace(running);
    log.warn(
      { pid: running.pid },
      'the configuration of the ingress has changed: it ends what it serves and starts anew',
    );
    await this.stop(new AbortController().signal);
  }

  /** HAProxy carries the requests: whoever steers it next adopts it, and reloads it if its configuration is another one. */
  async #replace({ pid }: Remembered): Promise<void> {
    const { clock, log } = this.#options;
    log.info({ pid }, 'the configuration of the ingress has changed: another process steers its haproxy from now on');
    process.kill(pid, 'SIGKILL');
    while (this.#running()) await sleep(clock, LOOK_WHILE_STOPPING_MS);
  }

  #start(): void {
    const { clock, log } = this.#options;
    this.#startedMs = clock.nowMs();
    const child = this.#called() ?? this.#spawn([], 'ignore');
    if (child.pid === undefined) return;
    const { dataPlane } = this.#options.settings;
    const start = readStat(child.pid)?.start ?? '';
    this.#remember({ pid: child.pid, start, settings: this.#settings(), dataPlane });
    log.info({ pid: child.pid }, 'ingress started');
  }

  /** The one that stood by, told to begin. */
  #called(): ChildProcess | undefined {
    const child = this.#standby;
    this.#standby = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return undefined;
    child.stdin?.end(STANDBY_CALL);
    return child;
  }

  #standBy(): void {
    if (this.#standby !== undefined || !this.#options.hasStandby) return;
    const child = this.#spawn(['--standby'], 'pipe');
    (child.stdin as Socket | null)?.unref();
    // It has ended before it was called: another one is started, or not needed.
    child.stdin?.on('error', () => {});
    child.once('exit', () => {
      if (this.#standby === child) this.#standby = undefined;
    });
    this.#standby = child;
  }

  #spawn(more: readonly string[], input: 'ignore' | 'pipe'): ChildProcess {
    const { dataDir, program, log } = this.#options;
    const [command, ...first] = program;
    const output = openSync(join(dataDir, 'ingress.log'), 'a');
    const args = [...first, ...this.#arguments(), ...more];
    const child = spawn(command!, args, { detached: true, stdio: [input, output, output] });
    child.once('error', (error) => log.error({ error }, 'ingress cannot be started'));
    child.once('exit', () => this.#look.ring());
    closeSync(output);
    child.unref();
    return child;
  }

  /** One that an earlier agent started is no child of this one: its death shows only to who looks. */
  async #deathOrNextLook(signal: AbortSignal): Promise<void> {
    const timer = this.#options.clock.after(LOOK_EVERY_MS, () => this.#look.ring());
    await this.#look.wait(signal);
    timer.cancel();
  }

  #arguments(): string[] {
    const { dataDir, serverUrl, bindAddress, name, tokenFile, tls, settings } = this.#options;
    const given: readonly (readonly [flag: string, value: string | undefined])[] = [
      ['--data-dir', dataDir],
      ['--bind', bindAddress],
      ['--name', name],
      ['--server', serverUrl],
      ['--token-file', tokenFile],
      ['--ca-file', tls?.caFile],
      ['--cert-file', tls?.certFile],
      ['--key-file', tls?.keyFile],
      ['--settings', JSON.stringify(settings)],
    ];
    return given.flatMap(([flag, value]) => (value === undefined || value === '' ? [] : [flag, value]));
  }

  #settings(): string {
    return this.#arguments().join(' ');
  }

  #remember(identity: Remembered): void {
    this.#identity = identity;
    writeFileSync(`${this.#identityFile}.new`, JSON.stringify(identity));
    renameSync(`${this.#identityFile}.new`, this.#identityFile);
  }

  #running(): Remembered | undefined {
    this.#identity ??= this.#recall();
    return this.#identity && isAlive(this.#identity) ? this.#identity : undefined;
  }

  #recall(): Remembered | undefined {
    try {
      return JSON.parse(readFileSync(this.#identityFile, 'utf8')) as Remembered;
    } catch {
      return undefined;
    }
  }
}
