/** The embedded data plane: an HTTP/1.1 reverse proxy of our own, in this process. It applies tables and tells states. */
import type { Socket } from 'node:net';
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
import type { DataPlane } from '../data-plane.ts';
import { compareRoutes, matchRoute } from '../route-match.ts';
import { Backend, type HoldLimit } from './backend.ts';
import { ClientConnection, type ConnectionTimeouts, DEFAULT_TIMEOUTS } from './client-connection.ts';
import { Listener, type OpenConnection } from './listener.ts';
import { probe } from './probe.ts';
import { addAside, mergeStatus, statusOf } from './server-status.ts';
import { TcpConnection } from './tcp-connection.ts';
import type { UpstreamServer } from './upstream-server.ts';

export interface EmbeddedOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly bindAddress: string;
  /** Something that is worth a report has changed. */
  readonly onChange: () => void;
  readonly timeouts?: ConnectionTimeouts;
  /** How many requests may wait for a server at a time. */
  readonly maxHeld?: number;
  /** How long what is in flight may take when the data plane stops. */
  readonly stopMs?: number;
}

interface Route {
  readonly Host: string;
  readonly Path: string;
  readonly backend: Backend;
}

interface OpenFrontend {
  readonly listener: Listener;
  readonly mode: Frontend['Mode'];
  routes: readonly Route[];
}

const SWEEP_MS = 1000;
const MAX_HELD = 10_000;
const STOP_MS = 30_000;

export class EmbeddedDataPlane implements DataPlane {
  readonly name = 'embedded';
  readonly #options: EmbeddedOptions;
  readonly #holdLimit: HoldLimit;
  readonly #frontends = new Map<number, OpenFrontend>();
  readonly #backends = new Map<string, Backend>();
  /** Out of the table, not yet without traffic. */
  readonly #retired = new Set<Backend>();
  readonly #closing = new Set<Listener>();
  #appliedIndex = 0;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
    this.#holdLimit = { max: options.maxHeld ?? MAX_HELD, held: 0 };
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
    const backend = known ?? new Backend(spec, { clock, probe, holdLimit: this.#holdLimit, onChange });
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
    for (const [port, { listener, mode }] of this.#frontends) {
      if (wanted.get(port)?.Mode !== mode) this.#closeFrontend(port, listener);
    }
    for (const frontend of wanted.values()) {
      if (frontend.Mode === 'tcp' && frontend.Routes.length !== 1) continue;
      const open = this.#frontends.get(frontend.Listen) ?? this.#openFrontend(frontend);
      open.routes = this.#routesOf(frontend);
    }
  }

  #routesOf(frontend: Frontend): Route[] {
    return frontend.Routes.map(({ Host, Path, Backend: { ID } }) => ({
      Host,
      Path,
      backend: this.#backends.get(ID)!,
    })).sort(compareRoutes);
  }

  #openFrontend({ Listen, Mode }: Frontend): OpenFrontend {
    const { clock, bindAddress, log, onChange } = this.#options;
    const listener = new Listener(Listen, {
      clock,
      bindAddress,
      accept: (socket, closed) => this.#accept(open, socket, closed),
      onChange: (error) => {
        if (error === undefined) log.info({ port: Listen }, 'ingress listens');
        else log.error({ port: Listen, error: error.message }, 'ingress cannot listen, trying again');
        onChange();
      },
    });
    const open: OpenFrontend = { listener, mode: Mode, routes: [] };
    this.#frontends.set(Listen, open);
    listener.open();
    return open;
  }

  #accept(frontend: OpenFrontend, socket: Socket, closed: () => void): OpenConnection {
    if (frontend.mode === 'tcp') return this.#acceptTcp(frontend, socket, closed);
    return new ClientConnection(socket, {
      clock: this.#options.clock,
      timeouts: this.#options.timeouts ?? DEFAULT_TIMEOUTS,
      route: (host, path) => matchRoute(frontend.routes, host, path)?.backend,
      closed,
    });
  }

  #acceptTcp(frontend: OpenFrontend, socket: Socket, closed: () => void): OpenConnection {
    const { backend } = frontend.routes[0]!;
    const connection = new TcpConnection(this.#options.clock, socket, backend, closed);
    connection.start();
    return connection;
  }

  #closeFrontend(port: number, listener: Listener): void {
    this.#frontends.delete(port);
    this.#closing.add(listener);
    listener.close();
  }

  /** A service whose ports are all taken by others gets no traffic from here, however healthy it is. */
  #reachableBackends(): Set<Backend> {
    const open = [...this.#frontends.values()].filter(({ listener }) => listener.isListening);
    return new Set(open.flatMap(({ routes }) => routes.map(({ backend }) => backend)));
  }

  #sweep(): void {
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
