/**
 * marathon-lb's labels as ways in. An app is listed when its `HAPROXY_GROUP` says so: then each service port is one way in,
 * and each virtual host another.
 */
import { SECOND } from '../model/nanos.ts';
import type { MarathonApp } from './app.ts';

/** What a label of a port says, by its name behind `HAPROXY_<n>_`; the older form `HAPROXY_<n>_` without a value is none. */
const labelOf = ({ labels }: MarathonApp, at: number, name: string): string | undefined =>
  labels[`HAPROXY_${at}_${name}`];

const isTrue = (text: string | undefined): boolean => /^(true|t|yes|y)$/i.test(text ?? '');

/** The port on which marathon-lb listens for virtual hosts. */
const HTTP = 80;
const HTTPS = 443;

export function ingressOf(app: MarathonApp, at: number): object[] | null {
  const group = labelOf(app, at, 'GROUP') ?? app.labels.HAPROXY_GROUP;
  if (!group || labelOf(app, at, 'ENABLED') === 'false') return null;
  const port = Number(labelOf(app, at, 'PORT') ?? app.ports?.[at] ?? 0);
  const shared = sharedOf(app, at);
  const ways = [...(port > 0 ? [{ Listen: port, Mode: modeOf(app, at), ...shared }] : []), ...hostsOf(app, at, shared)];
  return ways.length === 0 ? null : ways;
}

function sharedOf(app: MarathonApp, at: number): object {
  return {
    DrainDeadline: 300 * SECOND,
    ...(isTrue(labelOf(app, at, 'STICKY')) && { Sticky: 'cookie', StickyCookie: 'mesosphere_server_id' }),
  };
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

function hostsOf(app: MarathonApp, at: number, shared: object): object[] {
  const hosts = (labelOf(app, at, 'VHOST') ?? '')
    .split(',')
    .map((host) => host.trim())
    .filter(Boolean);
  const Path = labelOf(app, at, 'PATH') ?? '/';
  const redirects = isTrue(labelOf(app, at, 'REDIRECT_TO_HTTPS'));
  return hosts.map((Host) => ({
    Listen: redirects ? HTTPS : HTTP,
    Mode: 'http',
    Host,
    Path,
    ...(redirects && { TLS: true, RedirectListen: HTTP }),
    ...shared,
  }));
}

/** Labels that mean something to marathon-lb and nothing here. */
const NOT_HONOURED: readonly { readonly label: RegExp; readonly instead: string }[] = [
  { label: /^HAPROXY_\d+_BALANCE$/, instead: 'requests go to the instance with the fewest in flight' },
  {
    label: /^HAPROXY_\d+_(USE_HSTS|HTTP_BACKEND_PROXYPASS_PATH|HTTP_BACKEND_REVPROXY_PATH|HTTP_BACKEND_REDIR)$/,
    instead: 'let the app answer that',
  },
  { label: /^HAPROXY_\d+_(SSL_CERT|BIND_ADDR|BIND_OPTIONS)$/, instead: "say it in the agent's configuration" },
  { label: /^HAPROXY_\d+_AUTH$/, instead: 'let the app ask for it' },
  { label: /^HAPROXY_\d+_BACKEND_WEIGHT$/, instead: 'the longest path wins, then the older app' },
  { label: /^HAPROXY_\d+_BACKEND_NETWORK_ALLOWED_ACL$/, instead: 'limit it in front of the ingress' },
  { label: /^HAPROXY_\d+_BACKEND_HEALTHCHECK_PORT_INDEX$/, instead: "the health check's own portIndex counts" },
  {
    label: /^HAPROXY_\d+_(BACKEND_|FRONTEND_|HTTP_|HTTPS_|MAP_|TCP_|USERLIST_)/,
    instead: "put it into the HAProxy template of the agent's configuration",
  },
];

/** One sentence for each label that is there and does nothing. */
export function labelWarnings({ labels }: MarathonApp): string[] {
  return Object.keys(labels).flatMap((name) => {
    const rule = NOT_HONOURED.find(({ label }) => label.test(name));
    return rule ? [`the label ${name} does nothing here: ${rule.instead}`] : [];
  });
}
