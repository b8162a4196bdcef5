/**
 * Strings with `${…}` and `%{…}` in them. `"${x}"` alone is x itself, of any type. An interpolation of nothing but an
 * unknown name (`${NOMAD_PORT_http}`, `${attr.kernel.name}`, `${env["HOME"]}`) stays as it was written: its value
 * is known only on the node that runs the task.
 */
import { assertNever } from '../../lib/assert.ts';
import { textOf } from '../source.ts';
import type { Expression, Interpolation, Template, TemplatePart } from '../syntax/ast.ts';
import { asText } from './convert.ts';
import { walk } from './evaluate-for.ts';
import { type Evaluate, evaluateCondition } from './evaluator.ts';
import { findRoot, type Scope } from './scope.ts';
import { typeName, type Value } from './value.ts';

export function evaluateTemplate(template: Template, scope: Scope, evaluate: Evaluate): Value | undefined {
  const only = template.parts.length === 1 ? template.parts[0] : undefined;
  if (only?.kind === 'interpolation') return interpolated(only, scope, evaluate);
  return joined(template.parts, scope, evaluate);
}

function joined(parts: readonly TemplatePart[], scope: Scope, evaluate: Evaluate): string | undefined {
  const texts = parts.map((part) => partText(part, scope, evaluate));
  if (!texts.every((text) => text !== undefined)) return undefined;
  const text = texts.join('');
  scope.budget.spend(text.length / 1000);
  return text;
}

function partText(part: TemplatePart, scope: Scope, evaluate: Evaluate): string | undefined {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'interpolation':
      return interpolatedText(part, scope, evaluate);
    case 'if': {
      const chosen = evaluateCondition(part.condition, scope, evaluate);
      if (chosen === undefined) return undefined;
      return joined(chosen ? part.whenTrue : part.whenFalse, scope, evaluate);
    }
    case 'for-directive': {
      const texts = walk(part, scope, evaluate)?.map((each) => joined(part.parts, each, evaluate));
      return texts?.every((text) => text !== undefined) ? texts.join('') : undefined;
    }
    default:
      return assertNever(part);
  }
}

function interpolated(part: Interpolation, scope: Scope, evaluate: Evaluate): Value | undefined {
  return isRuntimeValue(part.expression, scope) ? textOf(part.range) : evaluate(part.expression, scope);
}

function interpolatedText(part: Interpolation, scope: Scope, evaluate: Evaluate): string | undefined {
  const value = interpolated(part, scope, evaluate);
  if (value === undefined) return undefined;
  const text = asText(value);
  if (text === undefined) {
    const detail = `The value between \${ and } must be text, a number or a bool; this one is a ${typeName(value)}.`;
    scope.diagnostics.error(part.expression.range, 'Invalid template interpolation value', detail);
  }
  return text;
}

function isRuntimeValue(expression: Expression, scope: Scope): boolean {
  if (!scope.keepsUnknown) return false;
  const root = expression.kind === 'traversal' ? expression.target : expression;
  return root.kind === 'variable' && findRoot(scope, root.name) === undefined;
}
