/** Marathon's constraints as those of a job; GROUP_BY spreads. */
import type { MarathonApp } from './app.ts';

export interface JobConstraint {
  LTarget: string;
  Operand: string;
  RTarget: string;
}

/**
 *   hostname UNIQUE            → distinct_hosts
 *   rack UNIQUE                → distinct_property of the rack
 *   hostname CLUSTER node-1    → = node-1
 *   rack LIKE rack-[1-3]       → regexp, of the whole value
 *   rack UNLIKE rack-[7-9]     → not_regexp
 *   rack MAX_PER 2             → distinct_property, 2 of each
 */
export function constraintsOf({ constraints }: Pick<MarathonApp, 'constraints'>): JobConstraint[] | null {
  const found = constraints.flatMap(constraintOf);
  return found.length === 0 ? null : found;
}

function constraintOf([field = '', operator = '', value = '']: readonly string[]): JobConstraint[] {
  const LTarget = targetOf(field);
  switch (operator.toUpperCase()) {
    case 'UNIQUE':
      return isHost(field)
        ? [{ LTarget: '', Operand: 'distinct_hosts', RTarget: 'true' }]
        : [{ LTarget, Operand: 'distinct_property', RTarget: '1' }];
    case 'CLUSTER':
      return value === '' ? [] : [{ LTarget, Operand: '=', RTarget: value }];
    case 'LIKE':
      return [{ LTarget, Operand: 'regexp', RTarget: `^(${value})$` }];
    case 'UNLIKE':
      return [{ LTarget, Operand: 'not_regexp', RTarget: `^(${value})$` }];
    case 'MAX_PER':
      return [{ LTarget, Operand: 'distinct_property', RTarget: value }];
    default:
      return [];
  }
}

/** GROUP_BY: as many instances on each value as on any other. */
export function spreadsOf({ constraints }: Pick<MarathonApp, 'constraints'>): object[] | null {
  const fields = constraints
    .filter(([, operator]) => operator?.toUpperCase() === 'GROUP_BY')
    .map(([field = '']) => field);
  if (fields.length === 0) return null;
  return fields.map((field) => ({ Attribute: targetOf(field), Weight: 100, SpreadTarget: null }));
}

const isHost = (field: string): boolean => field === 'hostname' || field === '@hostname';

function targetOf(field: string): string {
  if (isHost(field)) return '${attr.unique.hostname}';
  if (field === '@zone' || field === '@region') return '${node.datacenter}';
  return `\${meta.${field}}`;
}
