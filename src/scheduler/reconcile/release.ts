/**
 * When the instances that are to take over find no room because those that wait for them hold it, some of the latter go
 * after all: a move that can never end helps nobody, and the ingress holds requests meanwhile.
 */
import type { PlannedStop } from '../types.ts';
import type { GroupDecision } from './decision.ts';
import type { Family } from './families.ts';

export interface FamilyProgress {
  /** Placements that found no room now. */
  readonly failed: number;
  readonly placed: number;
  /** New instances that are still to be found healthy: their health will let others go. */
  readonly unproven: number;
  readonly waiting: number;
  readonly maxParallel: number;
}

/**
 * How many of those that wait go now: a batch, and only where nothing else will move the family on.
 *
 *   5 without room, 10 waiting, max_parallel 2                 → 2
 *   5 without room, 1 waiting, max_parallel 2                  → 1
 *   5 without room, 10 waiting, max_parallel 0                 → 10
 *   5 without room, 3 placed or unproven, 10 waiting           → 0
 *   all placed, 10 waiting                                     → 0
 */
export function releaseCount({ failed, placed, unproven, waiting, maxParallel }: FamilyProgress): number {
  if (failed === 0 || placed > 0 || unproven > 0) return 0;
  return Math.min(waiting, maxParallel === 0 ? waiting : maxParallel);
}

export interface ReleaseInput {
  readonly groups: readonly GroupDecision[];
  readonly families: ReadonlyMap<string, Family>;
  readonly failed: (group: string) => number;
  readonly placed: (group: string) => number;
  readonly maxParallel: (group: string) => number;
}

/** The stops that go although nobody has taken over yet, with the group of each. */
export function releaseForRoom(
  input: ReleaseInput,
): { readonly group: string; readonly stops: readonly PlannedStop[] }[] {
  return input.groups.flatMap((decision) => {
    const { group, waiting } = decision;
    const kin = input.groups.filter((other) => input.families.get(group)?.groups.includes(other.group));
    if (waiting.length === 0 || input.failed(group) > 0) return [];
    const count = releaseCount({
      failed: sum(kin, (other) => input.failed(other.group)),
      placed: sum(kin, (other) => input.placed(other.group)),
      unproven: sum(kin, (other) => other.unproven),
      waiting: waiting.length,
      maxParallel: input.maxParallel(group),
    });
    return count > 0 ? [{ group, stops: waiting.slice(0, count) }] : [];
  });
}

const sum = (groups: readonly GroupDecision[], figure: (group: GroupDecision) => number): number =>
  groups.reduce((total, group) => total + figure(group), 0);
