/**
 * A resource of Marathon's API as data. `{id}` stands for a path of any number of segments, any other name for one
 * segment. The first route of the table whose path and method both fit answers, so an app may be called like a suffix.
 */
import type { Answer } from '../answer.ts';
import type { Call } from '../route.ts';

export type MarathonHandler = (call: Call) => Answer | Promise<Answer>;

export interface MarathonRoute {
  readonly path: string;
  readonly HEAD?: MarathonHandler;
  readonly GET?: MarathonHandler;
  readonly POST?: MarathonHandler;
  readonly PUT?: MarathonHandler;
  readonly PATCH?: MarathonHandler;
  readonly DELETE?: MarathonHandler;
}

export const MARATHON_METHODS = ['HEAD', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type MarathonMethod = (typeof MARATHON_METHODS)[number];

export interface Routed {
  readonly handler: MarathonHandler;
  readonly params: Readonly<Record<string, string>>;
}

/** undefined: no such path; "method": there is one, and it does not answer the method. */
export type Router = (method: string, path: string) => Routed | 'method' | undefined;

export function marathonRouter(routes: readonly MarathonRoute[]): Router {
  const patterns = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  return (method, path) => {
    const fitting = patterns.flatMap(({ route, pattern }) => {
      const params = paramsOf(pattern, path);
      return params ? [{ handler: handlerOf(route, method), params }] : [];
    });
    const answering = fitting.find(({ handler }) => handler !== undefined);
    if (answering) return answering as Routed;
    return fitting.length > 0 ? 'method' : undefined;
  };
}

/** What can be read can be asked for its head. */
function handlerOf(route: MarathonRoute, method: string): MarathonHandler | undefined {
  if (method === 'HEAD') return route.HEAD ?? route.GET;
  return route[method as MarathonMethod];
}

function patternOf(path: string): RegExp {
  const source = path
    .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replace(/\{(\w+)\}/g, (_, name: string) => (name === 'id' ? '(?<id>.+?)' : `(?<${name}>[^/]+)`));
  return new RegExp(`^${source}$`);
}

function paramsOf(pattern: RegExp, path: string): Record<string, string> | undefined {
  const match = pattern.exec(path);
  if (!match) return undefined;
  try {
    return Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]),
    );
  } catch {
    return undefined;
  }
}

/** Slashes collapsed, none at the end: clients double them and add one. */
export function pathOf(url: string): string {
  const path = url.replace(/[?#].*$/s, '').replace(/\/{2,}/g, '/');
  return path.length > 1 ? path.replace(/\/$/, '') : path;
}
