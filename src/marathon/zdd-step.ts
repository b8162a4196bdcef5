/**
 * What a blue/green deployment does next. Pure: everything that it needs is asked for anew before each step, so it may be
 * left at any point and taken up again. At every step enough healthy instances are there: one of the old colour goes only
 * when one of the new colour has come to take its place.
 */

export interface ColourState {
  /** As many as it is to have. */
  readonly instances: number;
  /** Of its tasks: those that run and whose checks, if any, are well. */
  readonly healthy: number;
  /** A change of it goes on. */
  readonly isDeploying: boolean;
}

export interface ZddGoal {
  /** Both colours together. */
  readonly target: number;
  /** Of them the new colour; `target`: the old one goes. */
  readonly fresh: number;
  /** Instances come this many at a time; undefined: by half as many as there are. */
  readonly increase?: number;
}

export type ZddStep =
  | { readonly kind: 'wait'; readonly for: 'fresh' | 'old' }
  | { readonly kind: 'kill'; readonly count: number }
  | { readonly kind: 'scale'; readonly instances: number }
  | { readonly kind: 'remove' }
  | { readonly kind: 'done' };

/**
 * target 4, all new; `new/healthy + old`:
 *
 * | new      | old | step                                                 |
 * | -------- | --- | ---------------------------------------------------- |
 * | 1/0      | 4   | wait                                                 |
 * | 1/1      | 4   | kill 1: four others are left                         |
 * | 1/1      | 3   | scale to 2                                           |
 * | 2/2      | 3   | kill 1                                               |
 * | 2/2      | 2   | scale to 4: as many as there are old ones            |
 * | 4/4      | 2   | kill 2                                               |
 * | 4/4      | 0   | remove                                               |
 *
 * Back to a new/healthy one from an old one that will never be well, and is deployed for ever:
 *
 * | 3/3      | 2/1 | scale to 4                                           |
 * | 4/4      | 1/0 | remove                                               |
 */
export function nextStep(fresh: ColourState, old: ColourState | undefined, goal: ZddGoal): ZddStep {
  if (fresh.isDeploying || fresh.healthy < fresh.instances) return { kind: 'wait', for: 'fresh' };
  if (old === undefined) return fresh.instances >= goal.fresh ? { kind: 'done' } : grown(fresh, 0, goal);
  if (old.isDeploying) return whileOldDeploys(fresh, old, goal);
  const kept = goal.target - goal.fresh;
  const spare = Math.min(fresh.healthy + old.instances - goal.target, old.instances - kept);
  if (spare > 0) return { kind: 'kill', count: spare };
  if (fresh.instances < goal.fresh) return grown(fresh, old.instances, goal);
  return kept === 0 ? { kind: 'remove' } : { kind: 'done' };
}

function whileOldDeploys(fresh: ColourState, old: ColourState, goal: ZddGoal): ZddStep {
  const isStuck = old.healthy < old.instances;
  if (isStuck && fresh.instances < goal.fresh) return grown(fresh, old.instances, goal);
  return isStuck && goal.fresh >= goal.target ? { kind: 'remove' } : { kind: 'wait', for: 'old' };
}

function grown({ instances }: ColourState, old: number, { fresh, increase }: ZddGoal): ZddStep {
  const step = increase ?? Math.floor((instances + 1) / 2);
  const next = instances >= old && increase === undefined ? fresh : instances + Math.max(1, step);
  return { kind: 'scale', instances: Math.min(fresh, next) };
}
