/** Service ports: each 0 of an app becomes a number that no app uses; an update keeps the numbers that it had. */
import type { MarathonApp } from './app.ts';
import { definitionOfMapping, isMapped } from './read-app.ts';

export const SERVICE_PORTS = { first: 10_000, last: 19_999 } as const;

/**
 * The app with every service port a number. `taken`: those of all apps; `before`: the app as it was, whose dynamic ports
 * an update keeps, in their order. Explicit numbers are taken as they are, used elsewhere or not.
 */
export function withServicePorts(app: MarathonApp, taken: Iterable<number>, before?: MarathonApp): MarathonApp {
  if (app.ports === undefined) return app;
  const used = new Set([...taken, ...app.ports, ...(before?.ports ?? [])]);
  const own = keptPorts(app, before);
  const next = freePorts(used);
  const ports = app.ports.map((port) => (port !== 0 ? port : (own.shift() ?? next())));
  return withPorts(app, ports);
}

/** Dynamic ones of before that the app does not name itself now. */
function keptPorts({ ports = [] }: MarathonApp, before: MarathonApp | undefined): number[] {
  const isDynamic = (port: number): boolean => port >= SERVICE_PORTS.first && port <= SERVICE_PORTS.last;
  return (before?.ports ?? []).filter((port) => isDynamic(port) && !ports.includes(port));
}

/** Where all are used, 0 stays: nobody can have it by a service port then. */
function freePorts(used: Set<number>): () => number {
  let candidate: number = SERVICE_PORTS.first;
  return () => {
    while (used.has(candidate)) candidate++;
    if (candidate > SERVICE_PORTS.last) return 0;
    used.add(candidate);
    return candidate;
  };
}

/** Definitions and mappings say the same numbers. */
function withPorts(app: MarathonApp, ports: number[]): MarathonApp {
  const { container, portDefinitions = [] } = app;
  if (!isMapped(app) || !container?.docker) {
    return { ...app, ports, portDefinitions: portDefinitions.map((each, at) => ({ ...each, port: ports[at]! })) };
  }
  const portMappings = container.docker.portMappings.map((each, at) => ({ ...each, servicePort: ports[at]! }));
  return {
    ...app,
    ports,
    portDefinitions: portMappings.map(definitionOfMapping),
    container: { ...container, docker: { ...container.docker, portMappings } },
  };
}
