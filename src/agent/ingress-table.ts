/** The routing table from the state: what the planner reads of it. */
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
