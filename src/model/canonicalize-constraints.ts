/** Constraints, affinities and spreads as a client sends them, made canonical. */
import type { Affinity, Constraint, Spread } from './constraint.ts';
import type { RequestFields } from './request-fields.ts';

const DEFAULT_WEIGHT = 50;

export function readConstraint(fields: RequestFields): Constraint {
  return { LTarget: fields.text('LTarget'), RTarget: fields.text('RTarget'), Operand: fields.text('Operand') };
}

export function readAffinity(fields: RequestFields): Affinity {
  return { ...readConstraint(fields), Weight: fields.integer('Weight', DEFAULT_WEIGHT) };
}

export function readSpread(fields: RequestFields): Spread {
  return {
    Attribute: fields.text('Attribute'),
    Weight: fields.integer('Weight', DEFAULT_WEIGHT),
    SpreadTarget: fields.list('SpreadTarget', (target) => ({
      Value: target.text('Value'),
      Percent: target.integer('Percent'),
    })),
  };
}
