/**
 * What an ingress is configured with and no job decides: it belongs to its ports and its machine. Both data planes follow
 * it; the agent's `ingress` block says it (`docs/configuration.md`).
 */

import { type HaproxyTemplate, NO_TEMPLATE } from './haproxy/template.ts';

export interface IngressSettings {
  /** Which program carries the requests. */
  readonly dataPlane: 'embedded' | 'haproxy';
  /** The program, and people's own lines in its configuration. */
  readonly haproxy: HaproxyTemplate & { readonly binary: string };
  /** Where marathon-lb's statistics are served, as zdd.py reads them; undefined: nowhere. */
  readonly marathonLbPort?: number;
  /** PEM files, or folders of them: `certificates.ts` reads them, and again when they change. */
  readonly certificates: readonly string[];
  /**
   * Addresses and networks ("10.0.0.5", "10.1.0.0/16", "fd00::/8") of load balancers in front. Only what they say in
   * `X-Forwarded-For`, `-Proto`, `-Host` and `-Port` is believed and kept; from others it is removed before ours is added.
   */
  readonly trustedProxies: readonly string[];
  /** Connections from `trustedProxies` begin with a PROXY header (v1 or v2), on every port. From others: never. */
  readonly acceptsProxyProtocol: boolean;
  /** From a connection's first byte (with TLS: from its opening) to the end of a request's head; then 408. */
  readonly headerTimeoutMs: number;
  /** How long a client's connection may lie idle between two requests. */
  readonly keepAliveTimeoutMs: number;
  /** How many requests may wait for an instance at a time, over all services. */
  readonly maxHeld: number;
}

export const DEFAULT_SETTINGS: IngressSettings = {
  dataPlane: 'embedded',
  haproxy: { binary: 'haproxy', ...NO_TEMPLATE },
  certificates: [],
  trustedProxies: [],
  acceptsProxyProtocol: false,
  headerTimeoutMs: 60_000,
  keepAliveTimeoutMs: 300_000,
  maxHeld: 10_000,
};
