/** The evaluator as its parts see it (they get it as a parameter), and the two readings that several parts share. */
import type { Expression } from '../syntax/ast.ts';
import { asBool, asText } from './convert.ts';
import type { Scope } from './scope.ts';
import { typeName, type Value } from './value.ts';

export type Evaluate = (expression: Expression, scope: Scope) => Value | undefined;

/** A key is text; numbers and bools are written as text. */
export function evaluateKey(expression: Expression, scope: Scope, evaluate: Evaluate): string | undefined {
  const key = evaluate(expression, scope);
  if (key === undefined) return undefined;
  const text = asText(key);
  if (text === undefined) {
    const detail = `A map's keys are text; this one is a ${typeName(key)}.`;
    scope.diagnostics.error(expression.range, 'Incorrect key type', detail, 'expected a string');
  }
  return text;
}

export function evaluateCondition(condition: Expression, scope: Scope, evaluate: Evaluate): boolean | undefined {
  const value = evaluate(condition, scope);
  if (value === undefined) return undefined;
  const bool = asBool(value);
  if (bool === undefined) {
    const detail = `A condition is true or false; this one is a ${typeName(value)}.`;
    scope.diagnostics.error(condition.range, 'Incorrect condition type', detail, 'expected true or false');
  }
  return bool;
}
