/**
 * Which of the page's questions have another answer since an event: pure. Those that nobody looks at cost nothing, and
 * lists whose rows events carry whole are not asked for again (`patched-lists.ts`).
 */
import { keys } from '../client/keys.ts';
import type { StreamEvent } from './event.ts';

export type QueryKey = readonly unknown[];

export function affectedBy(event: StreamEvent): readonly QueryKey[] {
  const row = event.Payload[event.Topic] ?? {};
  const job = keys.job(String(row.JobID ?? ''));
  switch (event.Topic) {
    case 'Job':
      return [keys.jobs, keys.job(event.Key)];
    case 'Evaluation':
      return [keys.evaluation(event.Key), [...job, 'evaluations'], [...job, 'job']];
    case 'Deployment':
      return [
        keys.deployments,
        keys.deployment(event.Key),
        [...job, 'deployments'],
        [...job, 'versions'],
        keys.ingress,
      ];
    case 'Allocation':
      return [
        keys.jobs,
        keys.allocation(event.Key),
        // What a drain waits for may change wherever an instance does; only the node on screen is asked for.
        ['node'],
        [...keys.evaluation(String(row.EvalID ?? '')), 'allocations'],
        keys.deployments,
        // Whatever happens to an instance of either version is a step of the release that is looked at.
        ['deployment'],
        keys.ingress,
        ...['summary', 'deployments'].map((part) => [...job, part]),
      ];
    case 'Node':
      return [keys.nodes, keys.node(event.Key)];
  }
}
