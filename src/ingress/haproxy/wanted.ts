/**
 * What HAProxy shall be, as a pure function of the routing table and of what its slots hold now: the layout, which only
 * a reload can change, and the rest (servers, maps), which its runtime API can.
 */
import { createHash } from 'node:crypto';
import type {
  Backend,
  BackendCheck,
  BackendServer,
  Frontend,
  Pool,
  RouteAuth,
  RoutingTable,
} from '../../model/ingress.ts';
import { IDLE_TIMEOUT_MS, REQUEST_TIMEOUT_MS, serverKey } from '../../model/ingress.ts';
import { hearsWishes } from '../embedded/wish.ts';
import { serviceName, slotName, waitName } from './names.ts';
import { poolChoice } from './pool-choice.ts';
import { routeMaps } from './route-maps.ts';
import { assignSlots, LEAST_SLOTS, poolKey, type SlotContent } from './slots.ts';
import { markEntries, stickyEntries, type WishingService, wishSpec, wordEntries } from './wishes.ts';

export interface LayoutService {
  readonly name: string;
  readonly backendId: string;
  readonly mode: Frontend['Mode'];
  readonly slots: number;
  readonly check: Pick<BackendCheck, 'Type' | 'Method' | 'TimeoutMs'>;
  readonly requestTimeoutMs: number;
  /** Least connections knows no weights while next to nothing is in flight: where they differ, it is by turns. */
  readonly balance: 'leastconn' | 'roundrobin' | 'source';
  readonly idleTimeoutMs: number;
  /** Its requests may say where they go; the names of the cookies that it sets for that. */
  readonly hearsWishes: boolean;
  readonly stickyCookie: string | undefined;
  readonly trialCookie: string | undefined;
  /** What users read when nobody is ready. */
  readonly refusal: string;
}

export interface LayoutFrontend {
  readonly listen: number;
  readonly mode: Frontend['Mode'];
  readonly hasTls: boolean;
  /** The service that has the whole port; undefined: its routes stand in a map. */
  readonly only: string | undefined;
  /** Of the routes in the map, the wildcard hosts ("*.example.com"), the longest first. */
  readonly wildcards: readonly string[];
  /** The services whose clients may come from these addresses alone. */
  readonly guards: readonly { readonly service: string; readonly networks: readonly string[] }[];
  /** The services that ask for a password here. */
  readonly locks: readonly LayoutLock[];
  /** The services that tell clients to come by TLS alone, and for how long. */
  readonly hsts: readonly { readonly service: string; readonly seconds: number }[];
  /** Pools that a request may have to choose among, at most. */
  readonly choices: number;
  /** Some service behind it hears what requests say about where they go. */
  readonly hearsWishes: boolean;
}

export interface LayoutLock extends RouteAuth {
  readonly service: string;
}

export interface Layout {
  readonly frontends: readonly LayoutFrontend[];
  readonly services: readonly LayoutService[];
}

export interface WantedServer {
  readonly key: string;
  readonly address: string;
  readonly port: number;
  readonly isH2c: boolean;
  readonly sendProxy: 'v1' | 'v2' | undefined;
  /** 100: an ordinary one's. */
  readonly weight: number;
  /** Its place among the others where a client's address chooses; otherwise HAProxy numbers it. */
  readonly number: number | undefined;
  readonly check: BackendCheck;
  /** False: it can be judged only by what becomes of its connections. */
  readonly isChecked: boolean;
}

