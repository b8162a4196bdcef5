/**
 * Ours: labels by which an app is updated with canaries of its own, in one ordinary deployment, instead of as two apps.
 * They are read where an app has something to replace; a first version and another count have no canaries.
 */
import type { UpdateStrategy } from '../model/policies.ts';
import { parseAmount, surgeOf } from '../model/surge.ts';
import type { MarathonApp } from './app.ts';
import { isTrue } from './labels.ts';
import type { FieldProblem } from './problems.ts';

/** How many of them: a number, or a part of the instances. */
const CANARY = 'SERIN_CANARY';
/** What they get of the requests, in percent. */
const WEIGHT = 'SERIN_CANARY_WEIGHT';
/** Whether the rest follows by itself once they are healthy. */
const AUTO_PROMOTE = 'SERIN_AUTO_PROMOTE';

type CanaryUpdate = Pick<UpdateStrategy, 'Canary'> &
  Partial<Pick<UpdateStrategy, 'CanaryWeight' | 'AutoPromote' | 'AutoRevert'>>;

/**
 * A deployment of canaries that somebody fails, or that fails by itself, leads back to the version before.
 *
 *   "1"     of 4 instances → 1
 *   "25%"   of 6           → 2, since a part of an instance is a whole one
 *   "100%"  of 4           → 4: blue/green, promoted in one step
 */
export function canaryOf({ labels, instances }: MarathonApp): CanaryUpdate {
  const Canary = surgeOf({ MaxSurge: parseAmount(labels[CANARY]) ?? 0 }, instances);
  if (Canary === 0) return { Canary };
  const weight = weightIn(labels[WEIGHT]);
  return {
    Canary,
    AutoRevert: true,
    AutoPromote: isTrue(labels[AUTO_PROMOTE]),
    ...(weight !== undefined && { CanaryWeight: weight }),
  };
}

export function canaryProblems({ labels }: MarathonApp): FieldProblem[] {
  const { [CANARY]: canary, [WEIGHT]: weight } = labels;
  return [
    ...(canary !== undefined && parseAmount(canary) === undefined
      ? [{ path: `/labels/${CANARY}`, error: `got "${canary}", expected a number of instances, or a part such as 25%` }]
      : []),
    ...(weight !== undefined && weightIn(weight) === undefined
      ? [{ path: `/labels/${WEIGHT}`, error: `got "${weight}", expected a percentage from 0 to 100, such as 5` }]
      : []),
    ...[WEIGHT, AUTO_PROMOTE]
      .filter((name) => labels[name] !== undefined && canary === undefined)
      .map((name) => ({ path: `/labels/${name}`, error: `means nothing without ${CANARY}` })),
  ];
}

/** undefined: it is none. */
function weightIn(text: string | undefined): number | undefined {
  const weight = /^\d{1,3}(\.\d{1,6})?$/.test(text ?? '') ? Number(text) : 101;
  return weight <= 100 ? weight : undefined;
}
