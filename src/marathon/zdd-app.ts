/**
 * The app of one colour of a blue/green deployment, as zdd.py makes it of an app definition: an id and labels of its own, and
 * the service port that the other colour does not have. All state of a deployment is in these labels, so that whoever comes
 * later can go on with it.
 */
import { parseApp } from './parse-app.ts';
import { readApp } from './read-app.ts';

export type Colour = 'blue' | 'green';

/** A colour that is there, as /v2 answers it. */
export interface ExistingColour {
  readonly id: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  readonly instances: number;
}

export interface ZddDefinition {
  /** As it was written. */
  readonly json: Record<string, unknown>;
  /** Without a slash at the beginning. */
  readonly appId: string;
  readonly group: string;
  readonly ports: readonly number[];
  readonly altPort: number;
  readonly instances: number;
}

/** A field that a deployment of two colours needs and the app does not have. */
export class ZddFieldMissing extends Error {
  override readonly name = 'ZddFieldMissing';
}

/** Throws a `MarathonProblem` where the app itself is wrong, and a `ZddFieldMissing`. */
export function readZddDefinition(json: Record<string, unknown>): ZddDefinition {
  const app = readApp(parseApp(json).input);
  const { HAPROXY_DEPLOYMENT_GROUP: group, HAPROXY_DEPLOYMENT_ALT_PORT: alt } = app.labels;
  const ports = app.ports ?? [];
  const needed: readonly (readonly [isThere: boolean, what: string])[] = [
    [Boolean(json['id']), 'id'],
    [Boolean(group), 'the label HAPROXY_DEPLOYMENT_GROUP, the same for both colours'],
    [/^\d+$/.test(alt ?? ''), 'the label HAPROXY_DEPLOYMENT_ALT_PORT, a service port for the other colour'],
    [(ports[0] ?? 0) > 0, 'a service port: ports, portDefinitions or portMappings with a number'],
    [app.instances > 0, 'instances, 1 or more'],
  ];
  const missing = needed.filter(([isThere]) => !isThere).map(([, what]) => what);
  if (missing.length > 0) throw new ZddFieldMissing(`The app needs ${missing.join('; ')}.`);
  return { json, appId: app.id.slice(1), group: group!, ports, altPort: Number(alt), instances: app.instances };
}

/** The apps of the same deployment, the newest first. */
export const coloursOf = <T extends ExistingColour>({ group, appId }: ZddDefinition, apps: readonly T[]): T[] =>
  apps
    .filter(({ labels }) => labels?.HAPROXY_DEPLOYMENT_GROUP === group && labels.HAPROXY_APP_ID === appId)
    .sort((a, b) => compareText(startedAt(b), startedAt(a)));

const startedAt = ({ labels }: ExistingColour): string => labels?.HAPROXY_DEPLOYMENT_STARTED_AT ?? '';
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export interface ColourOptions {
  readonly instances: number;
  /** As many as the new colour is to have where both shall stay; 0: it replaces the other. */
  readonly newInstances: number;
  readonly nowMs: number;
}

/** What is to be put for the colour that comes beside `existing`, or first. */
export function nextColour(
  definition: ZddDefinition,
  existing: ExistingColour | undefined,
  { instances, newInstances, nowMs }: ColourOptions,
): Record<string, unknown> & { readonly id: string } {
  const { json, appId, group, ports } = definition;
  const colour: Colour = existing?.labels?.HAPROXY_DEPLOYMENT_COLOUR === 'blue' ? 'green' : 'blue';
  const first = existing?.ports?.[0] === ports[0] ? definition.altPort : ports[0]!;
  // Each further port gets a free number: users come in by the number that was written, whichever colour serves them.
  const own = ports.map((_, at) => (at === 0 ? first : 0));
  const labels: Record<string, string> = {
    ...(json['labels'] as Record<string, string>),
    HAPROXY_APP_ID: appId,
    HAPROXY_DEPLOYMENT_GROUP: group,
    HAPROXY_DEPLOYMENT_COLOUR: colour,
    HAPROXY_DEPLOYMENT_STARTED_AT: new Date(nowMs).toISOString(),
    HAPROXY_DEPLOYMENT_TARGET_INSTANCES: String(definition.instances),
    HAPROXY_DEPLOYMENT_NEW_INSTANCES: String(newInstances),
  };
  for (const [at, port] of ports.entries()) if (port > 0) labels[`HAPROXY_${at}_PORT`] = String(port);
  return { ...withPorts(json, own), id: `/${appId}-${colour}`, instances, labels };
}

type Json = Record<string, unknown>;

/** In whichever of its places the app says its ports; the other keys stay as they were written. */
function withPorts(json: Json, ports: readonly number[]): Json {
  const app = { ...json };
  if (Array.isArray(app['ports'])) app['ports'] = ports;
  if (Array.isArray(app['portDefinitions'])) app['portDefinitions'] = numbered(app['portDefinitions'], 'port', ports);
  if (isObject(app['container'])) app['container'] = withMappings(app['container'], ports);
  return app;
}

function withMappings(container: Json, ports: readonly number[]): Json {
  const changed = { ...container };
  if (isObject(changed['docker'])) changed['docker'] = withMappings(changed['docker'], ports);
  if (Array.isArray(changed['portMappings'])) {
    changed['portMappings'] = numbered(changed['portMappings'], 'servicePort', ports);
  }
  return changed;
}

const numbered = (list: readonly unknown[], key: string, ports: readonly number[]): Json[] =>
  list.map((each, at) => ({ ...(each as Json), [key]: ports[at] ?? 0 }));

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
