/**
 * Expression → value. Every operand is evaluated even when another failed, so that one run tells all that is wrong.
 * `undefined` means: failed, and reported.
 */
import { assertNever } from '../../lib/assert.ts';
import { textOf } from '../source.ts';
import type { Conditional, Expression, Literal, ObjectLiteral, Tuple, Variable } from '../syntax/ast.ts';
import { evaluateCall } from './evaluate-call.ts';
import { evaluateFor } from './evaluate-for.ts';
import { evaluateTemplate } from './evaluate-template.ts';
import { evaluateTraversal } from './evaluate-traversal.ts';
import { type Evaluate, evaluateCondition, evaluateKey } from './evaluator.ts';
import { evaluateBinary, evaluateUnary } from './operators.ts';
import { findRoot, type Scope } from './scope.ts';
import { reportUnknownVariable } from './unknown-variable.ts';
import type { Value } from './value.ts';

export const evaluate: Evaluate = (expression, scope) => {
  scope.budget.spend();
  const value = dispatch(expression, scope);
  if (value !== undefined) scope.budget.admit(value);
  return value;
};

function dispatch(expression: Expression, scope: Scope): Value | undefined {
  switch (expression.kind) {
    case 'unreadable':
      return undefined;
    case 'literal':
      return evaluateLiteral(expression, scope);
    case 'template':
      return evaluateTemplate(expression, scope, evaluate);
    case 'tuple':
      return evaluateTuple(expression, scope);
    case 'object':
      return evaluateObject(expression, scope);
    case 'for':
      return evaluateFor(expression, scope, evaluate);
    case 'conditional':
      return evaluateConditional(expression, scope);
    case 'binary':
      return evaluateBinary(expression, scope, evaluate);
    case 'unary':
      return evaluateUnary(expression, scope, evaluate);
    case 'variable':
      return evaluateVariable(expression, scope);
    case 'traversal':
      return evaluateTraversal(expression, scope, evaluate);
    case 'call':
      return evaluateCall(expression, scope, evaluate);
    default:
      return assertNever(expression);
  }
}

function evaluateLiteral({ value, range }: Literal, scope: Scope): Value | undefined {
  if (value !== Number.POSITIVE_INFINITY) return value;
  scope.diagnostics.error(range, 'Number too large', `The number ${textOf(range)} is too large.`);
  return undefined;
}

function evaluateTuple({ items }: Tuple, scope: Scope): Value | undefined {
  const values = items.map((item) => evaluate(item, scope));
  return values.every((value) => value !== undefined) ? values : undefined;
}

function evaluateObject({ items }: ObjectLiteral, scope: Scope): Value | undefined {
  const entries = items.map(({ key, value }) => [evaluateKey(key, scope, evaluate), evaluate(value, scope)] as const);
  if (!entries.every((entry): entry is [string, Value] => entry[0] !== undefined && entry[1] !== undefined)) {
    return undefined;
  }
  return new Map(entries);
}

/** Only the chosen branch is evaluated: the other may be wrong for just this case. */
function evaluateConditional({ condition, whenTrue, whenFalse }: Conditional, scope: Scope): Value | undefined {
  const chosen = evaluateCondition(condition, scope, evaluate);
  if (chosen === undefined) return undefined;
  return evaluate(chosen ? whenTrue : whenFalse, scope);
}

function evaluateVariable(expression: Variable, scope: Scope): Value | undefined {
  const root = findRoot(scope, expression.name);
  switch (root?.kind) {
    case undefined:
      reportUnknownVariable(expression, scope);
      return undefined;
    case 'failed':
      return undefined;
    case 'value':
      return root.value;
    case 'named': {
      const entries = root.values.names.map((name) => [name, root.values.get(name)] as const);
      return entries.every((entry): entry is [string, Value] => entry[1] !== undefined) ? new Map(entries) : undefined;
    }
  }
}
