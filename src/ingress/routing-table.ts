/**
 * The routing table as a pure function of jobs, allocations and deployments: the same answer whatever the order of
 * what it is given. What it leaves out gets no traffic; what it calls draining must be acknowledged before it is killed.
 */
import type { Backend, Frontend, Route, RouteConflict, RoutingTable } from '../model/ingress.ts';
import { type BackendPlan, planBackends } from './backend-plan.ts';
import { compareRoutes, compareText } from './route-match.ts';
import type { RoutingInput } from './routing-input.ts';

/** A backend asks for one way in. */
interface Claim {
  readonly Listen: number;
  readonly Mode: Frontend['Mode'];
  readonly Host: string;
  readonly Path: string;
  readonly plan: BackendPlan;
}

export function planRoutingTable(input: RoutingInput): RoutingTable {
  const claims = planBackends(input).flatMap(claimsOf).sort(compareClaims);
  const granted = new Map<string, Claim>();
  const modes = new Map<number, Claim>();
  const conflicts: RouteConflict[] = [];
  for (const claim of claims) {
    const holder = holderOf(claim, granted, modes);
    if (holder === undefined) grant(claim, granted, modes);
    else if (holder.plan !== claim.plan) conflicts.push(conflictOf(claim, holder));
  }
  const table = { Index: input.index, Frontends: frontendsOf([...granted.values()]) };
  return conflicts.length === 0 ? table : { ...table, Conflicts: conflicts };
}

function claimsOf(plan: BackendPlan): Claim[] {
  return plan.ways.map((way) => ({
    Listen: way.Listen,
    Mode: way.Mode === 'tcp' ? 'tcp' : 'http',
    // What is not HTTP has neither host nor path: the whole port is one route.
    Host: way.Mode === 'tcp' ? '' : way.Host.toLowerCase(),
    Path: way.Mode === 'tcp' || way.Path === '' ? '/' : way.Path,
    plan,
  }));
}

/** The older job comes first: a route that serves is not taken over by whoever comes later. */
function compareClaims(a: Claim, b: Claim): number {
  return (
    a.plan.jobCreateIndex - b.plan.jobCreateIndex ||
    compareText(a.plan.backend.ID, b.plan.backend.ID) ||
    a.Listen - b.Listen ||
    compareText(a.Mode, b.Mode) ||
    compareRoutes(a, b)
  );
}

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
  Backend: holder.plan.backend.ID,
  LeftOut: claim.plan.backend.ID,
});

function frontendsOf(claims: readonly Claim[]): Frontend[] {
  const frontends = new Map<number, Frontend>();
  for (const { Listen, Mode, Host, Path, plan } of claims) {
    const frontend = frontends.get(Listen) ?? { Listen, Mode, Routes: [] };
    frontends.set(Listen, frontend);
    frontend.Routes.push({ Host, Path, Backend: plan.backend });
  }
  for (const frontend of frontends.values()) frontend.Routes.sort(compareRoutes);
  return [...frontends.values()].sort((a, b) => a.Listen - b.Listen);
}

/** Every backend of a table once, by id. */
export function backendsOf(table: RoutingTable): Map<string, Backend> {
  const routes: Route[] = table.Frontends.flatMap(({ Routes }) => Routes);
  return new Map(routes.map(({ Backend: backend }) => [backend.ID, backend]));
}
