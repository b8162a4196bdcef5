/**
 * The routing table as marathon-lb would have it in HAProxy: one listener (a frontend and a backend of one name) for each
 * service port, with its servers. Made of the table and of what the data plane says of it, whichever it is.
 */
import type {
  Backend,
  BackendServer,
  Frontend,
  IngressReport,
  IngressServerStatus,
  Pool,
  Route,
  RoutingTable,
} from '../../model/ingress.ts';
import { serverKey } from '../../model/ingress.ts';

export interface LbView {
  /** undefined: none yet. */
  readonly table: RoutingTable | undefined;
  readonly report: IngressReport;
}

export interface LbListener {
  /** "shop_web_10000": the app and its service port. */
  readonly name: string;
  /** "shop/web", or the deployment group. */
  readonly app: string;
  readonly listen: number;
  readonly mode: Frontend['Mode'];
  readonly isOpen: boolean;
  readonly backend: Backend;
  readonly servers: readonly LbServer[];
  readonly requests: number;
  readonly errors: number;
  readonly inFlight: number;
}

export interface LbServer {
  /** As zdd.py makes it of a task's host and port. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Exactly these words: nothing else counts for zdd.py. */
  readonly status: 'UP' | 'MAINT' | 'DOWN';
  /** Never 0 for one in MAINT before the data plane has said that it is empty. */
  readonly inFlight: number;
  readonly weight: number;
}

export function listenersOf({ table, report }: LbView): LbListener[] {
  const doors = doorsOf(table);
  const problems = new Set((report.Problems ?? []).map(({ Listen }) => Listen));
  return doors.map(({ frontend, backend }) => ({
    name: nameOf({ frontend, backend }, doors),
    app: appOf(backend),
    listen: frontend.Listen,
    mode: frontend.Mode,
    isOpen: !problems.has(frontend.Listen),
    backend,
    servers: backend.Pools.flatMap((pool) => pool.Servers.flatMap((server) => serverOf(server, pool, report))),
    ...figuresOf(backend, report),
  }));
}

/** One backend behind one port. */
interface Door {
  readonly frontend: Frontend;
  readonly backend: Backend;
}

/** A backend with a port of its own is shown there; one that only has hosts, on the ports that it shares. */
function doorsOf(table: RoutingTable | undefined): Door[] {
  const doors = (table?.Frontends ?? []).flatMap((frontend) =>
    frontend.Routes.map((route) => ({ frontend, backend: route.Backend, isOwn: isWholePort(route) })),
  );
  const withPort = new Set(doors.filter(({ isOwn }) => isOwn).map(({ backend }) => backend.ID));
  const shown = doors.filter(({ isOwn, backend }) => isOwn || !withPort.has(backend.ID));
  const distinct = new Map(shown.map((door) => [`${door.frontend.Listen} ${door.backend.ID}`, door]));
  return [...distinct.values()];
}

const isWholePort = ({ Host, Path }: Route): boolean => Host === '' && Path === '/';

/** Two services of one job on one port are told apart by their names. */
function nameOf(door: Door, all: readonly Door[]): string {
  const plain = plainName(door);
  const isAlone = all.every((other) => other.backend.ID === door.backend.ID || plainName(other) !== plain);
  return isAlone ? plain : `${cleaned(appOf(door.backend))}_${cleaned(door.backend.Service)}_${door.frontend.Listen}`;
}

const plainName = ({ frontend, backend }: Door): string => `${cleaned(appOf(backend))}_${frontend.Listen}`;

const cleaned = (id: string): string => id.replaceAll('/', '_');

/** "default/shop/web/shop-web" → "shop/web"; what is in another namespace says so. */
function appOf({ ID }: Backend): string {
  const parts = ID.split('/');
  return parts.slice(parts[0] === 'default' ? 1 : 0, -1).join('/');
}

/** What is about to stop is none any more: marathon-lb leaves out tasks that are being killed. */
function serverOf(server: BackendServer, pool: Pool, report: IngressReport): LbServer[] {
  const { AllocID, Address, Port, State, IsKept } = server;
  if (State === 'draining' && IsKept !== true) return [];
  const said = report.Servers[serverKey(AllocID, Port)];
  const place = { name: serverName(Address, Port), address: Address, port: Port };
  return [{ ...place, ...conditionOf(State, said), weight: State === 'ready' ? Math.round(pool.Weight) : 0 }];
}

function conditionOf(
  wanted: BackendServer['State'],
  said: IngressServerStatus | undefined,
): Pick<LbServer, 'status' | 'inFlight'> {
  const inFlight = said?.InFlight ?? 0;
  if (wanted === 'ready') return { status: said?.State === 'ready' ? 'UP' : 'DOWN', inFlight };
  return { status: 'MAINT', inFlight: said?.State === 'drained' ? inFlight : Math.max(1, inFlight) };
}

/** "127.0.0.1", 31001 → "127_0_0_1_31001": the host of a task is its address here. */
export const serverName = (address: string, port: number): string =>
  `${address.replace(/[^A-Za-z0-9-]/g, '_')}_${port}`;

function figuresOf({ ID }: Backend, { Figures = [] }: IngressReport) {
  const own = Figures.filter(({ Backend: id }) => id === ID);
  const sum = (field: 'Requests' | 'Errors' | 'InFlight') => own.reduce((total, figure) => total + figure[field], 0);
  return { requests: sum('Requests'), errors: sum('Errors'), inFlight: sum('InFlight') };
}
