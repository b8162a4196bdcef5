/**
 * A backend at run time: its servers, its pools, and the requests that wait while none is ready.
 * `apply` takes a new description of it in one step; requests in flight are not touched by it.
 */
import type { Clock, Timer } from '../../lib/clock.ts';
import type { BackendServer, IngressFigure, Pool as PoolSpec, Backend as Spec } from '../../model/ingress.ts';
import { IDLE_TIMEOUT_MS, REQUEST_TIMEOUT_MS, serverKey } from '../../model/ingress.ts';
import { stickyValue } from '../sticky.ts';
import { canaryMark, LINE_LENGTH, placeOfMark, poolAt, stableMark, trialOf } from '../trial.ts';
import { admission } from './admission.ts';
import { LeastInFlight, WeightedTurns } from './balancer.ts';
import { pickBySource } from './by-source.ts';
import { BackendFigures, type FigureCounter } from './figures.ts';
import type { HeaderField } from './header-fields.ts';
import type { Probe } from './probe.ts';
import { type ServerSpec, UpstreamServer } from './upstream-server.ts';
import { hearsWishes, type Wish, wishOf } from './wish.ts';

/** A request that waits for a server. */
export interface Waiter {
  readonly wish?: Wish | undefined;
  /** The address of its client. */
  readonly source?: string | undefined;
  /** `server` has been chosen for it and counts it. */
  admitted(server: UpstreamServer): void;
  expired(): void;
}

/** How many requests may wait, over all backends. */
export interface HoldLimit {
  readonly max: number;
  held: number;
}

export interface BackendDeps {
  readonly clock: Clock;
  readonly probe: Probe;
  readonly holdLimit: HoldLimit;
  /** A server's state has changed. */
  readonly onChange: () => void;
  /** The table may be of another time: nobody is led anywhere, requests wait. */
  readonly isUnsure?: () => boolean;
}

/** However short a service wants requests held: a check under way is waited for, as when traffic moves back to a set. */
const CHECK_HOLD_MS = 1000;

const ORDINARY_WEIGHT = 100;
/** Steps of it spread over a line without a gap, however many there are: each new user stands elsewhere. */
const GOLDEN_STEP = 0.618_033_988_749_895;

interface Pool {
  readonly name: string;
  /** Whose canaries they are. */
  readonly group: string | undefined;
  /** Of canaries that have a share, while users stay with what they saw. */
  mark: string | undefined;
  weight: number;
  servers: UpstreamServer[];
  ready: UpstreamServer[];
  readonly turns: LeastInFlight<UpstreamServer>;
  /** Where somebody gave its servers weights of their own. */
  readonly weighted: WeightedTurns<UpstreamServer>;
  isEven: boolean;
}

/** Whom a request may not go to. */
type Excluded = ReadonlySet<UpstreamServer> | undefined;

export class Backend {
  #spec: Spec;
  #admits: (address: string) => boolean;
  readonly #deps: BackendDeps;
  readonly #servers = new Map<string, UpstreamServer>();
  /** Those of `#servers` that the table names; the others only finish what is in flight. */
  #listed: ReadonlySet<string> = new Set();
  #pools: Pool[] = [];
  /** The pools that a request can go to now. */
  #open: Pool[] = [];
  readonly #weights = new WeightedTurns<Pool>();
  readonly #waiting = new Map<Waiter, Timer>();
  readonly #figures: BackendFigures;
  /** While canaries are tried and users stay with what they saw. */
  #trial: string | undefined;
  #line = 0;
  #alwaysTurn = 0;

  constructor(spec: Spec, deps: BackendDeps) {
    this.#spec = spec;
    this.#admits = admission(spec.AllowFrom);
    this.#deps = deps;
    this.#figures = new BackendFigures(spec.ID);
  }

  get id(): string {
    return this.#spec.ID;
  }

  /** Whether who comes from there may come in. */
  admits(address: string): boolean {
    return this.#admits(address);
  }

  /** A preview has no say in whether an instance is ready. */
  get isPreview(): boolean {
    return this.#spec.IsPreview === true;
  }

