/**
 * Where a service's traffic comes in: from its `Ingress` blocks or, for clients that drop keys which they don't know,
 * from its tags ("ingress.listen=8080", "ingress.host=…"). Tags that speak of an ingress are the whole truth: a job that
 * was read, edited in its tags and sent back still carries the blocks made of the old ones.
 */
import { parseDuration } from '../lib/duration.ts';
import { MINUTE, SECOND } from './nanos.ts';
import type { RequestFields } from './request-fields.ts';
import type { ServiceIngress } from './service.ts';

const TAG_PREFIX = 'ingress.';
const TAG_KEYS = [
  'listen',
  'host',
  'path',
  'mode',
  'drain_deadline',
  'drain_policy',
  'hold',
  'preview_listen',
  'preview_host',
] as const;
type TagKey = (typeof TAG_KEYS)[number];
type TagValues = Partial<Record<TagKey, string>>;

const DEFAULTS: Readonly<ServiceIngress> = {
  Listen: 0,
  Host: '',
  Path: '/',
  Mode: 'http',
  DrainDeadline: MINUTE,
  DrainPolicy: 'wait',
  Hold: 10 * SECOND,
};

export function canonicalizeIngress(service: RequestFields, tags: readonly string[] | null): ServiceIngress[] {
  const fromTags = ingressOfTags(service, tags ?? []);
  if (fromTags.length > 0) return fromTags;
  return service.list('Ingress', readIngress) ?? [];
}

function readIngress(fields: RequestFields): ServiceIngress {
  return {
    Listen: fields.integer('Listen'),
    Host: fields.text('Host').toLowerCase(),
    Path: fields.text('Path') || DEFAULTS.Path,
    Mode: fields.text('Mode') || DEFAULTS.Mode,
    DrainDeadline: fields.nanos('DrainDeadline', DEFAULTS.DrainDeadline),
    DrainPolicy: fields.text('DrainPolicy') || DEFAULTS.DrainPolicy,
    Hold: fields.nanos('Hold', DEFAULTS.Hold),
    ...previewOf(
      fields.raw('PreviewListen') === undefined ? undefined : fields.integer('PreviewListen'),
      fields.text('PreviewHost'),
    ),
  };
}

/** What nobody said is no key on the wire. */
function previewOf(listen: number | undefined, host: string): Pick<ServiceIngress, 'PreviewListen' | 'PreviewHost'> {
  return {
    ...(listen !== undefined && { PreviewListen: listen }),
    ...(host !== '' && { PreviewHost: host.toLowerCase() }),
  };
}

/** Each `ingress.listen` makes one ingress; the other tags hold for all of them. */
function ingressOfTags(service: RequestFields, tags: readonly string[]): ServiceIngress[] {
  const listens: string[] = [];
  const shared: TagValues = {};
  for (const tag of tags) {
    const parsed = parseTag(service, tag);
    if (parsed?.key === 'listen') listens.push(parsed.value);
    else if (parsed) shared[parsed.key] = parsed.value;
  }
  return listens.map((listen) => ingressOf(service, listen, shared));
}

function parseTag(service: RequestFields, tag: string): { key: TagKey; value: string } | undefined {
  if (!tag.startsWith(TAG_PREFIX)) return undefined;
  const equals = tag.indexOf('=');
  const key = TAG_KEYS.find((each) => each === tag.slice(TAG_PREFIX.length, equals));
  if (key !== undefined) return { key, value: tag.slice(equals + 1) };
  service.problem('Tags', `the tag ${JSON.stringify(tag)} is not of the form ingress.<${TAG_KEYS.join('|')}>=<value>`);
  return undefined;
}

function ingressOf(service: RequestFields, listen: string, shared: TagValues): ServiceIngress {
  return {
    Listen: portOfTag(service, 'listen', listen),
    Host: (shared.host ?? DEFAULTS.Host).toLowerCase(),
    Path: shared.path || DEFAULTS.Path,
    Mode: shared.mode || DEFAULTS.Mode,
    DrainDeadline: durationOfTag(service, 'drain_deadline', shared) ?? DEFAULTS.DrainDeadline,
    DrainPolicy: shared.drain_policy || DEFAULTS.DrainPolicy,
    Hold: durationOfTag(service, 'hold', shared) ?? DEFAULTS.Hold,
    ...previewOf(previewPortOfTag(service, shared), shared.preview_host ?? ''),
  };
}

function previewPortOfTag(service: RequestFields, { preview_listen }: TagValues): number | undefined {
  return preview_listen === undefined ? undefined : portOfTag(service, 'preview_listen', preview_listen);
}

function portOfTag(service: RequestFields, key: TagKey, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  service.problem('Tags', `expected a port in the tag "ingress.${key}=${value}"`);
  return 0;
}

function durationOfTag(service: RequestFields, key: TagKey, shared: TagValues): number | undefined {
  const value = shared[key];
  if (value === undefined) return undefined;
  const nanos = parseDuration(value);
  if (nanos === undefined) service.problem('Tags', `expected a duration in the tag "ingress.${key}=${value}"`);
  return nanos;
}
