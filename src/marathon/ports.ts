/** The ports of an app's tasks: their labels, and what the group asks of the network. */
import type { MarathonApp, PortDefinition } from './app.ts';
import { isMapped } from './read-app.ts';

/** A label for each port in order: its name where it has one that can be a label, else "port0". */
export function portLabels(app: MarathonApp): string[] {
  const names = namesOf(app).map(({ name }, at) => (name && /^[A-Za-z0-9_-]+$/.test(name) ? name : `port${at}`));
  return names.map((name, at) => (names.indexOf(name) === at ? name : `port${at}`));
}

/** As the app names them, in order; undefined: it has none. */
export const portNames = (app: MarathonApp): (string | undefined)[] => namesOf(app).map(({ name }) => name);

const namesOf = ({ portDefinitions = [], ipAddress }: MarathonApp): readonly Pick<PortDefinition, 'name'>[] =>
  portDefinitions.length > 0 ? portDefinitions : (ipAddress?.discovery.ports ?? []);

/** Host ports are the node's choice, unless the app requires its own numbers or a mapping names one. */
export function networkOf(app: MarathonApp): object[] | null {
  const labels = portLabels(app);
  if (labels.length === 0) return null;
  const ports = labels.map((Label, at) => ({ Label, ...wishOf(app, at) }));
  return [
    {
      Mode: 'host',
      DynamicPorts: ports.filter(({ Value }) => Value === 0),
      ReservedPorts: ports.filter(({ Value }) => Value !== 0),
    },
  ];
}

function wishOf(app: MarathonApp, at: number): { Value: number; To: number } {
  if (isMapped(app)) {
    const { hostPort = 0, containerPort = 0 } = app.container?.docker?.portMappings[at] ?? {};
    // A container port of 0 is the host's number.
    return { Value: hostPort, To: containerPort === 0 ? -1 : containerPort };
  }
  return { Value: app.requirePorts ? (app.ports?.[at] ?? 0) : 0, To: 0 };
}

/** By which number a task knows its port: the container's where it is mapped, else the service port. */
export function requestedPort(app: MarathonApp, at: number): number {
  return (isMapped(app) ? app.container?.docker?.portMappings[at]?.containerPort : app.ports?.[at]) ?? 0;
}
