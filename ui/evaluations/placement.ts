/** Why instances found no place, in words: one clause per reason, with how many nodes it concerns. Pure. */
import type { AllocMetric } from '../../src/model/allocation.ts';
import { counted } from '../kit/words.ts';

type Reasons = (metric: AllocMetric) => readonly string[];

/** In this order; each may have nothing to say. */
const REASONS: readonly Reasons[] = [
  (metric) => emptyDatacenters(metric).map((name) => `no node is ready in datacenter "${name}"`),
  (metric) => (metric.NodesEvaluated === 0 && emptyDatacenters(metric).length === 0 ? ['no node is ready for it'] : []),
  (metric) =>
    entries(metric.ClassFiltered).map(([name, count]) => `${nodes(count)} of class "${name}" ${are(count)} ruled out`),
  (metric) =>
    entries(metric.ConstraintFiltered).map(([name, count]) => `${nodes(count)} ${does(count)} not meet: ${name}`),
  (metric) =>
    entries(metric.DimensionExhausted).map(
      ([name, count]) => `${nodes(count)} ${have(count)} too little left: ${name}`,
    ),
  (metric) => unexplained(metric),
  (metric) => (metric.QuotaExhausted ?? []).map((name) => `the quota "${name}" is used up`),
];

export function placementReasons(metric: AllocMetric): readonly string[] {
  const reasons = REASONS.flatMap((reason) => reason(metric));
  return reasons.length === 0 ? ['the scheduler gave no reason'] : reasons;
}

/** "3 instances of group "app" find no place". */
export function failureHeadline(group: string, { CoalescedFailures }: AllocMetric): string {
  const count = CoalescedFailures + 1;
  return `${counted(count, 'instance')} of group "${group}" ${count === 1 ? 'finds' : 'find'} no place`;
}

/** "5 nodes looked at: 3 ruled out, 2 full". */
export function lookedAt({ NodesEvaluated, NodesFiltered, NodesExhausted }: AllocMetric): string {
  const parts = [
    NodesFiltered > 0 ? `${NodesFiltered} ruled out` : '',
    NodesExhausted > 0 ? `${NodesExhausted} full` : '',
  ].filter((part) => part !== '');
  return `${nodes(NodesEvaluated)} looked at${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

const emptyDatacenters = ({ NodesAvailable }: AllocMetric): readonly string[] =>
  entries(NodesAvailable)
    .filter(([, count]) => count === 0)
    .map(([name]) => name);

/** Full nodes of which nothing says what they lack. */
function unexplained({ NodesExhausted, DimensionExhausted }: AllocMetric): readonly string[] {
  const isSaid = entries(DimensionExhausted).length > 0;
  return NodesExhausted > 0 && !isSaid ? [`${nodes(NodesExhausted)} ${have(NodesExhausted)} too little left`] : [];
}

const nodes = (count: number): string => counted(count, 'node');
const are = (count: number): string => (count === 1 ? 'is' : 'are');
const have = (count: number): string => (count === 1 ? 'has' : 'have');
const does = (count: number): string => (count === 1 ? 'does' : 'do');

const entries = (counts: Readonly<Record<string, number>> | null | undefined): readonly [string, number][] =>
  Object.entries(counts ?? {}).sort(([a], [b]) => a.localeCompare(b, 'en'));
