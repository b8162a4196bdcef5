/** What is known of the ways in: the routing table, what every ingress says of it, what people set by hand. */
import type { StatusFacts } from '../../ingress/ingress-status.ts';
import type { RoutingTable } from '../../model/ingress.ts';
import type { ReadTx } from '../../state/types.ts';
import type { HttpDeps } from '../deps.ts';

export function ingressFacts(
  tx: ReadTx,
  { traffic, clock }: Pick<HttpDeps, 'traffic' | 'clock'>,
  table: RoutingTable,
): StatusFacts {
  const ingresses = (traffic?.reports() ?? []).map(({ report, leaseUntilMs }) => ({
    report,
    isPresent: leaseUntilMs > clock.nowMs(),
  }));
  return { table, ingresses, overrideOf: (allocId) => tx.alloc(allocId)?.Ingress };
}
