/**
 * A simulated ingress: applies the routing table after a delay, keeps requests in flight to what it may route to, and
 * acknowledges drains when they are done. While it is partitioned it goes on with the last table it knew.
 */
import type { Clock } from '../src/lib/clock.ts';
import { type Random, randomInt } from '../src/lib/random.ts';
import type { IngressReport, IngressServerStatus, RoutingTable } from '../src/model/ingress.ts';
import { serverKey } from '../src/model/ingress.ts';

export interface SimIngressOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly random: Random;
  /** The server's table; rejects while the server is away. */
  readonly table: () => Promise<RoutingTable>;
  readonly report: (report: IngressReport) => Promise<void>;
  /** Does the instance answer a connection: its task runs and is not being killed. */
  readonly answers: (allocId: string) => boolean;
}

interface SimServer {
  /** In the table, and it answers: what the ingress calls ready. */
  ready: boolean;
  /** New requests go there: it is ready, and its pool has a share of them. */
  routable: boolean;
  inFlight: number;
}

interface Wanted {
  readonly ready: boolean;
  readonly hasShare: boolean;
}

const APPLY_DELAY_MS = [1, 40] as const;
const REPORT_EVERY_MS = 2000;

export class SimIngress {
  readonly id: string;
  readonly #options: SimIngressOptions;
  readonly #servers = new Map<string, SimServer>();
  #appliedIndex = 0;
  #applying = false;
  #isPartitioned = false;
  #isStopped = false;

  constructor(options: SimIngressOptions) {
    this.id = options.id;
    this.#options = options;
    this.#renew();
  }

  set isPartitioned(value: boolean) {
    this.#isPartitioned = value;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Could a request be sent there, or is one still there? */
  reaches(allocId: string): boolean {
    return this.#matching(allocId).some((server) => server.routable || server.inFlight > 0);
  }

  /** The server has something new; the ingress learns of it a little later. */
  notify(): void {
    if (this.#applying || this.#isPartitioned || this.#isStopped) return;
    this.#applying = true;
    const [least, most] = APPLY_DELAY_MS;
    this.#options.clock.after(least + randomInt(this.#options.random, most - least), () => {
      this.#applying = false;
      if (!this.#isPartitioned && !this.#isStopped) this.#fetch();
    });
  }

  #fetch(): void {
    this.#options.table().then(
      (table) => {
        if (!this.#isPartitioned && !this.#isStopped) this.#apply(table);
      },
      () => {},
    );
  }

  #apply(table: RoutingTable): void {
    const wanted = wantedOf(table);
    for (const [key, each] of wanted) this.#place(key, each);
    for (const [key, server] of this.#servers) {
      if (wanted.has(key)) continue;
      server.ready = false;
      server.routable = false;
      if (server.inFlight === 0) this.#servers.delete(key);
    }
    this.#appliedIndex = table.Index;
    this.#send();
  }

  #place(key: string, { ready, hasShare }: Wanted): void {
    const server = this.#servers.get(key) ?? { ready: false, routable: false, inFlight: 0 };
    this.#servers.set(key, server);
    server.ready = ready && this.#options.answers(allocOf(key));
    server.routable = server.ready && hasShare;
    if (server.routable) this.#takeRequest(server);
  }

  /** Keeps a request in flight while the server is routable; each takes up to two seconds. */
  #takeRequest(server: SimServer): void {
    if (server.inFlight > 0 || !server.routable || this.#isStopped) return;
    server.inFlight = 1;
    this.#options.clock.after(1 + randomInt(this.#options.random, 2000), () => {
      server.inFlight = 0;
      if (server.routable) this.#takeRequest(server);
      else this.#send();
    });
  }

  #renew(): void {
    if (this.#isStopped) return;
    this.#options.clock.after(REPORT_EVERY_MS, () => this.#renew());
    if (!this.#isPartitioned) this.notify();
    this.#send();
  }

  #send(): void {
    if (this.#isPartitioned || this.#isStopped) return;
    const Servers: Record<string, IngressServerStatus> = {};
    for (const [key, server] of this.#servers) Servers[key] = { State: stateOf(server), InFlight: server.inFlight };
    const report = { ID: this.id, Name: this.id, DataPlane: 'simulated', AppliedIndex: this.#appliedIndex, Servers };
    this.#options.report(report).catch(() => {});
  }

  #matching(allocId: string): SimServer[] {
    return [...this.#servers].filter(([key]) => allocOf(key) === allocId).map(([, server]) => server);
  }
}

/** By server: whether it may be routed to, and whether any pool that it stands in has a share. */
function wantedOf(table: RoutingTable): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const pool of table.Frontends.flatMap(({ Routes }) => Routes).flatMap(({ Backend }) => Backend.Pools)) {
    for (const server of pool.Servers) {
      const key = serverKey(server.AllocID, server.Port);
      const hasShare = pool.Weight > 0 || wanted.get(key)?.hasShare === true;
      wanted.set(key, { ready: server.State === 'ready', hasShare });
    }
  }
  return wanted;
}

const allocOf = (key: string): string => key.slice(0, key.lastIndexOf(':'));

function stateOf(server: SimServer): IngressServerStatus['State'] {
  if (server.ready) return 'ready';
  return server.inFlight > 0 ? 'draining' : 'drained';
}