export interface Wanted {
  readonly layout: Layout;
  /** By slot: those that may get requests. */
  readonly servers: ReadonlyMap<string, ReadonlyMap<string, WantedServer>>;
  /** Servers that the table names as draining: they stay where they are. */
  readonly resting: ReadonlySet<string>;
  /** Whose requests are cut now; `MAP.ends` says so to their clients. */
  readonly overdue: ReadonlySet<string>;
  /** By map, then by key. */
  readonly maps: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** By service, the slot of each pool: for the next time. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export interface Present {
  /** By service: what each slot holds. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<number, SlotContent>>;
  readonly before: Wanted['slots'];
  /** Services with a server whose first check is under way. */
  readonly checking: ReadonlySet<string>;
  /** Keys of servers whose drain deadline has passed. */
  readonly overdue: ReadonlySet<string>;
}

export const MAP = {
  pools: 'pools',
  holds: 'holds',
  limits: 'limits',
  checks: 'checks',
  wishes: 'wishes',
  stickies: 'stickies',
  marks: 'marks',
  ends: 'ends',
} as const;

/** Connecting is enough where a service has no check that can be made from here. */
const CONNECT: BackendCheck = { Type: 'tcp', Path: '', Method: '', IntervalMs: 2000, TimeoutMs: 1000 };
/** However short a service wants requests held: a check under way is waited for. */
const CHECK_HOLD_MS = 1000;

interface Service {
  readonly layout: LayoutService;
  readonly backend: Backend;
  readonly slots: ReadonlyMap<string, number>;
}

/** `closed`: ports that somebody else holds. */
export function wantedOf(table: RoutingTable, present: Present, closed: ReadonlySet<number> = new Set()): Wanted {
  const services = servicesOf(table, present);
  const frontends = table.Frontends.filter((frontend) => !closed.has(frontend.Listen) && isServable(frontend));
  const holds = new Map(services.map((service) => [service.layout.name, holdOf(service, present)]));
  const wishing = services.filter(({ layout }) => layout.hearsWishes).map(wishingService);
  return {
    layout: {
      frontends: frontends.map((frontend) => layoutFrontend(frontend, services)),
      services: services.map(({ layout }) => layout),
    },
    servers: new Map(services.flatMap(serversBySlot)),
    resting: new Set(services.flatMap(({ backend }) => restingOf(backend))),
    overdue: present.overdue,
    maps: new Map([
      [MAP.pools, new Map(services.map((service) => [service.layout.name, choiceOf(service)]))],
      [MAP.holds, holds],
      [MAP.limits, new Map(services.flatMap(limitOf))],
      [MAP.checks, new Map(services.flatMap(checkPaths))],
      [MAP.wishes, new Map(wishing.flatMap((service) => [...wishSpec(service), ...wordEntries(service)]))],
      [MAP.stickies, new Map(wishing.flatMap(stickyEntries))],
      [MAP.marks, new Map(wishing.flatMap(markEntries))],
      [MAP.ends, new Map([...present.overdue].map((key): [string, string] => [key, '1']))],
      ...routeMaps(frontends),
    ]),
    slots: new Map(services.map(({ layout, slots }) => [layout.name, slots])),
  };
}

/** In mode "tcp" a port leads to one service, or it is not opened. */
const isServable = ({ Mode, Routes }: Frontend): boolean => Mode === 'http' || Routes.length === 1;

function servicesOf(table: RoutingTable, present: Present): Service[] {
  const services = new Map<string, Service>();
  for (const { Mode, Routes } of table.Frontends) {
    for (const { Backend: backend } of Routes) {
      const name = serviceName(backend.ID, Mode);
      if (!services.has(name)) services.set(name, serviceOf(name, backend, Mode, present));
    }
  }
  return [...services.values()].sort((a, b) => (a.layout.name < b.layout.name ? -1 : 1));
}

function serviceOf(name: string, backend: Backend, mode: Frontend['Mode'], present: Present): Service {
  const known = present.slots.get(name) ?? new Map<number, SlotContent>();
  const { Type, Method, TimeoutMs } = backend.Check ?? CONNECT;
  const layout: LayoutService = {
    name,
    backendId: backend.ID,
    mode,
    slots: Math.max(LEAST_SLOTS, backend.Pools.length, ...known.keys()),
    check: { Type, Method, TimeoutMs },
    balance: backend.Balance ?? (backend.Pools.some(isUneven) ? 'roundrobin' : 'leastconn'),
    requestTimeoutMs: backend.RequestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    idleTimeoutMs: backend.IdleTimeoutMs ?? IDLE_TIMEOUT_MS,
    hearsWishes: mode === 'http' && hearsWishes(backend),
    stickyCookie: backend.StickyCookie,
    trialCookie: backend.TrialCookie,
    refusal: backend.IsPreview
      ? `no canary of service ${backend.Service} is running`
      : `no instance of ${backend.ID} is ready`,
  };
  return { layout, backend, slots: assignSlots(backend.Pools, known, present.before.get(name)) };
}

function layoutFrontend(frontend: Frontend, services: readonly Service[]): LayoutFrontend {
  const { Listen, Mode, Routes, Redirects = [], TLS = false } = frontend;
  const names = new Set(Routes.map(({ Backend: { ID } }) => serviceName(ID, Mode)));
  const [first] = Routes;
  const isOnly =
    Routes.length === 1 && Redirects.length === 0 && (Mode === 'tcp' || (first!.Host === '' && first!.Path === '/'));
  const wildcards = new Set([...Routes, ...Redirects].map(({ Host }) => Host).filter((host) => host.startsWith('*.')));
  return {
    listen: Listen,
    mode: Mode,
    hasTls: TLS,
    only: isOnly ? [...names][0] : undefined,
    wildcards: isOnly ? [] : [...wildcards].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)),
    guards: services.flatMap(({ layout: { name }, backend: { AllowFrom } }) =>
      AllowFrom !== undefined && names.has(name) ? [{ service: name, networks: AllowFrom }] : [],
    ),
    locks: locksOf(frontend),
    hsts: services.flatMap(({ layout: { name }, backend: { HstsSeconds } }) =>
      TLS && HstsSeconds !== undefined && names.has(name) ? [{ service: name, seconds: HstsSeconds }] : [],
    ),
    choices: Math.max(
      LEAST_SLOTS,
      ...services.filter(({ layout }) => names.has(layout.name)).map((s) => s.layout.slots),
    ),
    hearsWishes: services.some(({ layout }) => names.has(layout.name) && layout.hearsWishes),
  };
}

