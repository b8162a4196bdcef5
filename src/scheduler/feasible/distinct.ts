/**
 * Constraints over where the job's other instances are: distinct_hosts and distinct_property. Counted over the
 * instances that stay; an instance that is replaced does not stand in its own successor's way.
 */
import type { Allocation } from '../../model/allocation.ts';
import type { Constraint } from '../../model/constraint.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import type { Node } from '../../model/node.ts';
import type { Verdict } from './checker.ts';
import { compileTarget } from './target.ts';

export interface DistinctRule {
  judge(node: Node, except?: Allocation): Verdict;
  /** An instance of the group came to (1) or left (-1) the node. */
  count(node: Node, group: string, change: 1 | -1): void;
}

export function compileDistinct(
  job: Job,
  group: TaskGroup,
  present: readonly Allocation[],
  nodeOf: (nodeId: string) => Node | undefined,
): DistinctRule[] {
  const rules = [
    ...(job.Constraints ?? []).map((constraint) => newRule(constraint, undefined, nodeOf)),
    ...[...(group.Constraints ?? []), ...group.Tasks.flatMap((task) => task.Constraints ?? [])].map((constraint) =>
      newRule(constraint, group.Name, nodeOf),
    ),
  ].filter((rule) => rule !== undefined);
  for (const alloc of rules.length > 0 ? present : []) {
    const node = nodeOf(alloc.NodeID);
    if (node) for (const rule of rules) rule.count(node, alloc.TaskGroup, 1);
  }
  return rules;
}

function newRule(
  constraint: Constraint,
  group: string | undefined,
  nodeOf: (nodeId: string) => Node | undefined,
): DistinctRule | undefined {
  if (constraint.Operand === 'distinct_hosts') {
    // `distinct_hosts = false` is written as a constraint that asks for nothing.
    if (constraint.RTarget === 'false') return undefined;
    return countingRule(
      group,
      (node) => node.ID,
      1,
      () => 'distinct_hosts',
      nodeOf,
    );
  }
  if (constraint.Operand !== 'distinct_property') return undefined;
  const target = compileTarget(constraint.LTarget);
  const allowed = Math.max(1, Number.parseInt(constraint.RTarget, 10) || 1);
  const reason = (value: string, used: number) =>
    `distinct_property: ${constraint.LTarget}=${value} used by ${used} allocs`;
  return countingRule(group, target.read, allowed, reason, nodeOf, `missing property "${constraint.LTarget}"`);
}

function countingRule(
  group: string | undefined,
  readValue: (node: Node) => string | undefined,
  allowed: number,
  reason: (value: string, used: number) => string,
  nodeOf: (nodeId: string) => Node | undefined,
  missing?: string,
): DistinctRule {
  const used = new Map<string, number>();
  const isCounted = (name: string) => group === undefined || group === name;
  return {
    judge(node, except) {
      const value = readValue(node);
      if (value === undefined) return missing;
      const exceptNode = except && isCounted(except.TaskGroup) ? nodeOf(except.NodeID) : undefined;
      const count = (used.get(value) ?? 0) - (exceptNode && readValue(exceptNode) === value ? 1 : 0);
      return count < allowed ? undefined : reason(value, count);
    },
    count(node, name, change) {
      const value = readValue(node);
      if (value === undefined || !isCounted(name)) return;
      used.set(value, (used.get(value) ?? 0) + change);
    },
  };
}
