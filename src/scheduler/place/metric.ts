/** The wire's account of a placement: why it went where it did. */
import { type AllocMetric, EMPTY_METRIC } from '../../model/allocation.ts';
import type { TaskGroup } from '../../model/job.ts';
import type { TaskResources } from '../../model/task.ts';
import type { NodeRank } from '../rank/node-rank.ts';
import type { BestOf } from './best-of.ts';

export function emptyMetric(available: Readonly<Record<string, number>>): AllocMetric {
  return { ...EMPTY_METRIC, NodesAvailable: available };
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

/** What the instances without room asked for in the dimensions that were too small, per task, as the wire adds it up. */
export function exhaustedResources(
  group: TaskGroup,
  dimensions: Readonly<Record<string, number>> | null,
  failures: number,
): Record<string, TaskResources> | null {
  const lacksCpu = dimensions?.cpu !== undefined;
  const lacksMemory = dimensions?.memory !== undefined;
  if (!lacksCpu && !lacksMemory) return null;
  const perTask = group.Tasks.map((task): [string, TaskResources] => [
    task.Name,
    {
      ...NO_RESOURCES,
      CPU: lacksCpu ? task.Resources.CPU * failures : 0,
      MemoryMB: lacksMemory ? task.Resources.MemoryMB * failures : 0,
    },
  ]);
  return Object.fromEntries(perTask);
}

const NO_RESOURCES: TaskResources = {
  CPU: 0,
  Cores: 0,
  MemoryMB: 0,
  MemoryMaxMB: 0,
  DiskMB: 0,
  IOPS: 0,
  Networks: null,
  Devices: null,
};
