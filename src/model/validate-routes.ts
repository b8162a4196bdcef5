/**
 * Judges the ways in of all services of a job together. One route (port, host, path) belongs to one service: two services
 * of different names that claim the same one would share users' requests by chance. Services of one name in several
 * groups are one backend, and say one thing about it. Routes of other jobs are the server's affair (`server/routes.ts`).
 */
import { formatDuration } from '../lib/duration.ts';
import { type ErrorTree, wrong, wrongIf } from './error-tree.ts';
import { groupServices } from './ingress-services.ts';
import { describeWay, type IngressWay, portSpeech, purposeRank, routeKey, waysOf } from './ingress-ways.ts';
import type { Job } from './job.ts';
import type { Service, ServiceIngress } from './service.ts';
import { findRepeated } from './validate-network.ts';

interface Claim {
  readonly service: string;
  readonly way: IngressWay;
}

/** Routes claimed twice, ports that would need two modes, and services that contradict themselves. */
export function validateRoutes(job: Job): ErrorTree[] {
  const services = job.TaskGroups.flatMap(groupServices);
  const claims = services.flatMap(claimsOf);
  return [
    ...findRepeated(claims, ({ way }) => routeKey(way)).flatMap(({ item, first }) => validateTwins(item, first)),
    ...findRepeated(claims, ({ way }) => String(way.Listen)).flatMap(({ item, first }) => validatePort(item, first)),
    ...validateAgreement(services),
  ];
}

const claimsOf = ({ Name, Ingress }: Service): Claim[] =>
  (Ingress ?? []).flatMap(waysOf).map((way) => ({ service: Name, way }));

/** Two claims of one route. */
function validateTwins(item: Claim, first: Claim): ErrorTree[] {
  const where = describeWay(item.way);
  if (item.service !== first.service) {
    return wrong(
      `Services ${JSON.stringify(first.service)} and ${JSON.stringify(item.service)} both claim the ingress ${where}: a route belongs to one service`,
    );
  }
  const [one, other] = [first.way, item.way].sort((a, b) => purposeRank(a) - purposeRank(b)).map(purposeOf);
  return wrongIf(
    one !== other,
    `Service ${JSON.stringify(item.service)} claims the ingress ${where} ${one} and ${other}: a route leads to one of the two`,
  );
}

function purposeOf({ isPreview, redirectTo }: IngressWay): string {
  if (redirectTo !== undefined) return `to send on to port ${redirectTo}`;
  return isPreview ? 'as a preview' : 'for its users';
}

function validatePort(item: Claim, first: Claim): ErrorTree[] {
  const [one, other] = [portSpeech(first.way), portSpeech(item.way)];
  return wrongIf(
    one !== other,
    `Services ${JSON.stringify(first.service)} and ${JSON.stringify(item.service)} use the ingress port ${item.way.Listen} in different modes: ${one} and ${other}`,
  );
}

/** What all ways in of a service lead to, so that they cannot differ in it. */
const AGREED: readonly (readonly [field: string, key: keyof ServiceIngress, isDuration?: true])[] = [
  ['hold', 'Hold', true],
  ['hold_limit', 'HoldLimit'],
  ['protocol', 'Protocol'],
  ['send_proxy', 'SendProxy'],
  ['sticky', 'Sticky'],
  ['sticky_cookie', 'StickyCookie'],
  ['balance', 'Balance'],
  ['allow_from', 'AllowFrom'],
  ['hsts', 'HSTS', true],
  ['canary_header', 'CanaryHeader'],
  ['canary_cookie', 'CanaryCookie'],
  ['canary_sticky', 'CanarySticky'],
  ['request_timeout', 'RequestTimeout', true],
  ['idle_timeout', 'IdleTimeout', true],
];

interface Way {
  readonly Name: string;
  readonly ingress: ServiceIngress;
}

function validateAgreement(services: readonly Service[]): ErrorTree[] {
  const ways = services.flatMap(({ Name, Ingress }) => (Ingress ?? []).map((ingress) => ({ Name, ingress })));
  const later = findRepeated(ways, ({ Name }) => Name);
  const problems = later.flatMap(({ item, first }) =>
    AGREED.filter(([, key]) => item.ingress[key] !== first.ingress[key]).map(([field, key, isDuration]) => {
      const word = (value: unknown) => spell(value, isDuration === true);
      return `Service ${JSON.stringify(item.Name)} says two things about its instances: ${field} is ${word(first.ingress[key])} in one ingress and ${word(item.ingress[key])} in another; say the same in all`;
    }),
  );
  return [...new Set([...problems, ...disagreedPasswords(ways)])].flatMap(wrong);
}

/** On one port: with marathon-lb's labels the hosts ask for a password, and the service port does not. */
function disagreedPasswords(ways: readonly Way[]): string[] {
  return findRepeated(ways, ({ Name, ingress }) => `${ingress.Listen} ${Name}`)
    .filter(
      ({ item: { ingress: a }, first: { ingress: b } }) => a.AuthUsers !== b.AuthUsers || a.AuthRealm !== b.AuthRealm,
    )
    .map(
      ({ item: { Name, ingress } }) =>
        `Service ${JSON.stringify(Name)} asks for different passwords on port ${ingress.Listen}: say the same auth_users and auth_realm in every ingress of a port`,
    );
}

function spell(value: unknown, isDuration: boolean): string {
  if (value === undefined) return 'absent';
  return isDuration ? formatDuration(value as number) : JSON.stringify(value);
}
