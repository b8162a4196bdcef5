/**
 * The routing table with an index that moves only when the table does: most transactions change nothing about routes,
 * and an ingress that was woken by each would do nothing else. One plan serves all the ingresses that wait.
 */
import type { RoutingTable } from '../../model/ingress.ts';
import type { ReadTx, Table } from '../../state/types.ts';

/** What routes are made of. */
export const TABLES: readonly Table[] = ['jobs', 'jobVersions', 'allocs', 'deployments'];

export function steadyTable(plan: (tx: ReadTx) => RoutingTable): (tx: ReadTx) => RoutingTable {
  let plannedAt = -1;
  let last: { readonly table: RoutingTable; readonly content: string } | undefined;
  return (tx) => {
    const changedAt = tx.tableIndex(...TABLES);
    if (last !== undefined && changedAt === plannedAt) return last.table;
    const table = plan(tx);
    const content = JSON.stringify({ ...table, Index: 0 });
    plannedAt = changedAt;
    // Never 0, which would mean "answer at once" to whoever waits past it.
    if (content !== last?.content) last = { table: { ...table, Index: Math.max(1, changedAt) }, content };
    return last.table;
  };
}
