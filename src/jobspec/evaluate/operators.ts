/** Arithmetic, comparison and logic. */
import { assertNever } from '../../lib/assert.ts';
import type { Binary, BinaryOperator, Expression, Unary } from '../syntax/ast.ts';
import { asBool, asNumber } from './convert.ts';
import type { Evaluate } from './evaluator.ts';
import type { Scope } from './scope.ts';
import { isEqual, typeName, type Value } from './value.ts';

export function evaluateBinary(expression: Binary, scope: Scope, evaluate: Evaluate): Value | undefined {
  const left = evaluate(expression.left, scope);
  const right = evaluate(expression.right, scope);
  if (left === undefined || right === undefined) return undefined;
  switch (expression.operator) {
    case '==':
      return isEqual(left, right);
    case '!=':
      return !isEqual(left, right);
    case '&&':
    case '||':
      return logic(expression, left, right, scope);
    default:
      return arithmetic(expression, expression.operator, left, right, scope);
  }
}

export function evaluateUnary({ operator, operand }: Unary, scope: Scope, evaluate: Evaluate): Value | undefined {
  const value = evaluate(operand, scope);
  if (value === undefined) return undefined;
  if (operator === '!') {
    const bool = asBool(value);
    return bool === undefined ? unsuitable(operand, 'operand', 'bool', value, scope) : !bool;
  }
  const number = asNumber(value);
  return number === undefined ? unsuitable(operand, 'operand', 'number', value, scope) : -number;
}

function logic({ operator, left, right }: Binary, a: Value, b: Value, scope: Scope): boolean | undefined {
  const first = asBool(a);
  const second = asBool(b);
  if (first === undefined) unsuitable(left, 'left operand', 'bool', a, scope);
  if (second === undefined) unsuitable(right, 'right operand', 'bool', b, scope);
  if (first === undefined || second === undefined) return undefined;
  return operator === '&&' ? first && second : first || second;
}

type Arithmetic = Exclude<BinaryOperator, '==' | '!=' | '&&' | '||'>;

function arithmetic(
  { left, right, range }: Binary,
  operator: Arithmetic,
  a: Value,
  b: Value,
  scope: Scope,
): Value | undefined {
  const first = asNumber(a);
  const second = asNumber(b);
  if (first === undefined) unsuitable(left, 'left operand', 'number', a, scope);
  if (second === undefined) unsuitable(right, 'right operand', 'number', b, scope);
  if (first === undefined || second === undefined) return undefined;
  if ((operator === '/' || operator === '%') && second === 0) {
    scope.diagnostics.error(range, 'Division by zero', 'The right operand of a division is 0.');
    return undefined;
  }
  const result = compute(operator, first, second);
  if (typeof result === 'number' && !Number.isFinite(result)) {
    scope.diagnostics.error(range, 'Number too large', 'The result is too large to be a number.');
    return undefined;
  }
  return result;
}

function compute(operator: Arithmetic, a: number, b: number): Value {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return assertNever(operator);
  }
}

function unsuitable(operand: Expression, side: string, wanted: string, value: Value, scope: Scope): undefined {
  const detail = `Unsuitable value for ${side}: a ${wanted} is required, this is a ${typeName(value)}.`;
  scope.diagnostics.error(operand.range, 'Invalid operand', detail, `expected a ${wanted}`);
  return undefined;
}
