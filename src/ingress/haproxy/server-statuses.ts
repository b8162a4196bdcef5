/**
 * What HAProxy's statistics say of each server of the table, over every worker: "drained" only when none of them may
 * send it anything any more and nothing is in flight in any, old workers of a reload included. Pure.
 */
import type { Backend, BackendServer, Frontend, IngressServerStatus, RoutingTable } from '../../model/ingress.ts';
import { serverKey } from '../../model/ingress.ts';
import { mergeStatus } from '../embedded/server-status.ts';
import { frontendName, HOLD_SERVER, serviceName, slotOf } from './names.ts';
import { isResting, isUp, type StatRow } from './worker-state.ts';

export interface Observation {
  readonly workers: readonly WorkerSight[];
}

export interface WorkerSight {
  readonly rows: readonly StatRow[];
  /** A reload has left it; `isDiverted`: whatever it is still asked for goes to the current one. */
  readonly isOld: boolean;
  readonly isDiverted: boolean;
}

/** One server, over all workers and slots. */
export interface ServerSight {
  readonly inFlight: number;
  /** No worker may send it a new request. */
  readonly isAtRest: boolean;
  /** Services through which it gets requests from the current worker. */
  readonly upIn: ReadonlySet<string>;
}

export const NOT_SEEN: ServerSight = { inFlight: 0, isAtRest: true, upIn: new Set() };

export function sightsOf({ workers }: Observation): Map<string, ServerSight> {
  const sights = new Map<string, { inFlight: number; isAtRest: boolean; upIn: Set<string> }>();
  for (const { rows, isOld, isDiverted } of workers) {
    for (const row of rows) {
      const slot = slotOf(row.proxy);
      if (slot === undefined || row.name === 'BACKEND' || row.name === HOLD_SERVER) continue;
      const sight = sights.get(row.name) ?? { inFlight: 0, isAtRest: true, upIn: new Set<string>() };
      sights.set(row.name, sight);
      sight.inFlight += row.current + row.queued;
      if (isOld ? !isDiverted : !isResting(row)) sight.isAtRest = false;
      if (!isOld && isUp(row)) sight.upIn.add(slot.service);
    }
  }
  return sights;
}

export interface StatusInput {
  readonly table: RoutingTable;
  readonly sights: ReadonlyMap<string, ServerSight>;
  /** Keys of servers of which it is sure that nothing was sent after the last look at their figures. */
  readonly settled: ReadonlySet<string>;
  /** Ports that the current worker has open. */
  readonly open: ReadonlySet<number>;
  readonly requestsOf: (key: string) => number;
}

export function statusesOf(input: StatusInput): Record<string, IngressServerStatus> {
  const statuses: Record<string, IngressServerStatus> = {};
  for (const [backend, ways] of waysByBackend(input.table)) {
    if (backend.IsPreview) continue;
    for (const server of backend.Pools.flatMap(({ Servers }) => Servers)) {
      const key = serverKey(server.AllocID, server.Port);
      const status = { ...statusOf(server, key, backend, ways, input), Requests: input.requestsOf(key) };
      const known = statuses[key];
      statuses[key] = known === undefined ? status : { ...status, State: mergeStatus(known, status).State };
    }
  }
  return statuses;
}

/** Every backend once, with the frontends that lead to it. */
function waysByBackend({ Frontends }: RoutingTable): Map<Backend, Frontend[]> {
  const byId = new Map<string, { backend: Backend; ways: Frontend[] }>();
  for (const frontend of Frontends) {
    for (const { Backend: backend } of frontend.Routes) {
      const entry = byId.get(backend.ID) ?? { backend, ways: [] };
      byId.set(backend.ID, entry);
      entry.ways.push(frontend);
    }
  }
  return new Map([...byId.values()].map(({ backend, ways }) => [backend, ways]));
}

function statusOf(
  server: BackendServer,
  key: string,
  backend: Backend,
  ways: readonly Frontend[],
  { sights, settled, open }: StatusInput,
): IngressServerStatus {
  const sight = sights.get(key) ?? NOT_SEEN;
  const InFlight = sight.inFlight;
  if (server.State === 'draining')
    return { State: settled.has(key) && InFlight === 0 ? 'drained' : 'draining', InFlight };
  const isUpEverywhere = ways.every(({ Mode }) => sight.upIn.has(serviceName(backend.ID, Mode)));
  const isReachable = ways.some(({ Listen }) => open.has(Listen));
  return { State: isUpEverywhere && isReachable ? 'ready' : 'unhealthy', InFlight };
}

/** Ports of the frontends that a worker has. */
export function openPorts(rows: readonly StatRow[], frontends: readonly Frontend[]): Set<number> {
  const names = new Set(rows.filter(({ name }) => name === 'FRONTEND').map(({ proxy }) => proxy));
  return new Set(frontends.map(({ Listen }) => Listen).filter((listen) => names.has(frontendName(listen))));
}
