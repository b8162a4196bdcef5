/** Why a placement could not be made, in words: one line per reason with its count of nodes. */
import type { AllocMetric } from '../../model/allocation.ts';
import { formatList } from './table.ts';
import { byName } from './words.ts';

type Reasons = (metric: AllocMetric) => string[];

/** In this order; each may have nothing to say. */
const REASONS: readonly Reasons[] = [
  (metric) => (metric.NodesEvaluated === 0 ? ['No nodes were eligible for evaluation'] : []),
  (metric) =>
    sorted(metric.NodesAvailable)
      .filter(([, count]) => count === 0)
      .map(([datacenter]) => `No nodes are available in datacenter "${datacenter}"`),
  (metric) => sorted(metric.ClassFiltered).map(([name, count]) => `Class "${name}": ${count} nodes excluded by filter`),
  (metric) =>
    sorted(metric.ConstraintFiltered).map(([name, count]) => `Constraint "${name}": ${count} nodes excluded by filter`),
  (metric) => (metric.NodesExhausted > 0 ? [`Resources exhausted on ${metric.NodesExhausted} nodes`] : []),
  (metric) => sorted(metric.ClassExhausted).map(([name, count]) => `Class "${name}" exhausted on ${count} nodes`),
  (metric) =>
    sorted(metric.DimensionExhausted).map(([name, count]) => `Dimension "${name}" exhausted on ${count} nodes`),
  (metric) => (metric.QuotaExhausted ?? []).map((name) => `Quota limit hit "${name}"`),
];

export const placementReasons = (metric: AllocMetric): string[] => REASONS.flatMap((reasons) => reasons(metric));

/** `Task Group "app" (failed to place 3 allocations):` and its reasons below it. */
export function formatFailedGroup(group: string, metric: AllocMetric, indent: string): string {
  const count = metric.CoalescedFailures + 1;
  const head = `Task Group "${group}" (failed to place ${count} allocation${count === 1 ? '' : 's'}):`;
  return [indent + head, ...placementReasons(metric).map((reason) => `${indent}  * ${reason}`)].join('\n');
}

/** All groups of an evaluation or plan that could not be placed, by name. */
export const formatFailedGroups = (failed: Readonly<Record<string, AllocMetric>>, indent: string): string =>
  sorted(failed)
    .map(([group, metric]) => formatFailedGroup(group, metric, indent))
    .join('\n');

/** The score of each node that was looked at, best first. */
export function formatScores(metric: AllocMetric): string {
  const scores = metric.ScoreMetaData ?? [];
  const names = [...new Set(scores.flatMap((score) => Object.keys(score.Scores)))].sort(byName);
  return formatList([
    ['Node', ...names, 'final score'],
    ...scores.map((score) => [
      score.NodeID,
      ...names.map((name) => significant(score.Scores[name] ?? 0)),
      significant(score.NormScore),
    ]),
  ]);
}

const significant = (value: number): string => String(Number(value.toPrecision(3)));

const sorted = <T>(record: Readonly<Record<string, T>> | null | undefined): [string, T][] =>
  Object.entries(record ?? {}).sort(([a], [b]) => byName(a, b));
