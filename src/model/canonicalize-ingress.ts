/**
 * Where a service's traffic comes in: from its `Ingress` blocks or, for clients that drop keys which they don't know,
 * from its tags (`ingress-tags.ts`). Tags that speak of an ingress are the whole truth: a job that was read, edited in its
 * tags and sent back still carries the blocks made of the old ones.
 */
import { ingressOfTags } from './ingress-tags.ts';
import { MINUTE, SECOND } from './nanos.ts';
import type { RequestFields } from './request-fields.ts';
import type { ServiceIngress } from './service.ts';

const DEFAULTS = { path: '/', mode: 'http', drainDeadline: MINUTE, drainPolicy: 'wait', hold: 10 * SECOND };

export function canonicalizeIngress(service: RequestFields, tags: readonly string[] | null): ServiceIngress[] {
  const fromTags = ingressOfTags(service, tags ?? []).map(readIngress);
  if (fromTags.length > 0) return fromTags;
  return service.list('Ingress', readIngress) ?? [];
}

function readIngress(fields: RequestFields): ServiceIngress {
  return {
    Listen: fields.integer('Listen'),
    Host: fields.text('Host').toLowerCase(),
    Path: fields.text('Path') || DEFAULTS.path,
    Mode: fields.text('Mode') || DEFAULTS.mode,
    DrainDeadline: fields.nanos('DrainDeadline', DEFAULTS.drainDeadline),
    DrainPolicy: fields.text('DrainPolicy') || DEFAULTS.drainPolicy,
    Hold: fields.nanos('Hold', DEFAULTS.hold),
    ...said({
      TLS: fields.boolean('TLS') || undefined,
      RedirectListen: optionalInteger(fields, 'RedirectListen'),
      Protocol: optionalText(fields, 'Protocol')?.toLowerCase(),
      SendProxy: optionalText(fields, 'SendProxy')?.toLowerCase(),
      Sticky: optionalText(fields, 'Sticky')?.toLowerCase(),
      StickyCookie: optionalText(fields, 'StickyCookie'),
      Balance: optionalText(fields, 'Balance')?.toLowerCase(),
      AllowFrom: optionalText(fields, 'AllowFrom'),
      AuthUsers: optionalText(fields, 'AuthUsers'),
      AuthRealm: optionalText(fields, 'AuthRealm'),
      HSTS: fields.optionalNanos('HSTS') ?? undefined,
      CanaryHeader: optionalText(fields, 'CanaryHeader'),
      CanaryCookie: optionalText(fields, 'CanaryCookie'),
      CanarySticky: fields.boolean('CanarySticky') || undefined,
      RequestTimeout: fields.optionalNanos('RequestTimeout') ?? undefined,
      IdleTimeout: fields.optionalNanos('IdleTimeout') ?? undefined,
      HoldLimit: optionalInteger(fields, 'HoldLimit'),
      PreviewListen: optionalInteger(fields, 'PreviewListen'),
      PreviewHost: optionalText(fields, 'PreviewHost')?.toLowerCase(),
    }),
  };
}

/** What nobody said is no key on the wire. */
function said<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

const optionalText = (fields: RequestFields, key: string): string | undefined => fields.text(key) || undefined;

const optionalInteger = (fields: RequestFields, key: string): number | undefined =>
  fields.raw(key) === undefined ? undefined : fields.integer(key);
