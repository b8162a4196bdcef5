/**
 * Judges where services' traffic comes in. One route (port, host, path) belongs to one service: two services of different
 * names that claim the same one would share users' requests by chance. Services of one name in several groups are one
 * backend, and fine.
 */
import { formatDuration } from '../lib/duration.ts';
import { type ErrorTree, within, wrong, wrongIf } from './error-tree.ts';
import { type IngressWay, routeKey, waysOf } from './ingress-ways.ts';
import type { Job } from './job.ts';
import type { Service, ServiceIngress } from './service.ts';
import { findRepeated, LAST_PORT } from './validate-network.ts';

const MODES = ['http', 'tcp'];
const DRAIN_POLICIES = ['wait', 'proceed'];
const HOST = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

interface Claim {
  readonly service: string;
  readonly way: IngressWay;
}

export function validateIngress(service: Service): ErrorTree[] {
  const all = service.Ingress ?? [];
  return [
    ...all.flatMap((ingress, at) => within(`Ingress ${at + 1} validation failed`, validateOne(ingress))),
    ...wrongIf(
      all.length > 0 && service.PortLabel === '',
      'A service with an ingress needs a port: say with "port" where its instances listen',
    ),
    ...findRepeated(all, routeKey).flatMap(({ item }) => wrong(`The ingress ${describe(item)} stands there twice`)),
  ];
}

/** Across the groups of a job: routes claimed by services of different names, and ports that would need two modes. */
export function validateRoutes(job: Job): ErrorTree[] {
  const claims = claimsOf(job);
  const byPort = findRepeated(claims, ({ way }) => String(way.Listen));
  const byRoute = findRepeated(claims, ({ way }) => routeKey(way));
  return [
    ...byRoute.flatMap(({ item, first }) =>
      wrongIf(
        item.service !== first.service,
        `Services ${JSON.stringify(first.service)} and ${JSON.stringify(item.service)} both claim the ingress ${describe(item.way)}: a route belongs to one service`,
      ),
    ),
    ...byRoute.flatMap(({ item, first }) =>
      wrongIf(
        item.service === first.service && item.way.isPreview !== first.way.isPreview,
        `Service ${JSON.stringify(item.service)} claims the ingress ${describe(item.way)} for its users and as a preview: a route leads to one of the two`,
      ),
    ),
    ...byPort.flatMap(({ item, first }) =>
      wrongIf(
        item.way.Mode !== first.way.Mode,
        `Services ${JSON.stringify(first.service)} and ${JSON.stringify(item.service)} use the ingress port ${item.way.Listen} in different modes: ${first.way.Mode} and ${item.way.Mode}`,
      ),
    ),
  ];
}

function validateOne(ingress: ServiceIngress): ErrorTree[] {
  return [
    ...wrongIf(
      ingress.Listen < 1 || ingress.Listen > LAST_PORT,
      `listen must be a port between 1 and ${LAST_PORT}, not ${ingress.Listen}`,
    ),
    ...wrongIf(!MODES.includes(ingress.Mode), `mode must be "http" or "tcp", not ${JSON.stringify(ingress.Mode)}`),
    ...wrongIf(
      !DRAIN_POLICIES.includes(ingress.DrainPolicy),
      `drain_policy must be "wait" or "proceed", not ${JSON.stringify(ingress.DrainPolicy)}`,
    ),
    ...wrongIf(
      ingress.DrainDeadline < 0,
      `drain_deadline must be zero or greater: ${formatDuration(ingress.DrainDeadline)}`,
    ),
    ...wrongIf(ingress.Hold < 0, `hold must be zero or greater: ${formatDuration(ingress.Hold)}`),
    ...validatePreview(ingress),
    ...(ingress.Mode === 'tcp' ? validateTcp(ingress) : validateHttp(ingress)),
  ];
}

function validatePreview({ Listen, PreviewListen }: ServiceIngress): ErrorTree[] {
  if (PreviewListen === undefined) return [];
  return [
    ...wrongIf(
      PreviewListen < 1 || PreviewListen > LAST_PORT,
      `preview_listen must be a port between 1 and ${LAST_PORT}, not ${PreviewListen}`,
    ),
    ...wrongIf(
      PreviewListen === Listen,
      `preview_listen must be another port than listen (${Listen}): preview_host shares one port with the users`,
    ),
  ];
}

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
  ];
}

function validateHost(field: string, host: string): ErrorTree[] {
  return wrongIf(
    host !== '' && !HOST.test(host),
    `${field} must be a name such as "www.example.com" or "*.example.com": ${JSON.stringify(host)}`,
  );
}

function claimsOf(job: Job): Claim[] {
  const services = job.TaskGroups.flatMap((group) => [
    ...(group.Services ?? []),
    ...group.Tasks.flatMap((task) => task.Services ?? []),
  ]);
  return services.flatMap((service) =>
    (service.Ingress ?? []).flatMap(waysOf).map((way) => ({ service: service.Name, way })),
  );
}

const describe = ({ Mode, Listen, Host, Path }: Pick<IngressWay, 'Mode' | 'Listen' | 'Host' | 'Path'>): string =>
  Mode === 'tcp' ? `port ${Listen}` : `${Host || '*'}:${Listen}${Path}`;
