/** The embedded data plane: an HTTP/1.1 reverse proxy of our own, in this process. It applies tables and tells states. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock, sleep } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type {
  Frontend,
  IngressFigure,
  IngressProblem,
  IngressServerStatus,
  RoutingTable,
  Backend as Spec,
} from '../../model/ingress.ts';
import type { Certificate } from '../certificates.ts';
import type { DataPlane } from '../data-plane.ts';
import { compareRoutes, matchRoute } from '../route-match.ts';
import { FORBIDDEN } from './admission.ts';
import { Backend, type HoldLimit } from './backend.ts';
import { ClientConnection } from './client-connection.ts';
import { type ConnectionDeps, type ConnectionTimeouts, DEFAULT_TIMEOUTS, type Gated } from './connection-deps.ts';
import { Http2Connection } from './http2-connection.ts';
import { takeIn } from './intake.ts';
import { Listener, type OpenConnection } from './listener.ts';
import type { Origin } from './origin.ts';
import { PasswordChecks } from './password-checks.ts';
import { PasswordGate } from './password-gate.ts';
import { probe } from './probe.ts';
import { RedirectTarget } from './redirect.ts';
import { addAside, mergeStatus, statusOf } from './server-status.ts';
import { SleepGuard } from './sleep-guard.ts';
import { TcpConnection } from './tcp-connection.ts';
import { TlsGate } from './tls-gate.ts';
import { type IsTrusted, trustedBy } from './trusted.ts';
import type { UpstreamServer } from './upstream-server.ts';

export interface EmbeddedOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly bindAddress: string;
  /** Something that is worth a report has changed. */
  readonly onChange: () => void;
  readonly timeouts?: ConnectionTimeouts;
  /** Addresses and networks of load balancers in front, and whether they begin with a PROXY header. */
  readonly trustedProxies?: readonly string[];
  readonly acceptsProxyProtocol?: boolean;
  /** For ports with TLS; kept up to date by whoever made them. */
  readonly certificates?: CertificateSource;
  /** Brings the newest table, where there is one to be had at once: for a process that has slept. Never rejects. */
  readonly refresh?: () => Promise<void>;
  /** How many requests may wait for a server at a time. */
  readonly maxHeld?: number;
  /** How long what is in flight may take when the data plane stops. */
  readonly stopMs?: number;
}

export interface CertificateSource {
  readonly all: readonly Certificate[];
  readonly version: number;
}

interface Route {
  readonly Host: string;
  readonly Path: string;
  readonly target: Backend | RedirectTarget;
  /** The target, where it asks for a password. */
  readonly gated?: Gated;
}

interface OpenFrontend {
  readonly listener: Listener;
  readonly mode: Frontend['Mode'];
  readonly hasTls: boolean;
  routes: readonly Route[];
}

/** How often those that take too long are looked for. */
const SWEEP_MS = 250;
const MAX_HELD = 10_000;
const HTTP_PROTOCOLS = ['h2', 'http/1.1'];
const NO_CERTIFICATE = 'it needs TLS and there is no certificate; name a file or a folder in ingress.certificates';
const STOP_MS = 30_000;

const NOWHERE: Partial<Route> = {};

export class EmbeddedDataPlane implements DataPlane {
  readonly name = 'embedded';
  readonly #options: EmbeddedOptions;
  readonly #holdLimit: HoldLimit;
  readonly #passwordChecks = new PasswordChecks();
  readonly #frontends = new Map<number, OpenFrontend>();
  readonly #backends = new Map<string, Backend>();
  /** Out of the table, not yet without traffic. */
  readonly #retired = new Set<Backend>();
  readonly #closing = new Set<Listener>();
  #appliedIndex = 0;
  readonly #isTrusted: IsTrusted;
  readonly #sleepGuard: SleepGuard | undefined;
  #gates: Readonly<Record<Frontend['Mode'], TlsGate>>;
  #gatesVersion: number | undefined;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
    this.#isTrusted = trustedBy(options.trustedProxies ?? []);
    this.#gates = this.#newGates();
    this.#holdLimit = { max: options.maxHeld ?? MAX_HELD, held: 0 };
    const { clock, refresh } = options;
    const onSure = () => {
      for (const backend of this.#backends.values()) backend.lookAgain();
    };
    this.#sleepGuard = refresh && new SleepGuard({ clock, refresh, onSure });
  }

  apply(table: RoutingTable): void {
    this.#applyBackends(table);
    this.#applyFrontends(table);
    this.#appliedIndex = table.Index;
    this.#options.onChange();
  }

  appliedIndex(): number {
    return this.#appliedIndex;
  }

