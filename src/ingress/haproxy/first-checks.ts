/**
 * Checks of our own for servers that HAProxy has yet to find healthy. Its own come on a schedule, up to a whole interval
 * after a server has come back from a rest; what waits for an instance shall not wait for that.
 */
import type { Clock, Timer } from '../../lib/clock.ts';
import type { BackendCheck } from '../../model/ingress.ts';
import { type Probe, type ProbeTarget, probe } from '../embedded/probe.ts';

export interface CheckedServer extends ProbeTarget {
  readonly key: string;
  readonly check: BackendCheck;
}

interface Trial {
  failures: number;
  cancelProbe: (() => void) | undefined;
  timer: Timer | undefined;
}

const FIRST_MS = 25;
const SLOWEST_MS = 1000;

export class FirstChecks {
  readonly #clock: Clock;
  readonly #onPass: () => void;
  readonly #probe: Probe;
  readonly #trials = new Map<string, Trial>();
  readonly #passed = new Set<string>();

  constructor(clock: Clock, onPass: () => void, probeWith: Probe = probe) {
    this.#clock = clock;
    this.#onPass = onPass;
    this.#probe = probeWith;
  }

  /** Keys of those that have passed since they were first awaited. */
  get passed(): ReadonlySet<string> {
    return this.#passed;
  }

  /** Those, and only those, are tried until they pass. */
  await(servers: readonly CheckedServer[]): void {
    const wanted = new Map(servers.map((server) => [server.key, server]));
    for (const [key, trial] of this.#trials) if (!wanted.has(key)) this.#end(key, trial);
    for (const key of this.#passed) if (!wanted.has(key)) this.#passed.delete(key);
    for (const server of wanted.values()) {
      if (!this.#trials.has(server.key) && !this.#passed.has(server.key)) this.#begin(server);
    }
  }

  #begin(server: CheckedServer): void {
    const trial: Trial = { failures: 0, cancelProbe: undefined, timer: undefined };
    this.#trials.set(server.key, trial);
    this.#try(server, trial);
  }

  #try(server: CheckedServer, trial: Trial): void {
    trial.timer = undefined;
    trial.cancelProbe = this.#probe(this.#clock, server, server.check, (isPassed) => {
      trial.cancelProbe = undefined;
      if (isPassed) this.#pass(server.key);
      else trial.timer = this.#clock.after(this.#delayMs(server, trial), () => this.#try(server, trial));
    });
  }

  #pass(key: string): void {
    this.#trials.delete(key);
    this.#passed.add(key);
    this.#onPass();
  }

  #delayMs({ check }: CheckedServer, trial: Trial): number {
    return Math.min(check.IntervalMs, SLOWEST_MS, FIRST_MS * 2 ** Math.min(trial.failures++, 10));
  }

  #end(key: string, { cancelProbe, timer }: Trial): void {
    timer?.cancel();
    cancelProbe?.();
    this.#trials.delete(key);
  }
}
