/**
 * The routing table with an index that moves only when the table does: most transactions change nothing about routes,
 * and an ingress that was woken by each would do nothing else. One plan serves all the ingresses that wait.
 */
import type { RoutingTable } from '../../model/ingress.ts';
import type { ReadTx, Table } from '../../state/types.ts';

/** What routes are made of. */
export const TABLES: readonly Table[] = ['jobs', 'jobVersions', 'allocs', 'deployments'];

type PlanTable = (tx: ReadTx) => RoutingTable;

/** One of them is enough: what is steady already stays as it is, and all who ask it hear of the same indexes. */
const steady = new WeakSet<PlanTable>();

export function steadyTable(plan: PlanTable): PlanTable {
  if (steady.has(plan)) return plan;
  const table = steadied(plan);
  steady.add(table);
  return table;
}

function steadied(plan: PlanTable): PlanTable {
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
