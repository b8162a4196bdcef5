/** The operators of constraints and affinities, compiled once per job so that a regular expression is not made per node. */
import { compileVersions } from './version.ts';

/** undefined: the node has no such value. */
export type Operator = (left: string | undefined, right: string | undefined) => boolean;

const both =
  (passes: (left: string, right: string) => boolean): Operator =>
  (left, right) =>
    left !== undefined && right !== undefined && passes(left, right);

const OPERATORS: Readonly<Record<string, () => Operator>> = {
  '=': () => both((left, right) => left === right),
  // What a node does not have differs from everything.
  '!=': () => (left, right) => left !== right,
  '<': () => both((left, right) => compareValues(left, right) < 0),
  '<=': () => both((left, right) => compareValues(left, right) <= 0),
  '>': () => both((left, right) => compareValues(left, right) > 0),
  '>=': () => both((left, right) => compareValues(left, right) >= 0),
  regexp: () => compiled((right) => compileRegExp(right)),
  // Ours. What a node does not have is like nothing.
  not_regexp: () => {
    const isLike = compiled((right) => compileRegExp(right));
    return (left, right) => left === undefined || !isLike(left, right);
  },
  version: () => compiled((right) => compileVersions(right, 'version')),
  semver: () => compiled((right) => compileVersions(right, 'semver')),
  set_contains: () => both((left, right) => isSubset(elements(right), new Set(elements(left)))),
  set_contains_any: () => both((left, right) => elements(right).some((one) => elements(left).includes(one))),
  is_set: () => (left) => left !== undefined,
  is_not_set: () => (left) => left === undefined,
};

const SYNONYMS: Readonly<Record<string, string>> = {
  '': '=',
  '==': '=',
  is: '=',
  not: '!=',
  set_contains_all: 'set_contains',
};

/** undefined: there is no such operator (validation has refused it long before). */
export function compileOperator(operand: string): Operator | undefined {
  return OPERATORS[SYNONYMS[operand] ?? operand]?.();
}

/** Numbers compare as numbers, everything else as text. */
export function compareValues(left: string, right: string): number {
  const [leftNumber, rightNumber] = [asNumber(left), asNumber(right)];
  if (leftNumber !== undefined && rightNumber !== undefined) return leftNumber - rightNumber;
  return left < right ? -1 : left > right ? 1 : 0;
}

function asNumber(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) ? undefined : number;
}

/** The right side is compiled once; what cannot be compiled holds for nothing. */
function compiled(compile: (right: string) => ((left: string) => boolean) | undefined): Operator {
  const known = new Map<string, ((left: string) => boolean) | undefined>();
  return (left, right) => {
    if (left === undefined || right === undefined) return false;
    if (!known.has(right)) known.set(right, compile(right));
    return known.get(right)?.(left) ?? false;
  };
}

function compileRegExp(pattern: string): ((left: string) => boolean) | undefined {
  try {
    const regexp = new RegExp(pattern);
    return (left) => regexp.test(left);
  } catch {
    return undefined;
  }
}

const elements = (text: string): string[] => text.split(',').map((one) => one.trim());
const isSubset = (wanted: readonly string[], all: ReadonlySet<string>): boolean => wanted.every((one) => all.has(one));
