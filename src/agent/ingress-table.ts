/** The routing table from the state: what the planner reads of it. */
import { steadyTable } from '../http/internal/steady-table.ts';
import { planRoutingTable } from '../ingress/routing-table.ts';
import type { RoutingTable } from '../model/ingress.ts';
import type { ReadTx } from '../state/types.ts';

export function ingressTable(tx: ReadTx): RoutingTable {
  return planRoutingTable({
    index: tx.tableIndex('jobs', 'jobVersions', 'allocs', 'deployments'),
    jobs: [...tx.jobs()],
    jobVersion: (namespace, jobId, version) => tx.jobVersion(namespace, jobId, version),
    allocs: tx.allocs(),
    deployments: tx.deployments(),
  });
}

const tables = new WeakMap<object, (tx: ReadTx) => RoutingTable>();

/** The one of a state, whoever asks: its index is what ingresses say that they have applied. */
export function steadyIngressTable(state: object): (tx: ReadTx) => RoutingTable {
  const table = tables.get(state) ?? steadyTable((tx) => ingressTable(tx));
  tables.set(state, table);
  return table;
}
