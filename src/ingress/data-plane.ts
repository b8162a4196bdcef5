/** What the control loop needs of a data plane; `embedded` and later `haproxy` are two. */
import type { IngressFigure, IngressProblem, IngressServerStatus, RoutingTable } from '../model/ingress.ts';

export interface DataPlane {
  /** "embedded" or "haproxy". */
  readonly name: string;
  /** Takes a table in one step: when it returns, no new request goes where the table says none may go. */
  apply(table: RoutingTable): void;
  /** What it says of each server of the table, by `serverKey`. */
  statuses(): Record<string, IngressServerStatus>;
  figures(): IngressFigure[];
  /** What keeps it from doing its work. */
  problems(): IngressProblem[];
  /** Carries traffic until the signal aborts, then ends gracefully; resolves when nothing is left open. */
  run(signal: AbortSignal): Promise<void>;
}
