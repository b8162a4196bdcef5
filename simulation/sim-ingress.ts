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
  /** The server's table now; throws while the server is away. */
  readonly table: () => RoutingTable;
  readonly report: (report: IngressReport) => Promise<void>;
  /** Does the instance answer a connection: its task runs and is not being killed. */
  readonly answers: (allocId: string) => boolean;
}

interface SimServer {
  routable: boolean;
  inFlight: number;
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

  /** How many instances take requests now. */
  routable(): number {
    return [...this.#servers.values()].filter((server) => server.routable).length;
  }

  /** The server has something new; the ingress learns of it a little later. */
  notify(): void {
    if (this.#applying || this.#isPartitioned || this.#isStopped) return;
    this.#applying = true;
    const [least, most] = APPLY_DELAY_MS;
    this.#options.clock.after(least + randomInt(this.#options.random, most - least), () => {
      this.#applying = false;
      if (!this.#isPartitioned && !this.#isStopped) this.#apply();
    });
  }

  #apply(): void {
    let table: RoutingTable;
    try {
      table = this.#options.table();
    } catch {
      return;
    }
    const wanted = new Map<string, boolean>();
    for (const frontend of table.Frontends) {
      for (const { Backend } of frontend.Routes) {
        for (const server of Backend.Pools.flatMap((pool) => pool.Servers)) {
          wanted.set(serverKey(server.AllocID, server.Port), server.State === 'ready');
        }
      }
    }
    for (const [key, ready] of wanted) this.#place(key, ready);
    for (const [key, server] of this.#servers) {
      if (wanted.has(key)) continue;
      server.routable = false;
      if (server.inFlight === 0) this.#servers.delete(key);
    }
    this.#appliedIndex = table.Index;
    this.#send();
  }

  #place(key: string, ready: boolean): void {
    const server = this.#servers.get(key) ?? { routable: false, inFlight: 0 };
    this.#servers.set(key, server);
    server.routable = ready && this.#options.answers(allocOf(key));
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

const allocOf = (key: string): string => key.slice(0, key.lastIndexOf(':'));

function stateOf(server: SimServer): IngressServerStatus['State'] {
  if (server.routable) return 'ready';
  return server.inFlight > 0 ? 'draining' : 'drained';
}
