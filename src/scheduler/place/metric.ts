/** The wire's account of a placement: why it went where it did. */
import type { AllocMetric } from '../../model/allocation.ts';
import type { NodeRank } from '../rank/node-rank.ts';
import type { BestOf } from './best-of.ts';

export function emptyMetric(available: Readonly<Record<string, number>>): AllocMetric {
  return {
    NodesEvaluated: 0,
    NodesFiltered: 0,
    NodesAvailable: available,
    ClassFiltered: null,
    ConstraintFiltered: null,
    NodesExhausted: 0,
    ClassExhausted: null,
    DimensionExhausted: null,
    QuotaExhausted: null,
    ResourcesExhausted: null,
    Scores: null,
    ScoreMetaData: null,
    AllocationTime: 0,
    CoalescedFailures: 0,
  };
}

export interface Choice {
  readonly best: BestOf;
  readonly rank: NodeRank;
  readonly nodeId: (number: number) => string;
  readonly avoidNodes: readonly string[];
}

/** Call it before the plan changes the chosen node: the scores are those that decided. */
export function placedMetric(available: Readonly<Record<string, number>>, looked: number, choice: Choice): AllocMetric {
  const { best, rank, nodeId, avoidNodes } = choice;
  const named = [];
  for (let at = 0; at < best.held; at++) {
    const number = best.number(at);
    named.push({ NodeID: nodeId(number), Scores: rank.explain(number, avoidNodes), NormScore: best.rank(at) });
  }
  const metric = emptyMetric(available);
  metric.NodesEvaluated = looked;
  metric.ScoreMetaData = named;
  return metric;
}
