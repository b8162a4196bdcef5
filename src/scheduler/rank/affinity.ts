/** How much a node is liked: the weights of the affinities that it meets, over all of them; -1 to 1. */
import type { Affinity } from '../../model/constraint.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import type { Node } from '../../model/node.ts';
import { compileOperator } from '../feasible/operators.ts';
import { compileTarget } from '../feasible/target.ts';

/** undefined: nobody has affinities. */
export function compileAffinities(job: Job, group: TaskGroup): ((node: Node) => number) | undefined {
  const affinities = [
    ...(job.Affinities ?? []),
    ...(group.Affinities ?? []),
    ...group.Tasks.flatMap((task) => task.Affinities ?? []),
  ];
  if (affinities.length === 0) return undefined;
  const judges = affinities.map(compileAffinity);
  const total = affinities.reduce((sum, affinity) => sum + Math.abs(affinity.Weight), 0);
  return (node) => judges.reduce((sum, judge) => sum + judge(node), 0) / (total || 1);
}

function compileAffinity(affinity: Affinity): (node: Node) => number {
  const left = compileTarget(affinity.LTarget);
  const right = compileTarget(affinity.RTarget);
  const passes = compileOperator(affinity.Operand);
  return (node) => (passes?.(left.read(node), right.read(node)) ? affinity.Weight : 0);
}
