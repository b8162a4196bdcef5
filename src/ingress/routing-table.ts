/**
 * The routing table as a pure function of jobs, allocations and deployments: the same answer whatever the order of
 * what it is given. What it leaves out gets no traffic; what it calls draining must be acknowledged before it is killed.
 */
import type { Backend, Frontend, Redirect, Route, RouteAuth, RouteConflict, RoutingTable } from '../model/ingress.ts';
import { usersIn } from '../model/ingress-users.ts';
import { type IngressWay, portSpeech, purposeRank, waysOf } from '../model/ingress-ways.ts';
import { type BackendPlan, planBackends } from './backend-plan.ts';
import { compareRoutes, compareText } from './route-match.ts';
import type { RoutingInput } from './routing-input.ts';

/** A backend asks for one way in. */
interface Claim extends IngressWay {
  readonly Mode: Frontend['Mode'];
  readonly backend: Backend;
  /** Which of the backend's own ways it is: what the job says now comes first. */
  readonly turn: number;
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
    .map((way, turn) => ({ ...placeOf(way), backend: way.isPreview ? preview : backend, turn, jobCreateIndex }));
}

/** A job "a/web" with a service "preview" bears the name of the preview of the service "web" of job "a": the job has it. */
function withoutTwins(claims: readonly Claim[], plans: readonly BackendPlan[]): Claim[] {
  const names = new Set(plans.map(({ backend }) => backend.ID));
  return claims.filter((claim) => !claim.isPreview || !names.has(claim.backend.ID));
}

function placeOf(way: IngressWay): IngressWay & Pick<Claim, 'Mode'> {
  // What is not HTTP has neither host nor path: the whole port is one route.
  if (way.Mode === 'tcp') return { ...way, Mode: 'tcp', Host: '', Path: '/' };
  return { ...way, Mode: 'http', Host: way.Host.toLowerCase(), Path: way.Path === '' ? '/' : way.Path };
}

/**
 * The older job comes first: a route that serves is not taken over by whoever comes later. Within one job no preview
 * takes a route that users come in by, and what its present version says decides what a port speaks.
 */
function compareClaims(a: Claim, b: Claim): number {
  return (
    a.jobCreateIndex - b.jobCreateIndex ||
    purposeRank(a) - purposeRank(b) ||
    compareText(a.backend.ID, b.backend.ID) ||
    a.turn - b.turn ||
    a.Listen - b.Listen ||
    compareText(a.Mode, b.Mode) ||
    compareRoutes(a, b)
  );
}

const routeKey = ({ Listen, Host, Path }: Claim): string => `${Listen} ${Host} ${Path}`;

/** A port speaks one mode, with TLS or without: as the first asked who got it. */
function holderOf(claim: Claim, granted: ReadonlyMap<string, Claim>, modes: ReadonlyMap<number, Claim>) {
  const first = modes.get(claim.Listen);
  if (first !== undefined && portSpeech(first) !== portSpeech(claim)) return first;
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
  const byPort = new Map<number, Claim[]>();
  for (const claim of claims) {
    const others = byPort.get(claim.Listen);
    if (others === undefined) byPort.set(claim.Listen, [claim]);
    else others.push(claim);
  }
  return [...byPort.values()].map(frontendOf).sort((a, b) => a.Listen - b.Listen);
}

function frontendOf(claims: readonly Claim[]): Frontend {
  const { Listen, Mode, hasTls } = claims[0]!;
  const sorted = claims.toSorted(compareRoutes);
  const locks = locksOf(claims);
  const redirects = sorted.flatMap(redirectsOf);
  return {
    Listen,
    Mode,
    ...(hasTls && { TLS: true as const }),
    Routes: sorted.flatMap((claim) => routesOf(claim, locks.get(claim.backend.ID))),
    ...(redirects.length > 0 && { Redirects: redirects }),
  };
}

/**
 * By backend: what users are asked for on the port. The first claim of a backend is what its job says now, and it speaks
 * for those that only versions on their way out still have.
 */
function locksOf(claims: readonly Claim[]): Map<string, RouteAuth | undefined> {
  const locks = new Map<string, RouteAuth | undefined>();
  for (const { backend, redirectTo, auth } of claims) {
    if (redirectTo === undefined && !locks.has(backend.ID)) locks.set(backend.ID, lockOf(auth, backend));
  }
  return locks;
}

function lockOf({ AuthUsers, AuthRealm }: Claim['auth'], { Service }: Backend): RouteAuth | undefined {
  return AuthUsers === undefined ? undefined : { Realm: AuthRealm ?? Service, Users: usersIn(AuthUsers) };
}

function routesOf({ Host, Path, backend, redirectTo }: Claim, Auth: RouteAuth | undefined): Route[] {
  return redirectTo === undefined ? [{ Host, Path, Backend: backend, ...(Auth && { Auth }) }] : [];
}

const redirectsOf = ({ Host, Path, redirectTo }: Claim): Redirect[] =>
  redirectTo === undefined ? [] : [{ Host, Path, Port: redirectTo }];

/** Every backend of a table once, by id. */
export function backendsOf(table: RoutingTable): Map<string, Backend> {
  const routes: Route[] = table.Frontends.flatMap(({ Routes }) => Routes);
  return new Map(routes.map(({ Backend: backend }) => [backend.ID, backend]));
}
