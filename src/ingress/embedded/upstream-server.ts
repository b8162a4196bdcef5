/**
 * One server of a backend: an instance behind one port, its state, what is in flight to it, its idle connections and
 * its active check. Choosing it and counting the request happen in one turn, as does the flip to draining: no request
 * slips in between.
 */
import { invariant } from '../../lib/assert.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { BackendCheck } from '../../model/ingress.ts';
import type { FigureCounter } from './figures.ts';
import { CONNECT_CHECK, type Probe } from './probe.ts';
import { nextServerState, type ServerEvent, type ServerState } from './server-state.ts';
import { UpstreamConnection, type UpstreamUser } from './upstream-connection.ts';

export interface ServerSpec {
  readonly key: string;
  readonly address: string;
  readonly port: number;
  readonly check: BackendCheck | null;
  readonly figures: FigureCounter;
}

export interface ServerDeps {
  readonly clock: Clock;
  readonly probe: Probe;
}

/** Checks in a row that must fail before a server loses its traffic; a refused connection is enough alone. */
const FAILURES_BEFORE_UNHEALTHY = 3;
const FIRST_RECHECK_MS = 25;
const SLOWEST_RECHECK_MS = 1000;
/** Many servers close after 5 s; what lies longer than this is not used again. */
const MAX_IDLE_MS = 4000;
const MAX_IDLE_CONNECTIONS = 1024;

export class UpstreamServer {
  readonly key: string;
  #spec: ServerSpec;
  #state: ServerState = 'joining';
  #inFlight = 0;
  #idle: UpstreamConnection[] = [];
  #failures = 0;
  #timer: Timer | undefined;
  #cancelProbe: (() => void) | undefined;
  readonly #clock: Clock;
  readonly #probe: Probe;
  readonly #onChange: () => void;

  constructor({ clock, probe }: ServerDeps, spec: ServerSpec, onChange: () => void) {
    this.#clock = clock;
    this.#probe = probe;
    this.#spec = spec;
    this.key = spec.key;
    this.#onChange = onChange;
  }

  get state(): ServerState {
    return this.#state;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** In the table, and its first check is still under way. */
  get isUnjudged(): boolean {
    return this.#state === 'joining' && this.#failures === 0;
  }

  get figures(): FigureCounter {
    return this.#spec.figures;
  }

  get address(): string {
    return `${this.#spec.address}:${this.#spec.port}`;
  }

  /** In the table as ready: checked from now on; the first check is under way when this returns. */
  join(spec: ServerSpec): void {
    const isMoved = spec.address !== this.#spec.address || spec.port !== this.#spec.port;
    this.#spec = spec;
    if (isMoved) this.#closeIdle();
    this.#move('join');
    if (this.#timer === undefined && this.#cancelProbe === undefined) this.#check();
  }

  /** No new request from here on. Idle connections close at once, so that the instance may exit any time. */
  drain(): void {
    this.#stopChecks();
    this.#closeIdle();
    // Whoever takes it back begins anew: old failures must not slow its first checks down.
    this.#failures = 0;
    if (this.#state !== 'drained') this.#move('drain');
    if (this.#inFlight === 0) this.#move('emptied');
  }

  /** One more request is on its way there. */
  begin(): void {
    invariant(this.#state === 'ready', `a ${this.#state} server was given a request`);
    this.#inFlight++;
    this.#spec.figures.requests++;
  }

  end(): void {
    this.#inFlight--;
    invariant(this.#inFlight >= 0, 'a server has fewer than no requests in flight');
    if (this.#inFlight === 0 && this.#state === 'draining') this.#move('emptied');
  }

  /** A connection was refused: no more traffic until a check has passed. */
  refused(): void {
    if (this.#state !== 'ready') return;
    this.#closeIdle();
    this.#failures = 0;
    this.#move('refused');
    this.#checkLater();
  }

  /** A connection that has not lain idle for `maxIdleMs`, or a new one. */
  connection(user: UpstreamUser, maxIdleMs: number): UpstreamConnection {
    const nowMs = this.#clock.nowMs();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isUsable(nowMs, Math.min(maxIdleMs, MAX_IDLE_MS))) {
        idle.take(user);
        return idle;
      }
      idle.destroy();
    }
    return new UpstreamConnection(this.#clock, this.#spec, user);
  }

  giveBack(connection: UpstreamConnection, keepAliveMs: number | undefined): void {
    connection.rest(this.#clock.nowMs(), keepAliveMs);
    if (this.#state !== 'ready' || this.#idle.length >= MAX_IDLE_CONNECTIONS) connection.destroy();
    else this.#idle.push(connection);
  }

  /** Closes what has lain idle too long; called now and then. */
  sweep(nowMs: number): void {
    const kept = this.#idle.filter((connection) => connection.isUsable(nowMs, MAX_IDLE_MS));
    if (kept.length === this.#idle.length) return;
    for (const connection of this.#idle) if (!kept.includes(connection)) connection.destroy();
    this.#idle = kept;
  }

  #check(): void {
    this.#timer = undefined;
    this.#cancelProbe = this.#probe(this.#clock, this.#spec, this.#spec.check ?? CONNECT_CHECK, (passed) => {
      this.#cancelProbe = undefined;
      this.#judge(passed);
      this.#checkLater();
    });
  }

  #judge(passed: boolean): void {
    this.#failures = passed ? 0 : this.#failures + 1;
    if (passed) this.#move('check-passed');
    else if (this.#state !== 'ready' || this.#failures >= FAILURES_BEFORE_UNHEALTHY) this.#move('check-failed');
  }

  #checkLater(): void {
    this.#stopChecks();
    this.#timer = this.#clock.after(this.#checkDelayMs(), () => this.#check());
  }

  /** Soon after a failure, so that an instance that has just come up is not kept waiting; then ever more rarely. */
  #checkDelayMs(): number {
    const intervalMs = (this.#spec.check ?? CONNECT_CHECK).IntervalMs;
    if (this.#state === 'ready' && this.#failures === 0) return intervalMs;
    return Math.min(intervalMs, SLOWEST_RECHECK_MS, FIRST_RECHECK_MS * 2 ** Math.min(this.#failures, 10));
  }

  #stopChecks(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#cancelProbe?.();
    this.#cancelProbe = undefined;
  }

  #closeIdle(): void {
    for (const connection of this.#idle) connection.destroy();
    this.#idle = [];
  }

  #move(event: ServerEvent): void {
    const before = this.#state;
    this.#state = nextServerState(before, event);
    if (this.#state !== before) this.#onChange();
  }
}