  statuses(): Record<string, IngressServerStatus> {
    const reachable = this.#reachableBackends();
    const statuses: Record<string, IngressServerStatus> = {};
    const backends = [...this.#backends.values()];
    for (const backend of backends.filter(({ isPreview }) => !isPreview)) {
      for (const server of backend.servers()) {
        const status = statusOf(server, reachable.has(backend));
        const known = statuses[server.key];
        statuses[server.key] = known === undefined ? status : mergeStatus(known, status);
      }
    }
    for (const server of this.#serversAside(backends)) {
      const known = statuses[server.key];
      if (known !== undefined) statuses[server.key] = addAside(known, statusOf(server, true));
    }
    return statuses;
  }

  /** Where requests may be in flight to an instance beside the ways in that count. */
  #serversAside(backends: readonly Backend[]): UpstreamServer[] {
    const previews = backends.filter(({ isPreview }) => isPreview).flatMap((backend) => backend.servers());
    return [...previews, ...[...backends, ...this.#retired].flatMap((backend) => backend.leaving())];
  }

  figures(): IngressFigure[] {
    return [...this.#backends.values()].flatMap((backend) => backend.figures());
  }

  problems(): IngressProblem[] {
    return [...this.#frontends.values()].flatMap(({ listener: { port, problem } }) =>
      problem === undefined ? [] : [{ Listen: port, Message: problem }],
    );
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.clock, SWEEP_MS, signal);
      this.#sweep();
    }
    await this.#stop();
  }

  #applyBackends(table: RoutingTable): void {
    const specs = new Map<string, Spec>();
    for (const { Routes } of table.Frontends) for (const { Backend: spec } of Routes) specs.set(spec.ID, spec);
    for (const spec of specs.values()) this.#backend(spec).apply(spec);
    for (const [id, backend] of this.#backends) if (!specs.has(id)) this.#retire(id, backend);
  }

  /** A backend that comes back while its last requests still run is the same one: they count. */
  #backend(spec: Spec): Backend {
    const known = this.#backends.get(spec.ID) ?? [...this.#retired].find(({ id }) => id === spec.ID);
    const { clock, onChange } = this.#options;
    const isUnsure = () => this.#sleepGuard?.isUnsure() === true;
    const backend = known ?? new Backend(spec, { clock, probe, holdLimit: this.#holdLimit, onChange, isUnsure });
    this.#retired.delete(backend);
    this.#backends.set(spec.ID, backend);
    return backend;
  }

  #retire(id: string, backend: Backend): void {
    this.#backends.delete(id);
    backend.retire();
    if (!backend.isEmpty) this.#retired.add(backend);
  }

  #applyFrontends(table: RoutingTable): void {
    const wanted = new Map(table.Frontends.map((frontend) => [frontend.Listen, frontend]));
    for (const [port, { listener, mode, hasTls }] of this.#frontends) {
      const frontend = wanted.get(port);
      const isSame = frontend?.Mode === mode && (frontend.TLS === true) === hasTls;
      if (!isSame) this.#closeFrontend(port, listener);
    }
    for (const frontend of wanted.values()) {
      if (frontend.Mode === 'tcp' && frontend.Routes.length !== 1) continue;
      const open = this.#frontends.get(frontend.Listen) ?? this.#openFrontend(frontend);
      open.routes = this.#routesOf(frontend);
    }
  }

  #routesOf({ Routes, Redirects = [] }: Frontend): Route[] {
    const routes = Routes.map(({ Host, Path, Backend: { ID }, Auth }): Route => {
      const backend = this.#backends.get(ID)!;
      const gated = Auth && { backend, gate: new PasswordGate(Auth, this.#passwordChecks) };
      return { Host, Path, target: backend, ...(gated && { gated }) };
    });
    const redirects = Redirects.map(
      ({ Host, Path, Port }): Route => ({ Host, Path, target: new RedirectTarget(Port) }),
    );
    return [...routes, ...redirects].sort(compareRoutes);
  }

  #openFrontend({ Listen, Mode, TLS }: Frontend): OpenFrontend {
    const { clock, bindAddress, log, onChange } = this.#options;
    const listener = new Listener(Listen, {
      clock,
      bindAddress,
      accept: (socket, closed) => this.#accept(open, socket, closed),
      blocker: () => (TLS && this.#gate(Mode).isEmpty ? `cannot serve port ${Listen}: ${NO_CERTIFICATE}` : undefined),
      onChange: (error) => {
        if (error === undefined) log.info({ port: Listen }, 'ingress listens');
        else log.error({ port: Listen, error: error.message }, 'ingress cannot listen, trying again');
        onChange();
      },
    });
    const open: OpenFrontend = { listener, mode: Mode, hasTls: TLS === true, routes: [] };
    this.#frontends.set(Listen, open);
    listener.open();
    return open;
  }

  #accept(frontend: OpenFrontend, socket: Socket, closed: () => void): OpenConnection {
    const { clock, acceptsProxyProtocol = false } = this.#options;
    const isTcp = frontend.mode === 'tcp';
    const deps = {
      clock,
      port: frontend.listener.port,
      isTrusted: this.#isTrusted,
      acceptsProxyProtocol,
      tls: frontend.hasTls ? this.#gate(frontend.mode) : undefined,
      limitMs: this.#timeouts.headMs,
      open: (opened: Socket, origin: Origin, over: () => void) =>
        isTcp ? this.#openTcp(frontend, opened, origin, over) : this.#openHttp(frontend, opened, origin, over),
    };
    return takeIn(socket, deps, closed);
  }

