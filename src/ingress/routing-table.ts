/**
 * The routing table as a pure function of jobs, allocations and deployments: the same answer whatever the order of
 * what it is given. What it leaves out gets no traffic; what it calls draining must be acknowledged before it is killed.
 */
import type { Backend, Frontend, Route, RouteConflict, RoutingTable } from '../model/ingress.ts';
import { type IngressWay, waysOf } from '../model/ingress-ways.ts';
import { type BackendPlan, planBackends } from './backend-plan.ts';
import { compareRoutes, compareText } from './route-match.ts';
import type { RoutingInput } from './routing-input.ts';

/** A backend asks for one way in. */
interface Claim {
  readonly Listen: number;
  readonly Mode: Frontend['Mode'];
  readonly Host: string;
  readonly Path: string;
  readonly backend: Backend;
  readonly jobCreateIndex: number;
}

export function planRoutingTable(input: RoutingInput): RoutingTable {
  const plans = planBackends(input);
  const claims = withoutTwins(plans.flatMap(claimsOf), plans).sort(compareClaims);
  const granted = new Map<string, Claim>();
  const modes = new Map<number, Claim>();
  const conflicts: RouteConflict[] = [];
  for (const claim of claims) {
    const holder = holderOf(claim, granted, modes);
    if (holder === undefined) grant(claim, granted, modes);
    else if (holder.backend !== claim.backend) conflicts.push(conflictOf(claim, holder));
  }
  const table = { Index: input.index, Frontends: frontendsOf([...granted.values()]) };
  return conflicts.length === 0 ? table : { ...table, Conflicts: conflicts };
}

function claimsOf({ backend, preview, jobCreateIndex, ways }: BackendPlan): Claim[] {
  return ways
    .flatMap(waysOf)
    .map((way) => ({ ...placeOf(way), backend: way.isPreview ? preview : backend, jobCreateIndex }));
}

/** A job "a/web" with a service "preview" bears the name of the preview of the service "web" of job "a": the job has it. */
function withoutTwins(claims: readonly Claim[], plans: readonly BackendPlan[]): Claim[] {
  const names = new Set(plans.map(({ backend }) => backend.ID));
  return claims.filter((claim) => !isPreview(claim) || !names.has(claim.backend.ID));
}

type Place = Pick<Claim, 'Listen' | 'Mode' | 'Host' | 'Path'>;

function placeOf({ Listen, Mode, Host, Path }: IngressWay): Place {
  // What is not HTTP has neither host nor path: the whole port is one route.
  if (Mode === 'tcp') return { Listen, Mode, Host: '', Path: '/' };
  return { Listen, Mode: 'http', Host: Host.toLowerCase(), Path: Path === '' ? '/' : Path };
}

/**
 * The older job comes first: a route that serves is not taken over by whoever comes later. Within one job no preview
 * takes a route that users come in by.
 */
function compareClaims(a: Claim, b: Claim): number {
  return (
    a.jobCreateIndex - b.jobCreateIndex ||
    Number(isPreview(a)) - Number(isPreview(b)) ||
    compareText(a.backend.ID, b.backend.ID) ||
    a.Listen - b.Listen ||
    compareText(a.Mode, b.Mode) ||
    compareRoutes(a, b)
  );
}

const isPreview = ({ backend }: Claim): boolean => backend.IsPreview === true;

const routeKey = ({ Listen, Host, Path }: Claim): string => `${Listen} ${Host} ${Path}`;

/** A port speaks one mode: that of the first who asked for it. */
function holderOf(claim: Claim, granted: ReadonlyMap<string, Claim>, modes: ReadonlyMap<number, Claim>) {
  const first = modes.get(claim.Listen);
  if (first !== undefined && first.Mode !== claim.Mode) return first;
  return granted.get(routeKey(claim));
}

function grant(claim: Claim, granted: Map<string, Claim>, modes: Map<number, Claim>): void {
  granted.set(routeKey(claim), claim);
  if (!modes.has(claim.Listen)) modes.set(claim.Listen, claim);
}

const conflictOf = (claim: Claim, holder: Claim): RouteConflict => ({
  Listen: claim.Listen,
  Host: claim.Host,
  Path: claim.Path,
  Backend: holder.backend.ID,
  LeftOut: claim.backend.ID,
});

function frontendsOf(claims: readonly Claim[]): Frontend[] {
  const frontends = new Map<number, Frontend>();
  for (const { Listen, Mode, Host, Path, backend } of claims) {
    const frontend = frontends.get(Listen) ?? { Listen, Mode, Routes: [] };
    frontends.set(Listen, frontend);
    frontend.Routes.push({ Host, Path, Backend: backend });
  }
  for (const frontend of frontends.values()) frontend.Routes.sort(compareRoutes);
  return [...frontends.values()].sort((a, b) => a.Listen - b.Listen);
}

/** Every backend of a table once, by id. */
export function backendsOf(table: RoutingTable): Map<string, Backend> {
  const routes: Route[] = table.Frontends.flatMap(({ Routes }) => Routes);
  return new Map(routes.map(({ Backend: backend }) => [backend.ID, backend]));
}
