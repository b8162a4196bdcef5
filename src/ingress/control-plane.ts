/** What an ingress needs of the server. Level-triggered: whoever missed an answer asks again and gets to the same place. */
import type { IngressReport, RoutingTable } from '../model/ingress.ts';

export interface ControlPlane {
  /**
   * The table, once its index is past `afterIndex` (0: at once); after about half a minute the same one again.
   * Rejects while no server answers, and when the signal aborts.
   */
  watchTable(afterIndex: number, signal: AbortSignal): Promise<RoutingTable>;
  /** Renews the lease and replaces what the server knows of this ingress. */
  report(report: IngressReport, signal: AbortSignal): Promise<void>;
  /** This ingress ends and owes nothing any more. */
  leave(ingressId: string): Promise<void>;
}
