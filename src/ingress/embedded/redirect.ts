/** Where a request without TLS is sent on to. */
import { hostName } from '../route-match.ts';
import type { RequestHead } from './request-head.ts';

/** Leads to no instance. */
export interface RedirectTarget {
  readonly redirectTo: number;
}

export const isRedirect = <T extends object>(target: T | RedirectTarget): target is RedirectTarget =>
  'redirectTo' in target;

export function locationOf({ redirectTo }: RedirectTarget, { host, target }: RequestHead): string {
  const port = redirectTo === 443 ? '' : `:${redirectTo}`;
  return `https://${hostName(host)}${port}${target === '*' ? '/' : target}`;
}
