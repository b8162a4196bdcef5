/** `a.b`, `a["b"]`, `a[0]`, `a.*.b`, `a[*].b`. */
import { assertNever } from '../../lib/assert.ts';
import { suggestName } from '../suggest.ts';
import type { AttributeStep, IndexStep, SplatStep, Step, Traversal } from '../syntax/ast.ts';
import { asNumber, asText } from './convert.ts';
import type { Evaluate } from './evaluator.ts';
import { findRoot, type NamedValues, type Scope } from './scope.ts';
import { isList, isMap, sortedKeys, typeName, type Value } from './value.ts';

export function evaluateTraversal(traversal: Traversal, scope: Scope, evaluate: Evaluate): Value | undefined {
  const [first, ...rest] = traversal.steps;
  const root = traversal.target.kind === 'variable' ? findRoot(scope, traversal.target.name) : undefined;
  if (root?.kind === 'named' && first?.kind === 'attribute') {
    const value = namedValue(root.values, first, scope);
    return value === undefined ? undefined : takeSteps(value, rest, scope, evaluate);
  }
  const target = evaluate(traversal.target, scope);
  return target === undefined ? undefined : takeSteps(target, traversal.steps, scope, evaluate);
}

function namedValue(values: NamedValues, step: AttributeStep, scope: Scope): Value | undefined {
  if (values.names.includes(step.name)) return values.get(step.name);
  const detail = `There is no ${values.noun} named "${step.name}".`;
  scope.diagnostics.error(
    step.range,
    'Unsupported attribute',
    detail,
    suggestName(step.name, values.names, values.noun),
  );
  return undefined;
}

function takeSteps(value: Value, steps: readonly Step[], scope: Scope, evaluate: Evaluate): Value | undefined {
  let current: Value | undefined = value;
  for (const step of steps) {
    current = takeStep(current, step, scope, evaluate);
    if (current === undefined) return undefined;
  }
  return current;
}

function takeStep(value: Value, step: Step, scope: Scope, evaluate: Evaluate): Value | undefined {
  switch (step.kind) {
    case 'attribute':
      return attribute(value, step, scope);
    case 'index':
      return index(value, step, scope, evaluate);
    case 'splat':
      return splat(value, step, scope, evaluate);
    default:
      return assertNever(step);
  }
}

function attribute(value: Value, step: AttributeStep, scope: Scope): Value | undefined {
  if (!isMap(value)) {
    const detail = `Only a map has attributes; this value is a ${typeName(value)}.`;
    scope.diagnostics.error(step.range, 'Unsupported attribute', detail);
    return undefined;
  }
  const found = value.get(step.name);
  if (found === undefined) {
    const detail = `This object does not have an attribute named "${step.name}".`;
    scope.diagnostics.error(
      step.range,
      'Unsupported attribute',
      detail,
      suggestName(step.name, sortedKeys(value), 'key'),
    );
  }
  return found;
}

function index(value: Value, step: IndexStep, scope: Scope, evaluate: Evaluate): Value | undefined {
  const key = evaluate(step.key, scope);
  if (key === undefined) return undefined;
  const found = elementAt(value, key);
  if (found === undefined) {
    const detail = `The given key does not identify an element in this collection value (a ${typeName(value)}).`;
    scope.diagnostics.error(step.range, 'Invalid index', detail, keysOf(value));
  }
  return found;
}

export function elementAt(value: Value, key: Value): Value | undefined {
  if (isList(value)) return value[asNumber(key) ?? -1];
  return isMap(value) ? value.get(asText(key) ?? '') : undefined;
}

function keysOf(value: Value): string {
  if (isMap(value)) return suggestName('', sortedKeys(value), 'key');
  if (!isList(value)) return 'expected a list or map before the index';
  return value.length === 0 ? 'The list is empty.' : `expected an index from 0 to ${value.length - 1}`;
}

/** A value that is no list is treated as a list of one, null as an empty one. */
function splat(value: Value, step: SplatStep, scope: Scope, evaluate: Evaluate): Value | undefined {
  const items = isList(value) ? value : value === null ? [] : [value];
  scope.budget.spend(items.length);
  const results = items.map((item) => takeSteps(item, step.steps, scope, evaluate));
  return results.every((result) => result !== undefined) ? results : undefined;
}
