/** People's own lines for HAProxy's sections, from `ingress { haproxy { … } }`. */
export interface HaproxyTemplate {
  readonly global: readonly string[];
  readonly defaults: readonly string[];
  /** Of every backend that has instances. */
  readonly backend: readonly string[];
}

export const NO_TEMPLATE: HaproxyTemplate = { global: [], defaults: [], backend: [] };
