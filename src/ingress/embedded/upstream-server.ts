/**
 * One server of a backend: an instance behind one port, its state, what is in flight to it, its idle connections and
 * its active check. Choosing it and counting the request happen in one turn, as does the flip to draining: no request
 * slips in between.
 */
import { invariant } from '../../lib/assert.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { BackendCheck } from '../../model/ingress.ts';
import type { FigureCounter } from './figures.ts';
import { H2cSessions } from './h2c-sessions.ts';
import type { Origin } from './origin.ts';
import { CONNECT_CHECK, type Probe } from './probe.ts';
import { renderProxyHeader } from './proxy-protocol.ts';
import { nextServerState, type ServerEvent, type ServerState } from './server-state.ts';
import type { RequestUser, Upstream, UpstreamUser } from './upstream.ts';
import { UpstreamConnection } from './upstream-connection.ts';

export interface ServerSpec {
  readonly key: string;
  readonly address: string;
  readonly port: number;
  readonly check: BackendCheck | null;
  readonly figures: FigureCounter;
  /** What the cookie of a client says that is bound to it. */
  readonly stickyValue: string;
  readonly isH2c: boolean;
  readonly sendProxy: 'v1' | 'v2' | undefined;
  /** A percentage of an ordinary server's part; 0: nothing new. */
  readonly weight: number;
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

const checkOf = ({ check }: ServerSpec): BackendCheck => check ?? CONNECT_CHECK;

const isReachedOtherwise = (a: ServerSpec, b: ServerSpec): boolean =>
  a.address !== b.address || a.port !== b.port || a.isH2c !== b.isH2c || a.sendProxy !== b.sendProxy;

/** What is in flight ends shortly before whoever waits for the instance loses patience and kills it. */
const politeMs = (deadlineMs: number): number => deadlineMs - Math.min(1000, deadlineMs / 5);

export class UpstreamServer {
  readonly key: string;
  #spec: ServerSpec;
  #state: ServerState = 'joining';
  #inFlight = 0;
  #requests = 0;
  #idle: UpstreamConnection[] = [];
  #failures = 0;
  #timer: Timer | undefined;
  #cancelProbe: (() => void) | undefined;
  readonly #clock: Clock;
  readonly #probe: Probe;
  readonly #onChange: () => void;
  #sessions: H2cSessions | undefined;
  /** When what is still in flight has to end; undefined while it may take requests. */
  #overdueFromMs: number | undefined;

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

  /** Since this process first knew it. */
  get requests(): number {
    return this.#requests;
  }

  get weight(): number {
    return this.#spec.weight;
  }

  /** In the table, and its first check is still under way. */
  get isUnjudged(): boolean {
    return this.#state === 'joining' && this.#failures === 0;
  }

  get stickyValue(): string {
    return this.#spec.stickyValue;
  }

  /** It has drained for so long that what is in flight to it is about to be cut: better by us, who can say so. */
  isOverdue(nowMs: number): boolean {
    return this.#overdueFromMs !== undefined && nowMs >= this.#overdueFromMs;
  }

  get figures(): FigureCounter {
    return this.#spec.figures;
  }

  get address(): string {
    return `${this.#spec.address}:${this.#spec.port}`;
  }

  /** In the table as ready: checked from now on; the first check is under way when this returns. */
  join(spec: ServerSpec): void {
    const isOther = isReachedOtherwise(spec, this.#spec);
    this.#spec = spec;
    this.#overdueFromMs = undefined;
    if (isOther) this.#closeIdle();
    this.#move('join');
    if (this.#timer === undefined && this.#cancelProbe === undefined) this.#check();
  }

  /** No new request from here on. Idle connections close at once, so that the instance may exit any time. */
  drain(deadlineMs: number): void {
    if (this.#overdueFromMs === undefined || this.#overdueFromMs === Number.POSITIVE_INFINITY) {
      this.#overdueFromMs = this.#clock.nowMs() + politeMs(deadlineMs);
    }
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
    this.#requests++;
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

  /** The way for one request. */
  upstream(user: RequestUser, maxIdleMs: number, origin: Origin): Upstream {
    return this.#spec.isH2c ? this.#h2c(user, origin) : this.connection(user, maxIdleMs, origin);
  }

  /** A connection that has not lain idle for `maxIdleMs`, or a new one. */
  connection(user: UpstreamUser, maxIdleMs: number, origin: Origin): UpstreamConnection {
    const nowMs = this.#clock.nowMs();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isUsable(nowMs, Math.min(maxIdleMs, MAX_IDLE_MS))) {
        idle.take(user);
        return idle;
      }
      idle.destroy();
    }
    return new UpstreamConnection(this.#clock, this.#spec, user, this.#preface(origin));
  }

  giveBack(connection: UpstreamConnection, keepAliveMs: number | undefined): void {
    connection.rest(this.#clock.nowMs(), keepAliveMs);
    const isFull = this.#idle.length >= MAX_IDLE_CONNECTIONS;
    // A connection that names its client is that client's alone.
    if (this.#state !== 'ready' || isFull || this.#spec.sendProxy !== undefined) connection.destroy();
    else this.#idle.push(connection);
  }

  /** Closes what has lain idle too long; called now and then. */
  sweep(nowMs: number): void {
    const kept = this.#idle.filter((connection) => connection.isUsable(nowMs, MAX_IDLE_MS));
    this.#sessions?.sweep(nowMs, MAX_IDLE_MS);
    if (kept.length === this.#idle.length) return;
    for (const connection of this.#idle) if (!kept.includes(connection)) connection.destroy();
    this.#idle = kept;
  }

  #check(): void {
    this.#timer = undefined;
    this.#cancelProbe = this.#probe(this.#clock, this.#spec, checkOf(this.#spec), (passed) => {
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
    const intervalMs = checkOf(this.#spec).IntervalMs;
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
    this.#sessions?.close();
    this.#sessions = undefined;
  }

  #h2c(user: RequestUser, origin: Origin): Upstream {
    const first = this.#preface(origin);
    if (first !== undefined) return H2cSessions.alone(this.#clock, this.#spec, user, first);
    this.#sessions ??= new H2cSessions(this.#clock, this.#spec);
    return this.#sessions.open(user);
  }

  #preface({ client, local }: Origin): Buffer | undefined {
    const { sendProxy } = this.#spec;
    return sendProxy === undefined ? undefined : renderProxyHeader(sendProxy, { client, local });
  }

  #move(event: ServerEvent): void {
    const before = this.#state;
    this.#state = nextServerState(before, event);
    if (this.#state !== before) this.#onChange();
  }
}