function locksOf({ Mode, Routes }: Frontend): LayoutLock[] {
  const locks = new Map<string, LayoutLock>();
  for (const {
    Auth,
    Backend: { ID },
  } of Routes) {
    const service = serviceName(ID, Mode);
    if (Auth !== undefined) locks.set(service, { ...Auth, service });
  }
  return [...locks.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
}

const wishingService = ({ layout: { name }, backend, slots }: Service): WishingService => ({
  name,
  backend,
  slotOfPool: (pool) => slotName(name, slots.get(poolKey(pool))!),
});

function serversBySlot({ layout, backend, slots }: Service): [string, ReadonlyMap<string, WantedServer>][] {
  return backend.Pools.map((pool) => {
    const ready = pool.Servers.filter(({ State }) => State === 'ready').map((server) => wantedServer(server, backend));
    return [slotName(layout.name, slots.get(poolKey(pool))!), new Map(ready.map((server) => [server.key, server]))];
  });
}

function wantedServer(server: BackendServer, backend: Backend): WantedServer {
  const type = (backend.Check ?? CONNECT).Type;
  const check = checkOf(server, backend);
  return {
    key: serverKey(server.AllocID, server.Port),
    address: server.Address,
    port: server.Port,
    isH2c: server.Protocol === 'h2c',
    sendProxy: server.SendProxy,
    weight: weightOf(server),
    number: backend.Balance === 'source' ? numberOf(server) : undefined,
    check,
    isChecked: check.Type === type,
  };
}

/** The same in every worker and in every ingress: two of a thousand servers have the same once in some 4,000 services. */
const numberOf = ({ AllocID, Port }: BackendServer): number =>
  1_000_000 + ((createHash('sha256').update(serverKey(AllocID, Port)).digest().readUInt32BE() >>> 1) % 2_000_000_000);

/** HAProxy's weights end at 256. */
const weightOf = ({ Weight = 100 }: BackendServer): number => Math.min(Weight, 256);

/** Those that drain count: another way of balancing is a reload, and they may serve again. */
const isUneven = ({ Servers }: Pool): boolean => new Set(Servers.map(weightOf).filter((weight) => weight > 0)).size > 1;

const checkOf = (server: BackendServer, backend: Backend): BackendCheck =>
  (server.Check === undefined ? backend.Check : server.Check) ?? CONNECT;

/** Each server's path by its name: versions of one service may be checked in different ways. */
function checkPaths({ backend }: Service): [string, string][] {
  return backend.Pools.flatMap(({ Servers }) => Servers).flatMap((server): [string, string][] => {
    const check = checkOf(server, backend);
    return check.Type === 'http' ? [[serverKey(server.AllocID, server.Port), check.Path || '/']] : [];
  });
}

function restingOf({ Pools }: Backend): string[] {
  const servers = Pools.flatMap(({ Servers }) => Servers).filter(({ State }) => State === 'draining');
  return servers.map(({ AllocID, Port }) => serverKey(AllocID, Port));
}

function choiceOf({ layout: { name }, backend, slots }: Service): string {
  const shares = backend.Pools.map((pool) => ({
    slot: slotName(name, slots.get(poolKey(pool))!),
    weight: pool.Weight,
  }));
  return poolChoice(shares, waitName(name));
}

function limitOf({ layout: { name }, backend: { HoldLimit } }: Service): [string, string][] {
  return HoldLimit === undefined ? [] : [[name, String(HoldLimit)]];
}

function holdOf({ layout: { name }, backend: { HoldMs } }: Service, { checking }: Present): string {
  return String(checking.has(name) ? Math.max(HoldMs, CHECK_HOLD_MS) : HoldMs);
}
