/** What marathon-lb's labels of an app do not do here, one sentence for each. */
import type { MarathonApp } from './app.ts';
import { isBalance, isListed, isTrue, labelOf, portIn } from './labels.ts';

interface Rule {
  readonly label: RegExp;
  /** undefined: nothing to say about this value. */
  readonly instead: (value: string) => string | undefined;
}

const says = (sentence: string) => (): string => sentence;
const NOTHING = 'does nothing here:';

/** The first rule that fits a label speaks of it. */
const RULES: readonly Rule[] = [
  {
    label: /^HAPROXY_\d+_BALANCE$/,
    instead: (value) =>
      isBalance(value)
        ? undefined
        : `${NOTHING} roundrobin, leastconn and source are known; for clients that stay there is HAPROXY_n_STICKY too`,
  },
  { label: /^HAPROXY_\d+_BACKEND_WEIGHT$/, instead: says(`${NOTHING} the longest path wins, then the older app`) },
  {
    label: /^HAPROXY_\d+_(HTTP_BACKEND_PROXYPASS_PATH|HTTP_BACKEND_REVPROXY_PATH|HTTP_BACKEND_REDIR)$/,
    instead: says(`${NOTHING} let the app answer that`),
  },
  {
    label: /^HAPROXY_\d+_SSL_CERT$/,
    instead: says('makes the service port speak TLS; its certificate must be one of ingress.certificates'),
  },
  {
    label: /^HAPROXY_\d+_(BIND_ADDR|BIND_OPTIONS)$/,
    instead: says(`${NOTHING} say it in the agent's configuration`),
  },
  {
    label: /^HAPROXY_\d+_BACKEND_HEALTHCHECK_PORT_INDEX$/,
    instead: says(`${NOTHING} the health check's own portIndex counts`),
  },
  {
    label: /^HAPROXY_\d+_PORT$/,
    instead: (value) =>
      portIn(value) !== undefined ? undefined : `is no port ("${value}"): the app's own service port counts`,
  },
  {
    label:
      /^HAPROXY_\d+_(VHOST|PATH|AUTH|MODE|GROUP|ENABLED|STICKY|REDIRECT_TO_HTTPS|USE_HSTS|BACKEND_NETWORK_ALLOWED_ACL)$/,
    instead: () => undefined,
  },
  {
    label: /^HAPROXY_(GROUP|APP_ID|DEPLOYMENT_(GROUP|ALT_PORT|COLOUR|STARTED_AT|TARGET_INSTANCES|NEW_INSTANCES))$/,
    instead: () => undefined,
  },
  {
    label: /^HAPROXY_(\d+_)?(BACKEND|FRONTEND|HTTP|HTTPS|MAP|TCP|USERLIST)_/,
    instead: says(`${NOTHING} put it into the HAProxy template of the agent's configuration`),
  },
  { label: /^HAPROXY_/, instead: says(`${NOTHING} marathon-lb has no such label either`) },
];

export function labelWarnings(app: MarathonApp): string[] {
  const names = Object.keys(app.labels).filter((name) => name.startsWith('HAPROXY_'));
  const single = names.flatMap((name) => {
    const sentence = RULES.find(({ label }) => label.test(name))?.instead(app.labels[name]!);
    return sentence === undefined ? [] : [`the label ${name} ${sentence}`];
  });
  return [...single, ...placeWarnings(app, names)];
}

/** Labels that are right, in a place where they open nothing. */
function placeWarnings(app: MarathonApp, names: readonly string[]): string[] {
  const numbers = [...new Set(names.flatMap((name) => /^HAPROXY_(\d+)_/.exec(name)?.[1] ?? []))].map(Number);
  const count = app.portDefinitions?.length ?? app.ports?.length ?? 0;
  return numbers.flatMap((at) => {
    if (at >= count) return [`the labels HAPROXY_${at}_… are of a port that the app does not have: it has ${count}`];
    const opens = ['VHOST', 'PORT'].find((name) => labelOf(app, at, name));
    if (opens !== undefined && !isListed(app, at) && labelOf(app, at, 'ENABLED') === undefined)
      return [`the label HAPROXY_${at}_${opens} opens nothing without HAPROXY_GROUP, or HAPROXY_${at}_GROUP`];
    if (isTrue(labelOf(app, at, 'REDIRECT_TO_HTTPS')) && !labelOf(app, at, 'VHOST'))
      return [`the label HAPROXY_${at}_REDIRECT_TO_HTTPS needs HAPROXY_${at}_VHOST`];
    if (labelOf(app, at, 'AUTH') && !labelOf(app, at, 'VHOST'))
      return [`the label HAPROXY_${at}_AUTH needs HAPROXY_${at}_VHOST: service ports ask for no password`];
    if (labelOf(app, at, 'PATH') && !labelOf(app, at, 'VHOST'))
      return [`the label HAPROXY_${at}_PATH needs HAPROXY_${at}_VHOST`];
    return [];
  });
}