  get #timeouts(): ConnectionTimeouts {
    return this.#options.timeouts ?? DEFAULT_TIMEOUTS;
  }

  #openHttp(frontend: OpenFrontend, socket: Socket, origin: Origin, closed: () => void): OpenConnection {
    const deps: ConnectionDeps = {
      clock: this.#options.clock,
      timeouts: this.#timeouts,
      origin,
      route: (host, path) => {
        const { target, gated } = matchRoute(frontend.routes, host, path) ?? NOWHERE;
        return target instanceof Backend && !target.admits(origin.client.address) ? FORBIDDEN : (gated ?? target);
      },
    };
    const isHttp2 = socket instanceof TLSSocket && socket.alpnProtocol === 'h2';
    return isHttp2 ? new Http2Connection(socket, deps, closed) : new ClientConnection(socket, deps, closed);
  }

  #openTcp(frontend: OpenFrontend, socket: Socket, origin: Origin, closed: () => void): OpenConnection {
    const backend = frontend.routes[0]!.target as Backend;
    const connection = new TcpConnection(this.#options.clock, socket, { backend, origin }, closed);
    if (backend.admits(origin.client.address)) connection.start();
    else connection.destroy();
    return connection;
  }

  /** With the certificates as they are now; connections that are open keep what they began with. */
  #gate(mode: Frontend['Mode']): TlsGate {
    if (this.#gatesVersion !== this.#options.certificates?.version) this.#gates = this.#newGates();
    return this.#gates[mode];
  }

  #newGates(): Readonly<Record<Frontend['Mode'], TlsGate>> {
    const { certificates } = this.#options;
    this.#gatesVersion = certificates?.version;
    const all = certificates?.all ?? [];
    return { http: new TlsGate(all, HTTP_PROTOCOLS), tcp: new TlsGate(all, []) };
  }

  #closeFrontend(port: number, listener: Listener): void {
    this.#frontends.delete(port);
    this.#closing.add(listener);
    listener.close();
  }

  /** A service whose ports are all taken by others gets no traffic from here, however healthy it is. */
  #reachableBackends(): Set<Backend> {
    const open = [...this.#frontends.values()].filter(({ listener }) => listener.isListening);
    const targets = open.flatMap(({ routes }) => routes.map(({ target }) => target));
    return new Set(targets.filter((target) => target instanceof Backend));
  }

  #sweep(): void {
    this.#sleepGuard?.isUnsure();
    const nowMs = this.#options.clock.nowMs();
    for (const listener of this.#listeners()) listener.sweep(nowMs);
    for (const backend of [...this.#backends.values(), ...this.#retired]) backend.sweep(nowMs);
    for (const backend of this.#retired) if (backend.isEmpty) this.#retired.delete(backend);
    for (const listener of this.#closing) if (listener.connectionCount === 0) this.#closing.delete(listener);
  }

  #listeners(): Listener[] {
    return [...[...this.#frontends.values()].map(({ listener }) => listener), ...this.#closing];
  }

  /** Stops intake, lets what is in flight end, cuts what takes too long, closes what is left. */
  async #stop(): Promise<void> {
    const { clock, stopMs = STOP_MS } = this.#options;
    const untilMs = clock.nowMs() + stopMs;
    for (const [port, { listener }] of this.#frontends) this.#closeFrontend(port, listener);
    while (this.#listeners().some(({ connectionCount }) => connectionCount > 0) && clock.nowMs() < untilMs) {
      await sleep(clock, 20);
      this.#sweep();
    }
    for (const listener of this.#listeners()) listener.destroyConnections();
    for (const [id, backend] of this.#backends) this.#retire(id, backend);
  }
}
