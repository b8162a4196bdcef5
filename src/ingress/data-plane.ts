/** What the control loop needs of a data plane; `embedded` and `haproxy` are two. */
import type { IngressFigure, IngressProblem, IngressServerStatus, RoutingTable } from '../model/ingress.ts';

export interface DataPlane {
  /** "embedded" or "haproxy". */
  readonly name: string;
  /** Takes a table. One that acts by another process does so soon after: `appliedIndex` tells when. */
  apply(table: RoutingTable): void;
  /** The index of the table by which it routes: no new request goes where that one says none may go. */
  appliedIndex(): number;
  /** What it says of each server of the table, by `serverKey`. */
  statuses(): Record<string, IngressServerStatus>;
  figures(): IngressFigure[];
  /** What keeps it from doing its work. */
  problems(): IngressProblem[];
  /** Carries traffic until the signal aborts, then ends gracefully; resolves when nothing is left open. */
  run(signal: AbortSignal): Promise<void>;
}
