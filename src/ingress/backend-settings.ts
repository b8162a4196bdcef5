/** What a service says about its requests and its instances, as the routing table spells it. */
import { msFromNanos } from '../lib/duration.ts';
import { networksIn } from '../lib/networks.ts';
import type { Backend, BackendServer } from '../model/ingress.ts';
import { SECOND } from '../model/nanos.ts';
import type { ServiceIngress } from '../model/service.ts';
import { defaultStickyCookie } from './sticky.ts';
import { trialCookie } from './trial.ts';

type Settings = Pick<
  Backend,
  | 'HoldMs'
  | 'HoldLimit'
  | 'RequestTimeoutMs'
  | 'IdleTimeoutMs'
  | 'StickyCookie'
  | 'Balance'
  | 'AllowFrom'
  | 'HstsSeconds'
  | 'CanaryHeader'
  | 'CanaryCookie'
  | 'TrialCookie'
>;

/** All ways in of a service agree about it. */
export function settingsOf(way: ServiceIngress, backendId: string): Settings {
  return {
    HoldMs: msFromNanos(way.Hold),
    ...(way.HoldLimit !== undefined && { HoldLimit: way.HoldLimit }),
    ...(way.RequestTimeout !== undefined && { RequestTimeoutMs: msFromNanos(way.RequestTimeout) }),
    ...(way.IdleTimeout !== undefined && { IdleTimeoutMs: msFromNanos(way.IdleTimeout) }),
    ...(way.Sticky === 'cookie' && { StickyCookie: way.StickyCookie ?? defaultStickyCookie(backendId) }),
    ...((way.Balance === 'roundrobin' || way.Balance === 'source') && { Balance: way.Balance }),
    ...(way.AllowFrom !== undefined && { AllowFrom: networksIn(way.AllowFrom) }),
    ...(way.HSTS !== undefined && { HstsSeconds: Math.floor(way.HSTS / SECOND) }),
    ...(way.CanaryHeader !== undefined && { CanaryHeader: way.CanaryHeader }),
    ...(way.CanaryCookie !== undefined && { CanaryCookie: way.CanaryCookie }),
    ...(way.CanarySticky && { TrialCookie: trialCookie(backendId) }),
  };
}

/** How an instance of the service is spoken to. */
export function speechOf({ Protocol, SendProxy }: ServiceIngress): Pick<BackendServer, 'Protocol' | 'SendProxy'> {
  return {
    ...(Protocol === 'h2c' && { Protocol }),
    ...((SendProxy === 'v1' || SendProxy === 'v2') && { SendProxy }),
  };
}
