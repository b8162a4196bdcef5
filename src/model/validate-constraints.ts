/** Judges constraints, affinities and spreads. */
import type { Affinity, Constraint, Spread } from './constraint.ts';
import { type ErrorTree, within, wrong, wrongIf } from './error-tree.ts';
import { compileGoRegexp } from './go-regexp.ts';
import { parseVersionConstraint } from './version-constraint.ts';

const COMPARISONS = ['=', '==', 'is', '!=', 'not', '<', '<=', '>', '>='];
const MATCHES = ['regexp', 'not_regexp', 'version', 'semver', 'set_contains', 'set_contains_all', 'set_contains_any'];
const PRESENCE = ['is_set', 'is_not_set'];
const DISTINCT = ['distinct_hosts', 'distinct_property'];

const CONSTRAINT_OPERANDS = [...COMPARISONS, ...MATCHES, ...PRESENCE, ...DISTINCT];
const AFFINITY_OPERANDS = [...COMPARISONS, ...MATCHES, ...PRESENCE];

export type ConstraintLevel = 'job' | 'group' | 'task';

export function validateConstraints(constraints: readonly Constraint[] | null, level: ConstraintLevel): ErrorTree[] {
  return (constraints ?? []).flatMap((constraint, at) =>
    within(`Constraint ${at + 1} validation failed`, validateConstraint(constraint, level)),
  );
}

export function validateAffinities(affinities: readonly Affinity[] | null): ErrorTree[] {
  return (affinities ?? []).flatMap((affinity, at) =>
    within(`Affinity ${at + 1} validation failed`, [
      ...validateOperand(affinity, AFFINITY_OPERANDS, 'affinity'),
      ...validateTargets(affinity),
      ...wrongIf(affinity.Weight === 0, 'Affinity weight cannot be zero'),
      ...wrongIf(Math.abs(affinity.Weight) > 100, 'Affinity weight must be between -100 and 100'),
    ]),
  );
}

export function validateSpreads(spreads: readonly Spread[] | null): ErrorTree[] {
  return (spreads ?? []).flatMap((spread, at) => within(`Spread ${at + 1} validation failed`, validateSpread(spread)));
}

function validateConstraint(constraint: Constraint, level: ConstraintLevel): ErrorTree[] {
  return [
    ...validateOperand(constraint, CONSTRAINT_OPERANDS, 'constraint'),
    ...validateTargets(constraint),
    ...wrongIf(
      level === 'task' && DISTINCT.includes(constraint.Operand),
      `${constraint.Operand} is not a property of one task: put the constraint into its group or job`,
    ),
  ];
}

function validateOperand(constraint: Constraint, operands: readonly string[], what: string): ErrorTree[] {
  if (constraint.Operand === '') return wrong(`Missing ${what} operand`);
  const known = operands.includes(constraint.Operand);
  return wrongIf(!known, `Unknown ${what} operator ${JSON.stringify(constraint.Operand)}: use ${operands.join(', ')}`);
}

function validateTargets(constraint: Constraint): ErrorTree[] {
  const { LTarget, RTarget, Operand } = constraint;
  if (Operand === 'distinct_hosts') return [];
  return [
    ...wrongIf(LTarget === '', 'No attribute given: say what is compared, such as "${attr.kernel.name}"'),
    ...(PRESENCE.includes(Operand) ? [] : validateRightTarget(RTarget, Operand)),
  ];
}

function validateRightTarget(target: string, operand: string): ErrorTree[] {
  // Interpolated values are known on the node only.
  if (target.includes('${')) return [];
  switch (operand) {
    case 'regexp':
    case 'not_regexp':
      return wrongIf(compileGoRegexp(target) === undefined, `Regular expression failed to compile: ${target}`);
    case 'version':
    case 'semver':
      return wrongIf(
        parseVersionConstraint(target, operand) === undefined,
        `Version constraint is invalid: Malformed constraint: ${target}`,
      );
    case 'distinct_property':
      return wrongIf(
        target !== '' && !/^[1-9]\d*$/.test(target),
        `distinct_property allows a number of at least 1 as its value, not ${JSON.stringify(target)}`,
      );
    default:
      return wrongIf(target === '', `Operator ${JSON.stringify(operand)} requires a value to compare with`);
  }
}

function validateSpread(spread: Spread): ErrorTree[] {
  const targets = spread.SpreadTarget ?? [];
  const total = targets.reduce((sum, target) => sum + target.Percent, 0);
  const values = targets.map((target) => target.Value);
  return [
    ...wrongIf(spread.Attribute === '', 'Missing spread attribute'),
    ...wrongIf(spread.Weight <= 0 || spread.Weight > 100, 'Spread block must have a weight between 1 and 100'),
    ...values.flatMap((value, at) =>
      wrongIf(values.indexOf(value) !== at, `Spread target value ${JSON.stringify(value)} already defined`),
    ),
    ...targets.flatMap((target) =>
      wrongIf(
        target.Percent < 0 || target.Percent > 100,
        `Spread target percentage for value ${JSON.stringify(target.Value)} must be between 0 and 100`,
      ),
    ),
    ...wrongIf(total > 100, `Sum of spread target percentages must not be greater than 100; got ${total}`),
  ];
}
