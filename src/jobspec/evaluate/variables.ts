/**
 * The values of declared variables. The last that speaks wins: default, environment, variable files in order, `-var`.
 * Text from the command line or the environment is text for a string, and an expression of the language otherwise.
 */

import type { Source, SourceRange } from '../source.ts';
import { suggestName } from '../suggest.ts';
import { parseBody, parseJsonValue, parseValue } from '../syntax/parse-body.ts';
import { evaluate } from './evaluate.ts';
import { evaluateCondition } from './evaluator.ts';
import { type NamedValues, type Scope, withRoots } from './scope.ts';
import { describeType, fitType } from './type-constraint.ts';
import type { Value } from './value.ts';
import type { Declaration } from './variable-declarations.ts';

export interface VariableInputs {
  readonly variables?: Readonly<Record<string, string>>;
  readonly variableFiles?: readonly { readonly fileName: string; readonly text: string }[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

interface Given {
  /** undefined: it failed and was reported. */
  readonly value: Value | undefined;
  readonly range: SourceRange;
}

const ENVIRONMENT_PREFIXES = ['NOMAD_VAR_', 'SERIN_VAR_'];

export function assignVariables(
  declarations: ReadonlyMap<string, Declaration>,
  inputs: VariableInputs,
  scope: Scope,
): NamedValues {
  const given = new Map<string, Given>();
  fromEnvironment(declarations, inputs.environment ?? {}, given, scope);
  for (const file of inputs.variableFiles ?? []) fromFile(declarations, file, given, scope);
  fromCommandLine(declarations, inputs.variables ?? {}, given, scope);
  const values = new Map([...declarations].map(([name, each]) => [name, settle(each, given.get(name), scope)]));
  return { noun: 'input variable', names: [...declarations.keys()], get: (name) => values.get(name) };
}

function fromEnvironment(
  declarations: ReadonlyMap<string, Declaration>,
  environment: Readonly<Record<string, string | undefined>>,
  given: Map<string, Given>,
  scope: Scope,
): void {
  for (const [name, declaration] of declarations) {
    for (const key of ENVIRONMENT_PREFIXES.map((prefix) => prefix + name)) {
      const text = Object.hasOwn(environment, key) ? environment[key] : undefined;
      if (text !== undefined) given.set(name, readText(declaration, { fileName: key, text }, scope));
    }
  }
}

function fromFile(
  declarations: ReadonlyMap<string, Declaration>,
  file: { readonly fileName: string; readonly text: string },
  given: Map<string, Given>,
  scope: Scope,
): void {
  for (const { name, nameRange, value } of assignmentsOf(file, scope)) {
    if (declarations.has(name)) given.set(name, { value: evaluate(value, scope), range: value.range });
    else {
      const detail = `The file sets "${name}", but the job file declares no variable of that name.`;
      const expected = suggestName(name, [...declarations.keys()], 'variable');
      scope.diagnostics.warn(nameRange, 'Undeclared variable', detail, expected);
    }
  }
}

function assignmentsOf(source: Source, scope: Scope) {
  if (source.text.trimStart().startsWith('{')) return jsonAssignments(source, scope);
  const { attributes, blocks } = parseBody(source, scope.diagnostics);
  for (const { type, typeRange } of blocks) {
    const detail = `Blocks of type "${type}" are not expected here.`;
    scope.diagnostics.error(
      typeRange,
      'Unsupported block type',
      detail,
      'A variable file holds lines of name = value.',
    );
  }
  return attributes;
}

function jsonAssignments(source: Source, scope: Scope) {
  const object = parseJsonValue(source, scope.diagnostics);
  if (object?.kind !== 'object') return [];
  return object.items.flatMap(({ key, value }) => {
    const name = evaluate(key, scope);
    return typeof name === 'string' ? [{ name, nameRange: key.range, value }] : [];
  });
}

function fromCommandLine(
  declarations: ReadonlyMap<string, Declaration>,
  variables: Readonly<Record<string, string>>,
  given: Map<string, Given>,
  scope: Scope,
): void {
  for (const [name, text] of Object.entries(variables)) {
    const source = { fileName: `-var ${name}`, text };
    const declaration = declarations.get(name);
    if (declaration) given.set(name, readText(declaration, source, scope));
    else reportUndeclared(name, { source, start: 0, end: text.length }, declarations, scope);
  }
}

function readText(declaration: Declaration, source: Source, scope: Scope): Given {
  const range = { source, start: 0, end: source.text.length };
  const isText = !declaration.isTyped || declaration.type.kind === 'string';
  if (isText) return { value: source.text, range };
  const expression = parseValue(source, scope.diagnostics);
  return { value: expression && evaluate(expression, scope), range };
}

function settle(declaration: Declaration, given: Given | undefined, scope: Scope): Value | undefined {
  const chosen = given ?? declaration.defaultValue;
  if (chosen === undefined) {
    const detail = 'A variable must be set or have a default value.';
    const expected = `Set it: -var ${declaration.name}=…, or write default = … into its block.`;
    scope.diagnostics.error(declaration.nameRange, `Unset variable "${declaration.name}"`, detail, expected);
    return undefined;
  }
  if (chosen.value === undefined) return undefined;
  const fitted = fitType(chosen.value, declaration.type);
  if (fitted.ok) return isValid(declaration, fitted.value, chosen.range, scope) ? fitted.value : undefined;
  const detail = `Unsuitable value for variable "${declaration.name}": ${fitted.problem}.`;
  const expected = `expected ${describeType(declaration.type)}`;
  scope.diagnostics.error(chosen.range, 'Invalid value for variable', detail, expected);
  return undefined;
}

function isValid(declaration: Declaration, value: Value, range: SourceRange, scope: Scope): boolean {
  const only = { noun: 'input variable', names: [declaration.name], get: () => value };
  const inner = withRoots(scope, new Map([['var', { kind: 'named', values: only }]]));
  const failed = declaration.validations.filter((each) => evaluateCondition(each.condition, inner, evaluate) === false);
  for (const { message } of failed) {
    scope.diagnostics.error(range, 'Invalid value for variable', `${declaration.name}: ${message}`);
  }
  return failed.length === 0;
}

function reportUndeclared(
  name: string,
  range: SourceRange,
  declarations: ReadonlyMap<string, Declaration>,
  scope: Scope,
): void {
  const detail = `The variable "${name}" was set, but the job file does not declare it.`;
  const expected = suggestName(name, [...declarations.keys()], 'variable');
  scope.diagnostics.error(range, 'Undefined variable', detail, expected);
}
