/**
 * Requests per backend, pool and version. HAProxy counts by server and from the start of each worker; what was added
 * since the last look goes to the pool and version that the server has now, so that the sums only grow.
 */
import type { IngressFigure, RoutingTable } from '../../model/ingress.ts';
import { serverKey } from '../../model/ingress.ts';
import { LATENCY_BOUNDS_MS, trimmedCounts } from '../../model/latency.ts';
import { type LatencyEntry, middleMs } from './latencies.ts';
import { HOLD_SERVER, noneName, serviceName, slotOf } from './names.ts';
import type { StatRow } from './worker-state.ts';

interface Owner {
  readonly backend: string;
  readonly pool: string;
  readonly version: number;
  readonly isTimed: boolean;
}

interface Counter extends Owner {
  requests: number;
  errors: number;
  inFlight: number;
  bytesIn: number;
  bytesOut: number;
  /** Of TCP connections nobody can tell. */
  readonly latency: number[] | undefined;
  latencySumMs: number;
}

interface Seen {
  readonly total: number;
  readonly errors: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const NOTHING: Seen = { total: 0, errors: 0, bytesIn: 0, bytesOut: 0 };

export class HaproxyFigures {
  /** By service and server key. A server that has left the table still counts for whom it was. */
  readonly #owners = new Map<string, Owner>();
  readonly #services = new Map<string, string>();
  readonly #counters = new Map<string, Counter>();
  #seen = new Map<string, Seen>();

  /** By worker: what its entries were. */
  readonly #timed = new Map<number, ReadonlyMap<string, number>>();

  /** By server key, in all services and workers. */
  readonly #requests = new Map<string, number>();

  requestsOf(key: string): number {
    return this.#requests.get(key) ?? 0;
  }

  learn(table: RoutingTable): void {
    for (const { Mode, Routes } of table.Frontends) {
      for (const { Backend } of Routes) {
        const service = serviceName(Backend.ID, Mode);
        this.#services.set(noneName(service), Backend.ID);
        for (const { Name, Servers } of Backend.Pools) {
          for (const { AllocID, Port, Version } of Servers) {
            const owner = { backend: Backend.ID, pool: Name, version: Version, isTimed: Mode === 'http' };
            this.#owners.set(`${service} ${serverKey(AllocID, Port)}`, owner);
            this.#counter(owner);
          }
        }
      }
    }
  }

  /** All rows of all workers, each time. A worker that is not there any more is forgotten. */
  count(workers: ReadonlyMap<number, readonly StatRow[]>): void {
    const seen = new Map<string, Seen>();
    for (const counter of this.#counters.values()) counter.inFlight = 0;
    for (const pid of this.#timed.keys()) if (!workers.has(pid)) this.#timed.delete(pid);
    for (const [pid, rows] of workers) for (const row of rows) this.#countRow(pid, row, seen);
    this.#seen = seen;
  }

  /** How long answers took, of one worker; the sum is by the middle of each step. */
  time(pid: number, rows: readonly StatRow[], entries: readonly LatencyEntry[] | undefined): void {
    if (entries === undefined) return;
    const owners = new Map(rows.map((row) => [`${row.proxyId} ${row.serverId}`, row]));
    const before = this.#timed.get(pid) ?? new Map<string, number>();
    const now = new Map<string, number>();
    for (const { slot, server, step, count } of entries) {
      const key = `${slot} ${server} ${step}`;
      now.set(key, count);
      const row = owners.get(`${slot} ${server}`);
      const owner = row && this.#ownerOf(row);
      if (owner?.isTimed) this.#addTimes(this.#counter(owner), step, count - (before.get(key) ?? 0));
    }
    this.#timed.set(pid, now);
  }

  #addTimes(counter: Counter, step: number, count: number): void {
    if (count <= 0 || counter.latency === undefined) return;
    counter.latency[step]! += count;
    counter.latencySumMs += count * middleMs(step);
  }

  snapshot(): IngressFigure[] {
    return [...this.#counters.values()].map(({ requests, errors, inFlight, ...counter }) => ({
      Backend: counter.backend,
      Pool: counter.pool,
      Version: counter.version,
      Requests: requests,
      Errors: errors,
      InFlight: inFlight,
      BytesIn: counter.bytesIn,
      BytesOut: counter.bytesOut,
      ...(counter.latency && { Latency: trimmedCounts(counter.latency), LatencySumMs: counter.latencySumMs }),
    }));
  }

  #countRow(pid: number, row: StatRow, seen: Map<string, Seen>): void {
    const owner = this.#ownerOf(row);
    if (owner === undefined) return;
    const key = `${pid} ${row.proxy} ${row.name}`;
    const known = this.#seen.get(key);
    // A server that was deleted and added again counts anew.
    const before = known !== undefined && known.total <= row.total ? known : NOTHING;
    const { total, errors, bytesIn, bytesOut } = row;
    seen.set(key, { total, errors, bytesIn, bytesOut });
    if (row.total === 0 && owner.pool === 'none') return;
    const counter = this.#counter(owner);
    const added = row.total - before.total;
    counter.requests += added;
    if (owner.pool !== 'none') this.#requests.set(row.name, this.requestsOf(row.name) + added);
    counter.errors += owner.pool === 'none' ? added : row.errors - before.errors;
    counter.bytesIn += bytesIn - before.bytesIn;
    counter.bytesOut += bytesOut - before.bytesOut;
    counter.inFlight += owner.pool === 'none' ? 0 : row.current;
  }

  #ownerOf({ proxy, name }: StatRow): Owner | undefined {
    const refusing = this.#services.get(proxy);
    if (refusing !== undefined)
      return name === 'BACKEND' ? { backend: refusing, pool: 'none', version: 0, isTimed: false } : undefined;
    const slot = slotOf(proxy);
    if (slot === undefined || name === 'BACKEND' || name === HOLD_SERVER) return undefined;
    return this.#owners.get(`${slot.service} ${name}`);
  }

  #counter(owner: Owner): Counter {
    const key = `${owner.backend} ${owner.pool} ${owner.version}`;
    const counter = this.#counters.get(key) ?? {
      ...owner,
      requests: 0,
      errors: 0,
      inFlight: 0,
      bytesIn: 0,
      bytesOut: 0,
      latency: owner.isTimed ? Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0) : undefined,
      latencySumMs: 0,
    };
    this.#counters.set(key, counter);
    return counter;
  }
}