  get holdMs(): number {
    const { HoldMs } = this.#spec;
    const isSoonOver = HoldMs < CHECK_HOLD_MS && (this.#isChecking() || this.#deps.isUnsure?.() === true);
    return isSoonOver ? CHECK_HOLD_MS : HoldMs;
  }

  /** The name of the cookie that binds a client to an instance; undefined: nothing does. */
  get stickyCookie(): string | undefined {
    return this.#spec.StickyCookie;
  }

  /** What clients that came by TLS are told of it, in a header; undefined: nothing. */
  get hstsSeconds(): number | undefined {
    return this.#spec.HstsSeconds;
  }

  /** The name of the cookie that binds a client to a version. */
  get trialCookie(): string | undefined {
    return this.#spec.TrialCookie;
  }

  /** Where a request would like to go; undefined: wherever. */
  wishOf(fields: readonly HeaderField[]): Wish | undefined {
    return hearsWishes(this.#spec) ? wishOf(this.#spec, fields) : undefined;
  }

  get requestTimeoutMs(): number {
    return this.#spec.RequestTimeoutMs === 0
      ? Number.POSITIVE_INFINITY
      : (this.#spec.RequestTimeoutMs ?? REQUEST_TIMEOUT_MS);
  }

  get idleTimeoutMs(): number {
    return this.#spec.IdleTimeoutMs === 0 ? Number.POSITIVE_INFINITY : (this.#spec.IdleTimeoutMs ?? IDLE_TIMEOUT_MS);
  }

  /** Why a request reached no instance, in one line. */
  get refusal(): string {
    if (!this.isPreview) return `no instance of ${this.id} is ready`;
    return `no canary of service ${this.#spec.Service} is ${this.#listed.size === 0 ? 'running' : 'ready'}`;
  }

  apply(spec: Spec): void {
    this.#spec = spec;
    this.#admits = admission(spec.AllowFrom);
    this.#trial = trialOf(spec);
    this.#pools = spec.Pools.map((pool) => this.#poolOf(pool));
    const listed = new Map<string, () => void>();
    spec.Pools.forEach((pool, at) => {
      for (const server of pool.Servers) {
        const entry = this.#entry(server, pool.Name);
        if (server.State === 'ready') this.#pools[at]!.servers.push(entry.server);
        listed.set(entry.server.key, entry.settle);
      }
    });
    this.#listed = new Set(listed.keys());
    for (const settle of listed.values()) settle();
    for (const server of this.#servers.values()) if (!listed.has(server.key)) server.drain(spec.DrainDeadlineMs);
    this.#refresh();
  }

  /** It left the table: what is in flight ends, what waits is answered. */
  retire(): void {
    this.apply({ ...this.#spec, Pools: [] });
    for (const [waiter] of [...this.#waiting]) this.#expire(waiter);
  }

  get isEmpty(): boolean {
    return this.#servers.size === 0;
  }

  /** Whether a request would find a server now. */
  get admitsNow(): boolean {
    return this.#open.length > 0;
  }

  /** Chooses a server and counts the request, in one turn. `source`: its client's address. */
  admit(excluded?: Excluded, wish?: Wish, source = ''): UpstreamServer | undefined {
    if (this.#deps.isUnsure?.() === true) return undefined;
    const server = wish === undefined ? this.#next(this.#open, excluded, source) : this.#wished(wish, excluded, source);
    server?.begin();
    return server;
  }

  /** What binds a client from now on to the version of the server that it was given; undefined: as before. */
  markFor(server: UpstreamServer, { canary, mark }: Wish): string | undefined {
    if (this.#trial === undefined || canary !== undefined) return undefined;
    const bound = mark === undefined ? undefined : this.#poolOfMark(mark);
    const pool = this.#pools.find(({ servers }) => servers.includes(server));
    if (pool?.mark !== undefined) return pool.mark === mark ? undefined : pool.mark;
    // One whose canaries are not there for a moment is theirs all the same.
    return bound === undefined ? stableMark(this.#trial, this.#newPlace()) : undefined;
  }

  /** The table is known to be fresh: whoever waits may go. */
  lookAgain(): void {
    this.#refresh();
  }

  /** Lets a request wait for a server, at most until `untilMs`. "late": that has passed; "full": too many wait already. */
  hold(waiter: Waiter, untilMs: number): 'held' | 'late' | 'full' {
    const { clock, holdLimit } = this.#deps;
    const leftMs = untilMs - clock.nowMs();
    if (leftMs <= 0) return 'late';
    const { HoldLimit = Number.POSITIVE_INFINITY } = this.#spec;
    if (holdLimit.held >= holdLimit.max || this.#waiting.size >= HoldLimit) return 'full';
    holdLimit.held++;
    this.#waiting.set(
      waiter,
      clock.after(leftMs, () => this.#expire(waiter)),
    );
    return 'held';
  }

  /** The request is not waiting any more (its client has gone). */
  release(waiter: Waiter): void {
    const timer = this.#waiting.get(waiter);
    if (timer === undefined) return;
    timer.cancel();
    this.#waiting.delete(waiter);
    this.#deps.holdLimit.held--;
  }

  countUnserved(): void {
    this.#figures.unserved++;
  }

  /** Every server that the table names. */
  servers(): UpstreamServer[] {
    return [...this.#servers.values()].filter((server) => this.#listed.has(server.key));
  }

  /** Those that the table names no more, while something is in flight to them. */
  leaving(): UpstreamServer[] {
    return [...this.#servers.values()].filter((server) => !this.#listed.has(server.key));
  }

  figures(): IngressFigure[] {
    const inFlight = new Map<FigureCounter, number>();
    for (const { figures, inFlight: count } of this.#servers.values()) {
      inFlight.set(figures, (inFlight.get(figures) ?? 0) + count);
    }
    return this.#figures.snapshot(inFlight);
  }

  sweep(nowMs: number): void {
    for (const server of this.#servers.values()) server.sweep(nowMs);
  }

  #next(open: readonly Pool[], excluded: Excluded, source: string): UpstreamServer | undefined {
    const pool = open.length === 0 ? undefined : this.#weights.pick(open);
    return pool === undefined ? undefined : this.#from(pool, excluded, source);
  }

  #wished(wish: Wish, excluded: Excluded, source: string): UpstreamServer | undefined {
    const known = wish.instance === undefined ? undefined : this.#known(wish.instance, wish, excluded);
    if (known !== undefined) return known;
    const pool = this.#wishedPool(wish);
    if (pool !== undefined) return this.#from(pool, excluded, source);
    return wish.canary === 'never' ? undefined : this.#next(this.#open, excluded, source);
  }

  /** The one pool that it wants, if that has an instance ready. */
  #wishedPool({ canary, mark }: Wish): Pool | undefined {
    if (canary === 'never') return this.#pools.find(({ name, ready }) => name === 'stable' && ready.length > 0);
    if (canary === 'always') return this.#nextCanaries();
    const bound = mark === undefined ? undefined : this.#poolOfMark(mark);
    return bound !== undefined && this.#open.includes(bound) ? bound : undefined;
  }

  /** Those of each group in turn, whatever their weight. */
  #nextCanaries(): Pool | undefined {
    const pools = this.#pools.filter(({ name, ready }) => name === 'canary' && ready.length > 0);
    return pools[this.#alwaysTurn++ % pools.length];
  }

  /** Which pool a mark binds to; undefined: it is of no trial that is under way. */
  #poolOfMark(mark: string): Pool | undefined {
    const place = this.#trial === undefined ? undefined : placeOfMark(this.#trial, mark);
    if (place === undefined) return this.#pools.find((pool) => pool.mark === mark);
    const spec = poolAt(this.#spec.Pools, place);
    return spec && this.#pools[this.#spec.Pools.indexOf(spec)];
  }

  /** Somewhere in the stable pool's share. */
  #newPlace(): number {
    this.#line = (this.#line + GOLDEN_STEP) % 1;
    const weights = this.#pools.reduce((sum, { weight }) => sum + weight, 0);
    const stable = this.#pools.find(({ name }) => name === 'stable')?.weight ?? 0;
    return Math.floor(this.#line * (stable / weights) * LINE_LENGTH);
  }

  #from(pool: Pool, excluded: Excluded, source: string): UpstreamServer | undefined {
    const { Balance } = this.#spec;
    if (pool.isEven && Balance === undefined) return pool.turns.pick(pool.ready, excluded);
    const ready = excluded ? pool.ready.filter((server) => !excluded.has(server)) : pool.ready;
    return Balance === 'source' ? pickBySource(ready, source) : pool.weighted.pick(ready);
  }

  #known(instance: string, { canary }: Wish, excluded: Excluded): UpstreamServer | undefined {
    const unwanted = canary === undefined ? undefined : canary === 'never' ? 'canary' : 'stable';
    for (const { name, ready } of this.#open) {
      if (name === unwanted) continue;
      const server = ready.find(({ stickyValue }) => stickyValue === instance);
      if (server !== undefined && !excluded?.has(server)) return server;
    }
    return undefined;
  }

  /** Pools keep their place in the weighted turns over every change of the table. */
  #poolOf({ Name: name, Group: group, Weight: weight }: PoolSpec): Pool {
    const known = this.#pools.find((pool) => pool.name === name && pool.group === group);
    const pool = known ?? {
      name,
      group,
      mark: undefined,
      weight,
      servers: [],
      ready: [],
      turns: new LeastInFlight<UpstreamServer>(),
      weighted: new WeightedTurns<UpstreamServer>(),
      isEven: true,
    };
    const isTried = this.#trial !== undefined && name === 'canary' && weight > 0;
    pool.mark = isTried ? canaryMark(this.#trial!, group) : undefined;
    pool.weight = weight;
    pool.servers = [];
    return pool;
  }

  /** A server that is known from before keeps what is in flight, even if it was out of the table meanwhile. */
  #entry(server: BackendServer, pool: string): { server: UpstreamServer; settle: () => void } {
    const spec = this.#serverSpec(server, pool);
    const known = this.#servers.get(spec.key);
    const drainMs = server.IsKept ? Number.POSITIVE_INFINITY : this.#spec.DrainDeadlineMs;
    const entry = known ?? new UpstreamServer(this.#deps, spec, () => this.#changed());
    this.#servers.set(spec.key, entry);
    return { server: entry, settle: () => (server.State === 'ready' ? entry.join(spec) : entry.drain(drainMs)) };
  }

  #serverSpec(server: BackendServer, pool: string): ServerSpec {
    return {
      key: serverKey(server.AllocID, server.Port),
      address: server.Address,
      port: server.Port,
      check: server.Check === undefined ? this.#spec.Check : server.Check,
      figures: this.#figures.counter(pool, server.Version),
      stickyValue: stickyValue(server),
      isH2c: server.Protocol === 'h2c',
      sendProxy: server.SendProxy,
      weight: server.Weight ?? ORDINARY_WEIGHT,
    };
  }

  /** Whether the first word about some server that may get requests is still to come. */
  #isChecking(): boolean {
    return this.#pools.some(({ weight, servers }) => weight > 0 && servers.some(({ isUnjudged }) => isUnjudged));
  }

  #changed(): void {
    this.#refresh();
    this.#deps.onChange();
  }

  /** What can be chosen now; whoever waits goes first. */
  #refresh(): void {
    for (const [key, server] of this.#servers) {
      if (server.state === 'drained' && !this.#listed.has(key)) this.#servers.delete(key);
    }
    for (const pool of this.#pools) {
      pool.ready = pool.servers.filter(({ state, weight }) => state === 'ready' && weight > 0);
      pool.isEven = pool.ready.every(({ weight }) => weight === ORDINARY_WEIGHT);
    }
    this.#open = this.#pools.filter((pool) => pool.weight > 0 && pool.ready.length > 0);
    if (this.#pools.some(({ ready }) => ready.length > 0)) {
      for (const [waiter] of [...this.#waiting]) this.#admitWaiter(waiter);
    }
  }

  #admitWaiter(waiter: Waiter): void {
    const server = this.#waiting.has(waiter) ? this.admit(undefined, waiter.wish, waiter.source) : undefined;
    if (server === undefined) return;
    this.release(waiter);
    waiter.admitted(server);
  }

  #expire(waiter: Waiter): void {
    this.release(waiter);
    waiter.expired();
  }
}
