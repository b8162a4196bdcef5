/** Counts why nodes could not take an instance, in the wire's words. */
import type { AllocMetric } from '../../model/allocation.ts';
import type { Node } from '../../model/node.ts';
import { emptyMetric } from './metric.ts';

export class Tally {
  evaluated = 0;
  filtered = 0;
  exhausted = 0;
  readonly #constraints = new Map<string, number>();
  readonly #classesFiltered = new Map<string, number>();
  readonly #dimensions = new Map<string, number>();
  readonly #classesExhausted = new Map<string, number>();

  filter(node: Node, reason: string): void {
    this.evaluated++;
    this.filtered++;
    add(this.#constraints, reason);
    if (node.NodeClass !== '') add(this.#classesFiltered, node.NodeClass);
  }

  exhaust(node: Node, dimension: string): void {
    this.evaluated++;
    this.exhausted++;
    add(this.#dimensions, dimension);
    if (node.NodeClass !== '') add(this.#classesExhausted, node.NodeClass);
  }

  metric(available: Readonly<Record<string, number>>): AllocMetric {
    return {
      ...emptyMetric(available),
      NodesEvaluated: this.evaluated,
      NodesFiltered: this.filtered,
      NodesExhausted: this.exhausted,
      ClassFiltered: asRecord(this.#classesFiltered),
      ConstraintFiltered: asRecord(this.#constraints),
      ClassExhausted: asRecord(this.#classesExhausted),
      DimensionExhausted: asRecord(this.#dimensions),
    };
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const asRecord = (counts: ReadonlyMap<string, number>): Record<string, number> | null =>
  counts.size === 0 ? null : Object.fromEntries(counts);
