/**
 * Judges where services' traffic comes in, one way in at a time; `validate-routes.ts` looks at all of a job together.
 */
import { formatDuration } from '../lib/duration.ts';
import { isNetwork, networksIn } from '../lib/networks.ts';
import { type ErrorTree, within, wrong, wrongIf } from './error-tree.ts';
import { realmProblem, userProblems } from './ingress-users.ts';
import { describeWay, routeKey } from './ingress-ways.ts';
import type { Service, ServiceIngress } from './service.ts';
import { findRepeated, LAST_PORT } from './validate-network.ts';

const HOST = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;
/** Of a header or a cookie. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Fields that are one of a few words; absent ones have none. */
const WORDS: readonly (readonly [field: string, key: keyof ServiceIngress, words: readonly string[]])[] = [
  ['mode', 'Mode', ['http', 'tcp']],
  ['drain_policy', 'DrainPolicy', ['wait', 'proceed']],
  ['protocol', 'Protocol', ['http', 'h2c']],
  ['send_proxy', 'SendProxy', ['v1', 'v2']],
  ['sticky', 'Sticky', ['cookie']],
  ['balance', 'Balance', ['leastconn', 'roundrobin', 'source']],
];

const DURATIONS = [
  ['drain_deadline', 'DrainDeadline'],
  ['hold', 'Hold'],
  ['request_timeout', 'RequestTimeout'],
  ['idle_timeout', 'IdleTimeout'],
  ['hsts', 'HSTS'],
] as const;

export function validateIngress(service: Service): ErrorTree[] {
  const all = service.Ingress ?? [];
  return [
    ...all.flatMap((ingress, at) => within(`Ingress ${at + 1} validation failed`, validateOne(ingress))),
    ...wrongIf(
      all.length > 0 && service.PortLabel === '',
      'A service with an ingress needs a port: say with "port" where its instances listen',
    ),
    ...findRepeated(all, routeKey).flatMap(({ item }) => wrong(`The ingress ${describeWay(item)} stands there twice`)),
  ];
}

function validateOne(ingress: ServiceIngress): ErrorTree[] {
  return [
    ...validatePort('listen', ingress.Listen),
    ...WORDS.flatMap(([field, key, words]) => validateWord(field, ingress[key], words)),
    ...DURATIONS.flatMap(([field, key]) => validateDuration(field, ingress[key])),
    ...validateHoldLimit(ingress),
    ...validateAllowed(ingress),
    ...validateUsers(ingress),
    ...validatePreview(ingress),
    ...validateRedirect(ingress),
    ...(ingress.Mode === 'tcp' ? validateTcp(ingress) : validateHttp(ingress)),
  ];
}

const validatePort = (field: string, port: number): ErrorTree[] =>
  wrongIf(port < 1 || port > LAST_PORT, `${field} must be a port between 1 and ${LAST_PORT}, not ${port}`);

function validateWord(field: string, value: unknown, words: readonly string[]): ErrorTree[] {
  const wanted = words.map((word) => JSON.stringify(word)).join(' or ');
  return wrongIf(
    value !== undefined && !words.includes(value as string),
    `${field} must be ${wanted}, not ${JSON.stringify(value)}`,
  );
}

const validateDuration = (field: string, nanos: number | undefined): ErrorTree[] =>
  wrongIf((nanos ?? 0) < 0, `${field} must be zero or greater: ${formatDuration(nanos ?? 0)}`);

const validateHoldLimit = ({ HoldLimit }: ServiceIngress): ErrorTree[] =>
  wrongIf((HoldLimit ?? 1) < 1, `hold_limit must be at least 1, not ${HoldLimit}: hold = "0s" holds no request`);

function validateAllowed({ AllowFrom }: ServiceIngress): ErrorTree[] {
  if (AllowFrom === undefined) return [];
  const networks = networksIn(AllowFrom);
  const wrongOnes = networks.filter((network) => !isNetwork(network));
  return wrongIf(
    networks.length === 0 || wrongOnes.length > 0,
    `allow_from is addresses and networks such as "10.1.0.0/16 10.2.0.5", not ${JSON.stringify(wrongOnes.join(' ') || AllowFrom)}`,
  );
}

function validateUsers({ AuthUsers, AuthRealm }: ServiceIngress): ErrorTree[] {
  const realm = AuthRealm === undefined ? undefined : realmProblem(AuthRealm);
  return [
    ...(AuthUsers === undefined ? [] : userProblems(AuthUsers).flatMap(wrong)),
    ...wrongIf(AuthUsers === undefined && AuthRealm !== undefined, 'auth_realm asks nobody: say with auth_users whom'),
    ...(realm === undefined ? [] : wrong(realm)),
  ];
}

