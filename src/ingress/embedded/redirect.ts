/** Where a request without TLS is sent on to. */
import { hostName } from '../route-match.ts';
import type { RequestHead } from './request-head.ts';

/** Leads to no instance. */
export class RedirectTarget {
  readonly redirectTo: number;

  constructor(port: number) {
    this.redirectTo = port;
  }
}

export function locationOf(
  { redirectTo }: RedirectTarget,
  { host, target }: Pick<RequestHead, 'host' | 'target'>,
): string {
  const port = redirectTo === 443 ? '' : `:${redirectTo}`;
  return `https://${hostName(host)}${port}${target === '*' ? '/' : target}`;
}
