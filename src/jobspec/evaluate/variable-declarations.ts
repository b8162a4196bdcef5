/** `variable "name" { type default description validation }`, and the short `variables { name = default }`. */

import type { SourceRange } from '../source.ts';
import { suggestName } from '../suggest.ts';
import type { Attribute, Block, Body, Expression } from '../syntax/ast.ts';
import { evaluate } from './evaluate.ts';
import type { Scope } from './scope.ts';
import { ANY_TYPE, readType, type TypeConstraint } from './type-constraint.ts';
import type { Value } from './value.ts';

export interface Validation {
  readonly condition: Expression;
  readonly message: string;
}

export interface Declaration {
  readonly name: string;
  readonly nameRange: SourceRange;
  readonly type: TypeConstraint;
  /** A type was written: without one, text that is given stays text. */
  readonly isTyped: boolean;
  /** undefined: there is none, or it failed and was reported. */
  readonly defaultValue: { readonly value: Value | undefined; readonly range: SourceRange } | undefined;
  readonly validations: readonly Validation[];
}

export function declarationsOf(body: Body, scope: Scope): Map<string, Declaration> {
  const declarations = new Map<string, Declaration>();
  const all = body.blocks.flatMap((block) => {
    if (block.type === 'variable') return longForm(block, scope);
    return block.type === 'variables' ? block.body.attributes.map((each) => shortForm(each, scope)) : [];
  });
  for (const each of all) {
    if (declarations.has(each.name)) reportDuplicate(each, scope);
    else declarations.set(each.name, each);
  }
  return declarations;
}

const KNOWN = ['type', 'default', 'description', 'sensitive'];

function longForm(block: Block, scope: Scope): Declaration[] {
  reportUnexpected(block, scope);
  const [label] = block.labels;
  if (!label) {
    const detail = 'All variable blocks must have 1 labels (name).';
    scope.diagnostics.error(block.typeRange, 'Missing name for variable', detail, 'expected variable "name" { … }');
    return [];
  }
  const type = attributeOf(block, 'type');
  const defaultOf = attributeOf(block, 'default');
  const declaration: Declaration = {
    name: label.text,
    nameRange: label.range,
    type: type ? readType(type.value, scope.diagnostics) : ANY_TYPE,
    isTyped: type !== undefined,
    defaultValue: defaultOf && { value: evaluate(defaultOf.value, scope), range: defaultOf.value.range },
    validations: block.body.blocks
      .filter((each) => each.type === 'validation')
      .flatMap((each) => validation(each, scope)),
  };
  return [declaration];
}

function shortForm(attribute: Attribute, scope: Scope): Declaration {
  const defaultValue = { value: evaluate(attribute.value, scope), range: attribute.value.range };
  const { name, nameRange } = attribute;
  return { name, nameRange, type: ANY_TYPE, isTyped: false, defaultValue, validations: [] };
}

function validation(block: Block, scope: Scope): Validation[] {
  const condition = attributeOf(block, 'condition');
  const message = attributeOf(block, 'error_message');
  if (!condition || !message) {
    const detail = 'A validation block needs a condition and an error_message.';
    scope.diagnostics.error(
      block.typeRange,
      'Missing required argument',
      detail,
      'expected condition = … and error_message = …',
    );
    return [];
  }
  const text = evaluate(message.value, scope);
  return [{ condition: condition.value, message: typeof text === 'string' ? text : 'The value is not valid.' }];
}

const attributeOf = (block: Block, name: string): Attribute | undefined =>
  block.body.attributes.find((each) => each.name === name);

function reportUnexpected(block: Block, { diagnostics }: Scope): void {
  for (const { name, nameRange } of block.body.attributes) {
    if (KNOWN.includes(name)) continue;
    const detail = `An argument named "${name}" is not expected here.`;
    diagnostics.error(nameRange, 'Unsupported argument', detail, suggestName(name, KNOWN, 'argument'));
  }
  for (const { type, typeRange } of block.body.blocks) {
    if (type === 'validation') continue;
    const detail = `Blocks of type "${type}" are not expected here.`;
    diagnostics.error(typeRange, 'Unsupported block type', detail, suggestName(type, ['validation'], 'block'));
  }
}

function reportDuplicate({ name, nameRange }: Declaration, scope: Scope): void {
  const detail = `A variable named "${name}" was already declared. Variable names must be unique.`;
  scope.diagnostics.error(nameRange, 'Duplicate variable', detail);
}