function validatePreview({ Listen, PreviewListen }: ServiceIngress): ErrorTree[] {
  if (PreviewListen === undefined) return [];
  return [
    ...validatePort('preview_listen', PreviewListen),
    ...wrongIf(
      PreviewListen === Listen,
      `preview_listen must be another port than listen (${Listen}): preview_host shares one port with the users`,
    ),
  ];
}

function validateRedirect({ Listen, TLS, Mode, RedirectListen, PreviewListen }: ServiceIngress): ErrorTree[] {
  if (RedirectListen === undefined) return [];
  return [
    ...validatePort('redirect_listen', RedirectListen),
    ...wrongIf(
      TLS !== true || Mode !== 'http',
      'redirect_listen sends requests on to a port with TLS: it needs tls = true and mode "http"',
    ),
    ...wrongIf(
      RedirectListen === Listen || RedirectListen === PreviewListen,
      `redirect_listen must be a port of its own, not ${RedirectListen} again: it speaks no TLS`,
    ),
  ];
}

/** What only HTTP knows. */
const HTTP_ONLY = [
  ['protocol', 'Protocol'],
  ['sticky', 'Sticky'],
  ['sticky_cookie', 'StickyCookie'],
  ['canary_header', 'CanaryHeader'],
  ['canary_cookie', 'CanaryCookie'],
  ['canary_sticky', 'CanarySticky'],
  ['request_timeout', 'RequestTimeout'],
  ['auth_users', 'AuthUsers'],
] as const;

function validateTcp(ingress: ServiceIngress): ErrorTree[] {
  return [
    ...wrongIf(
      ingress.Host !== '' || ingress.Path !== '/',
      'an ingress of mode "tcp" sees neither host nor path: remove them, or use mode "http"',
    ),
    ...wrongIf(
      ingress.PreviewHost !== undefined,
      'an ingress of mode "tcp" sees no host: use preview_listen instead of preview_host, or mode "http"',
    ),
    ...HTTP_ONLY.flatMap(([field, key]) =>
      wrongIf(
        ingress[key] !== undefined,
        `an ingress of mode "tcp" sees no requests: remove ${field}, or use mode "http"`,
      ),
    ),
  ];
}

function validateHttp(ingress: ServiceIngress): ErrorTree[] {
  return [
    ...wrongIf(!ingress.Path.startsWith('/'), `path must start with "/": ${JSON.stringify(ingress.Path)}`),
    ...wrongIf(/[\s?#]/.test(ingress.Path), `path must have no space, "?" or "#": ${JSON.stringify(ingress.Path)}`),
    ...validateHost('host', ingress.Host),
    ...validateHost('preview_host', ingress.PreviewHost ?? ''),
    ...wrongIf(
      ingress.PreviewHost !== undefined && ingress.PreviewHost === ingress.Host,
      `preview_host must be another name than host: ${JSON.stringify(ingress.Host)} leads to the users' instances`,
    ),
    ...validateStickyCookie(ingress),
    ...validateCanaryChoice(ingress),
  ];
}

function validateHost(field: string, host: string): ErrorTree[] {
  return wrongIf(
    host !== '' && !HOST.test(host),
    `${field} must be a name such as "www.example.com" or "*.example.com": ${JSON.stringify(host)}`,
  );
}

function validateStickyCookie({ Sticky, StickyCookie }: ServiceIngress): ErrorTree[] {
  if (StickyCookie === undefined) return [];
  return [
    ...wrongIf(Sticky === undefined, 'sticky_cookie names the cookie of sticky = "cookie": say that as well'),
    ...wrongIf(
      !TOKEN.test(StickyCookie),
      `sticky_cookie must be a cookie's name, letters, digits, "-" and "_": ${JSON.stringify(StickyCookie)}`,
    ),
  ];
}

/** What the proxy itself reads or writes cannot say who wants a canary. */
const HOP_HEADERS = /^(connection|host|content-length|transfer-encoding|upgrade|te|cookie|x-forwarded-.*)$/i;

function validateCanaryChoice({ CanaryHeader, CanaryCookie, Sticky, StickyCookie }: ServiceIngress): ErrorTree[] {
  return [
    ...wrongIf(
      CanaryHeader !== undefined && (!TOKEN.test(CanaryHeader) || HOP_HEADERS.test(CanaryHeader)),
      `canary_header must be the name of a header of your own, such as "X-Canary": ${JSON.stringify(CanaryHeader)}`,
    ),
    ...wrongIf(
      CanaryCookie !== undefined && !TOKEN.test(CanaryCookie),
      `canary_cookie must be a cookie's name, letters, digits, "-" and "_": ${JSON.stringify(CanaryCookie)}`,
    ),
    ...wrongIf(
      CanaryCookie !== undefined && Sticky !== undefined && CanaryCookie === StickyCookie,
      `canary_cookie and sticky_cookie must be two cookies, not ${JSON.stringify(CanaryCookie)} both`,
    ),
  ];
}
