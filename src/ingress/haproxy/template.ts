/** People's own lines for HAProxy's sections, from `ingress { haproxy { … } }`. */
export interface HaproxyTemplate {
  readonly global: readonly string[];
  readonly defaults: readonly string[];
  /** Of every backend that has instances. */
  readonly backend: readonly string[];
}

export const NO_TEMPLATE: HaproxyTemplate = { global: [], defaults: [], backend: [] };

/** What the ingress's own configuration says of its ports; see `ingress/settings.ts`. */
export interface HaproxyEdge {
  readonly trustedProxies: readonly string[];
  readonly acceptsProxyProtocol: boolean;
  readonly headerTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}
