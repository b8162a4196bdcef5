/** Takes `variable`, `variables` and `locals` out of a file: what they define is the scope of all the rest. */
import type { Body } from '../syntax/ast.ts';
import { readLocals } from './locals.ts';
import { type Root, type Scope, withRoots } from './scope.ts';
import { declarationsOf } from './variable-declarations.ts';
import { assignVariables, type VariableInputs } from './variables.ts';

const DEFINING = ['variable', 'variables', 'locals'];

export function definitionsOf(body: Body, empty: Scope, inputs: VariableInputs): { scope: Scope; rest: Body } {
  const constant = { ...empty, keepsUnknown: false };
  const declarations = declarationsOf(body, constant);
  const roots = new Map<string, Root>();
  const scope = withRoots(empty, roots);
  roots.set('var', { kind: 'named', values: assignVariables(declarations, inputs, constant) });
  const locals = readLocals(body, scope);
  roots.set('local', { kind: 'named', values: locals });
  // A local that nobody uses is judged like the others.
  for (const name of locals.names) locals.get(name);
  return { scope, rest: { ...body, blocks: body.blocks.filter(({ type }) => !DEFINING.includes(type)) } };
}
