/** `[for k, v in c : …]` and `{for k, v in c : k => v}`; `walk` also serves `%{ for }` and splats. */
import type { ForExpression } from '../syntax/ast.ts';
import { type Evaluate, evaluateCondition, evaluateKey } from './evaluator.ts';
import { type Scope, withValues } from './scope.ts';
import { isList, isMap, sortedKeys, typeName, type Value } from './value.ts';

export function evaluateFor(expression: ForExpression, scope: Scope, evaluate: Evaluate): Value | undefined {
  const scopes = walk(expression, scope, evaluate);
  if (scopes === undefined) return undefined;
  return expression.key === undefined
    ? collectList(expression, scopes, evaluate)
    : collectMap(expression, scopes, evaluate);
}

/** One scope for each item of the collection, with the loop's names in it. */
export function walk(
  loop: Pick<ForExpression, 'keyName' | 'valueName' | 'collection'>,
  scope: Scope,
  evaluate: Evaluate,
): Scope[] | undefined {
  const collection = evaluate(loop.collection, scope);
  if (collection === undefined) return undefined;
  const entries = entriesOf(collection);
  if (entries === undefined) {
    const detail = `A for expression walks a list or map; this is a ${typeName(collection)}.`;
    scope.diagnostics.error(
      loop.collection.range,
      'Iteration over non-iterable value',
      detail,
      'expected a list or map',
    );
    return undefined;
  }
  scope.budget.spend(entries.length);
  return entries.map(([key, value]) =>
    withValues(scope, { ...(loop.keyName === undefined ? {} : { [loop.keyName]: key }), [loop.valueName]: value }),
  );
}

export function entriesOf(collection: Value): (readonly [string | number, Value])[] | undefined {
  if (isList(collection)) return collection.map((value, at) => [at, value]);
  if (isMap(collection)) return sortedKeys(collection).map((key) => [key, collection.get(key)!]);
  return undefined;
}

function collectList(expression: ForExpression, scopes: readonly Scope[], evaluate: Evaluate): Value | undefined {
  const values: Value[] = [];
  for (const scope of scopes) {
    const wanted = isWanted(expression, scope, evaluate);
    if (wanted === undefined) return undefined;
    if (!wanted) continue;
    const value = evaluate(expression.value, scope);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function collectMap(expression: ForExpression, scopes: readonly Scope[], evaluate: Evaluate): Value | undefined {
  const map = new Map<string, Value>();
  for (const scope of scopes) {
    const wanted = isWanted(expression, scope, evaluate);
    if (wanted === undefined) return undefined;
    if (!wanted) continue;
    const key = evaluateKey(expression.key!, scope, evaluate);
    const value = evaluate(expression.value, scope);
    if (key === undefined || value === undefined || !put(map, key, value, expression, scope)) return undefined;
  }
  return map;
}

function put(map: Map<string, Value>, key: string, value: Value, expression: ForExpression, scope: Scope): boolean {
  if (expression.grouped) {
    map.set(key, [...((map.get(key) as readonly Value[] | undefined) ?? []), value]);
    return true;
  }
  if (map.has(key)) {
    const detail = `Two items of the for expression have the key "${key}".`;
    const expected = 'Put ... behind the value to collect the values of one key in a list.';
    scope.diagnostics.error(expression.key!.range, 'Duplicate object key', detail, expected);
    return false;
  }
  map.set(key, value);
  return true;
}

const isWanted = ({ condition }: ForExpression, scope: Scope, evaluate: Evaluate): boolean | undefined =>
  condition === undefined ? true : evaluateCondition(condition, scope, evaluate);
