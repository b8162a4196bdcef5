/** `name(args…)`. `try` and `can` judge their arguments themselves; every other function gets values. */
import { Diagnostics } from '../diagnostic.ts';
import { suggestName } from '../suggest.ts';
import type { Call } from '../syntax/ast.ts';
import type { Evaluate } from './evaluator.ts';
import { FunctionError, type PureFunction } from './function-table.ts';
import type { Scope } from './scope.ts';
import { isList, type Value } from './value.ts';

export function evaluateCall(call: Call, scope: Scope, evaluate: Evaluate): Value | undefined {
  if (call.name === 'try') return evaluateTry(call, scope, evaluate);
  if (call.name === 'can') return evaluateCan(call, scope, evaluate);
  const fn = scope.functions.get(call.name);
  if (fn === undefined) reportUnknownFunction(call, scope);
  const args = evaluateArguments(call, scope, evaluate);
  if (fn === undefined || args === undefined || !hasRightCount(call, fn, args.length, scope)) return undefined;
  return applied(call, fn, args, scope);
}

function evaluateArguments(call: Call, scope: Scope, evaluate: Evaluate): Value[] | undefined {
  const values = call.args.map((arg) => evaluate(arg, scope));
  if (!values.every((value) => value !== undefined)) return undefined;
  if (!call.expandLast) return values;
  const last = values.at(-1)!;
  if (isList(last)) return [...values.slice(0, -1), ...last];
  const detail = 'The argument before ... must be a list.';
  scope.diagnostics.error(call.args.at(-1)!.range, 'Invalid expanding argument value', detail, 'expected a list');
  return undefined;
}

function hasRightCount(call: Call, fn: PureFunction, count: number, scope: Scope): boolean {
  if (count >= fn.least && count <= fn.most) return true;
  const summary = count < fn.least ? 'Not enough function arguments' : 'Too many function arguments';
  const detail = `Function "${call.name}" takes ${countOf(fn)}, not ${count}.`;
  scope.diagnostics.error(call.range, summary, detail, `expected ${call.name}(${fn.usage})`);
  return false;
}

function countOf({ least, most }: PureFunction): string {
  if (least === most) return least === 1 ? '1 argument' : `${least} arguments`;
  return most === Number.POSITIVE_INFINITY ? `${least} or more arguments` : `${least} to ${most} arguments`;
}

function applied(call: Call, fn: PureFunction, args: readonly Value[], scope: Scope): Value | undefined {
  try {
    const value = fn.apply(args, (amount) => scope.budget.spend(amount));
    scope.budget.spend(typeof value === 'string' ? value.length / 1000 : 0);
    return value;
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    const range = call.args[error.argument]?.range ?? call.range;
    const detail = `Call to function "${call.name}" failed: ${error.message}`;
    scope.diagnostics.error(range, 'Error in function call', `${detail}.`, `expected ${call.name}(${fn.usage})`);
    return undefined;
  }
}

function evaluateTry(call: Call, scope: Scope, evaluate: Evaluate): Value | undefined {
  for (const arg of call.args.slice(0, -1)) {
    const value = evaluate(arg, { ...scope, diagnostics: new Diagnostics() });
    if (value !== undefined) return value;
  }
  const last = call.args.at(-1);
  if (last) return evaluate(last, scope);
  scope.diagnostics.error(call.range, 'Not enough function arguments', 'Function "try" takes at least 1 argument.');
  return undefined;
}

function evaluateCan(call: Call, scope: Scope, evaluate: Evaluate): Value | undefined {
  if (call.args.length === 1)
    return evaluate(call.args[0]!, { ...scope, diagnostics: new Diagnostics() }) !== undefined;
  scope.diagnostics.error(call.range, 'Wrong number of function arguments', 'Function "can" takes 1 argument.');
  return undefined;
}

function reportUnknownFunction(call: Call, scope: Scope): void {
  const names = [...scope.functions.keys(), 'try', 'can'];
  const detail = `There is no function named "${call.name}".`;
  scope.diagnostics.error(
    call.nameRange,
    'Call to unknown function',
    detail,
    suggestName(call.name, names, 'function'),
  );
}
