/** Why instances of a group find no place: from the newest evaluation that said so, while one waits for room. Pure. */
import type { AllocMetric } from '../model/allocation.ts';
import type { CapacityReason, ExplainedCapacity } from '../model/deployment-explanation.ts';
import type { Evaluation } from '../model/evaluation.ts';
import { CONSUL_CONSTRAINT } from '../model/implied-constraints.ts';

type Reasons = (metric: AllocMetric) => CapacityReason[];

/** In this order; each may have nothing to say. */
const REASONS: readonly Reasons[] = [
  (metric) =>
    counted(metric.NodesAvailable)
      .filter(([, nodes]) => nodes === 0)
      .map(([name]) => ({ Message: `no node in datacenter "${name}"`, Nodes: 0 })),
  (metric) => counted(metric.ClassFiltered).map(([name, Nodes]) => ({ Message: `class "${name}" excludes`, Nodes })),
  (metric) =>
    counted(metric.ConstraintFiltered).map(([name, Nodes]) => ({
      Message: `constraint "${name}"${remedyOf(name)} excludes`,
      Nodes,
    })),
  (metric) => counted(metric.DimensionExhausted).map(([name, Nodes]) => ({ Message: `${name} exhausted on`, Nodes })),
];

/** By group; empty while nothing waits for room. */
export function missingCapacity(evaluations: readonly Evaluation[]): ReadonlyMap<string, ExplainedCapacity> {
  const blocked = evaluations.find((evaluation) => evaluation.Status === 'blocked');
  const cause = blocked && evaluations.find((evaluation) => evaluation.BlockedEval === blocked.ID);
  const queued = Object.entries(cause?.QueuedAllocations ?? {}).filter(([, count]) => count > 0);
  return new Map(
    queued.map(([group, Missing]) => [
      group,
      { Missing, EvalID: cause!.ID, Reasons: capacityReasons(cause?.FailedTGAllocs?.[group]) },
    ]),
  );
}

function capacityReasons(metric: AllocMetric | undefined): CapacityReason[] {
  if (!metric) return [];
  const reasons = REASONS.flatMap((reasonsOf) => reasonsOf(metric)).map(withNodes);
  if (reasons.length > 0 || metric.NodesEvaluated > 0) return reasons;
  return [{ Message: 'no node is eligible', Nodes: 0 }];
}

function withNodes({ Message, Nodes }: CapacityReason): CapacityReason {
  return { Message: Nodes === 0 ? Message : `${Message} ${Nodes} node${Nodes === 1 ? '' : 's'}`, Nodes };
}

/** Of constraints that nobody has written: what their job asks for, in the words of the configuration. */
const remedyOf = (constraint: string): string =>
  constraint.startsWith(CONSUL_CONSTRAINT.LTarget)
    ? ' (provider = "consul" needs consul { address } in the agent\'s configuration)'
    : '';

const counted = (record: Readonly<Record<string, number>> | null): [string, number][] =>
  Object.entries(record ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
