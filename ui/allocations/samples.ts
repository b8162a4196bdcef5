/** What the tasks used over the last minutes, as it was measured while somebody looked: pure. */
import type { AllocStatsView } from '../../src/api/views.ts';
import { type Usage, usageOf } from './task-facts.ts';

export interface Sample {
  readonly atMs: number;
  readonly tasks: Readonly<Record<string, Usage>>;
}

const KEPT_MS = 5 * 60_000;

export function samplesAfter(samples: readonly Sample[], atMs: number, stats: AllocStatsView): readonly Sample[] {
  const tasks = Object.fromEntries(
    Object.entries(stats.Tasks ?? {}).map(([name, task]) => [name, usageOf(task?.ResourceUsage)]),
  );
  return [...samples.filter((sample) => atMs - sample.atMs < KEPT_MS), { atMs, tasks }];
}
