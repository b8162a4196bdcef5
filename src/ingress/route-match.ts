/**
 * Which route a request takes: the first that matches, in the order of `compareRoutes`. Both data planes follow it.
 *
 * A host comes before its wildcard, and any host after both; within one host the longest path prefix comes first.
 * A prefix ends at a path's segment: "/api" takes "/api" and "/api/users", not "/apiary".
 */

export interface RoutePlace {
  readonly Host: string;
  readonly Path: string;
}

export function compareRoutes(a: RoutePlace, b: RoutePlace): number {
  return (
    hostRank(a.Host) - hostRank(b.Host) ||
    b.Host.length - a.Host.length ||
    b.Path.length - a.Path.length ||
    compareText(a.Host, b.Host) ||
    compareText(a.Path, b.Path)
  );
}

/** `routes` in the order of `compareRoutes`; `host` as a client sent it, port and all. */
export function matchRoute<R extends RoutePlace>(routes: readonly R[], host: string, path: string): R | undefined {
  if (routes.length === 1 && routes[0]!.Host === '' && routes[0]!.Path === '/') return routes[0];
  const name = hostName(host);
  return routes.find((route) => hostMatches(route.Host, name) && pathMatches(route.Path, path));
}

/** Without the port, in lower case, without a trailing dot. */
export function hostName(host: string): string {
  return host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
}

function hostMatches(pattern: string, name: string): boolean {
  if (pattern === '' || pattern === '*') return true;
  if (pattern.startsWith('*.')) return name.length > pattern.length - 1 && name.endsWith(pattern.slice(1));
  return pattern === name;
}

function pathMatches(prefix: string, path: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/';
}

function hostRank(host: string): number {
  if (host === '' || host === '*') return 2;
  return host.startsWith('*.') ? 1 : 0;
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
