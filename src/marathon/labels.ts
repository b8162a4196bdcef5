/**
 * marathon-lb's labels as ways in. An app is listed when its `HAPROXY_GROUP` says so: then each service port is one way in,
 * and each virtual host another. A label that keeps people out and cannot be honoured keeps everybody out: what was
 * protected is never opened by accident. What a label does not do here, `label-warnings.ts` says.
 */
import { SECOND } from '../model/nanos.ts';
import type { ServiceIngress } from '../model/service.ts';
import type { MarathonApp } from './app.ts';

/** What a label of a port says, by its name behind `HAPROXY_<n>_`; the older form `HAPROXY_<n>_` without a value is none. */
export const labelOf = ({ labels }: MarathonApp, at: number, name: string): string | undefined =>
  labels[`HAPROXY_${at}_${name}`];

export const isTrue = (text: string | undefined): boolean => /^(true|t|yes|y)$/i.test(text ?? '');

/** What marathon-lb says there: half a year. */
const HSTS_SECONDS = 15_768_000;

/** The ports on which marathon-lb listens for virtual hosts. */
const HTTP = 80;
const HTTPS = 443;

export function ingressOf(app: MarathonApp, at: number): object[] | null {
  if (!isListed(app, at)) return null;
  const shared = sharedOf(app, at);
  const ways = [...portOf(app, at, shared), ...hostsOf(app, at, shared)];
  return ways.length === 0 ? null : ways;
}

/** Some load balancer would have it. */
export function isListed(app: MarathonApp, at: number): boolean {
  const enabled = labelOf(app, at, 'ENABLED');
  if (enabled !== undefined && !isTrue(enabled)) return false;
  return Boolean(labelOf(app, at, 'GROUP') ?? app.labels.HAPROXY_GROUP);
}

function sharedOf(app: MarathonApp, at: number): object {
  const allowed = labelOf(app, at, 'BACKEND_NETWORK_ALLOWED_ACL');
  const balance = labelOf(app, at, 'BALANCE');
  return {
    DrainDeadline: 300 * SECOND,
    ...(allowed && { AllowFrom: allowed }),
    ...(isBalance(balance) && { Balance: balance }),
    ...(isTrue(labelOf(app, at, 'USE_HSTS')) && { HSTS: HSTS_SECONDS * SECOND }),
    ...(isTrue(labelOf(app, at, 'STICKY')) && { Sticky: 'cookie', StickyCookie: 'mesosphere_server_id' }),
  };
}

function portOf(app: MarathonApp, at: number, shared: object): object[] {
  const Listen = portIn(labelOf(app, at, 'PORT')) ?? app.ports?.[at] ?? 0;
  if (Listen <= 0) return [];
  const hasTls = Boolean(labelOf(app, at, 'SSL_CERT'));
  const password = Listen === hostsPort(app, at) ? passwordOf(app, at) : undefined;
  if (password === 'wrong') return [];
  return [{ Listen, Mode: modeOf(app, at), ...(hasTls && { TLS: true }), ...password, ...shared }];
}

/** HAProxy knows more: those say by which part of a request one of the instances is chosen. */
export const isBalance = (text: string | undefined): boolean => /^(roundrobin|leastconn|source)$/.test(text ?? '');

/** undefined: it is none. */
export function portIn(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return port > 0 && port <= 65_535 ? port : undefined;
}

/** As marathon-lb has it: said, or an HTTP check or a virtual host, else TCP. */
function modeOf(app: MarathonApp, at: number): string {
  const said = labelOf(app, at, 'MODE');
  if (said) return said;
  const hasHttpCheck = app.healthChecks.some(
    ({ protocol, portIndex }) => protocol === 'HTTP' && (portIndex ?? 0) === at,
  );
  return hasHttpCheck || labelOf(app, at, 'VHOST') ? 'http' : 'tcp';
}

export type Password = Required<Pick<ServiceIngress, 'AuthRealm' | 'AuthUsers'>>;

/** "realm:user:hash"; undefined: none is asked for; "wrong": it cannot be read. */
export function passwordOf(app: MarathonApp, at: number): Password | 'wrong' | undefined {
  const text = labelOf(app, at, 'AUTH');
  if (!text) return undefined;
  const [AuthRealm, user, hash, ...more] = text.split(':');
  return AuthRealm && user && hash && more.length === 0 ? { AuthRealm, AuthUsers: `${user}:${hash}` } : 'wrong';
}

/** A password guards the hosts, not the service port. */
function hostsOf(app: MarathonApp, at: number, shared: object): object[] {
  const password = passwordOf(app, at);
  if (password === 'wrong') return [];
  const hosts = (labelOf(app, at, 'VHOST') ?? '').split(',').map((host) => host.trim());
  const redirects = isTrue(labelOf(app, at, 'REDIRECT_TO_HTTPS'));
  return hosts.filter(Boolean).flatMap((Host) =>
    pathsOf(app, at).map((Path) => ({
      Listen: hostsPort(app, at),
      Mode: 'http',
      Host,
      Path,
      ...(redirects && { TLS: true, RedirectListen: HTTP }),
      ...password,
      ...shared,
    })),
  );
}

const hostsPort = (app: MarathonApp, at: number): number =>
  isTrue(labelOf(app, at, 'REDIRECT_TO_HTTPS')) ? HTTPS : HTTP;

/** "-i /shop /cart": several, with flags of HAProxy that paths have no use for. */
function pathsOf(app: MarathonApp, at: number): string[] {
  const words = (labelOf(app, at, 'PATH') ?? '').split(/\s+/).filter((word) => word.startsWith('/'));
  return words.length === 0 ? ['/'] : [...new Set(words)];
}
