/** `dynamic "service" { for_each = … content { … } }` → one service block for each item, its iterator in scope. */

import { asText } from '../evaluate/convert.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { entriesOf } from '../evaluate/evaluate-for.ts';
import { type Scope, withValues } from '../evaluate/scope.ts';
import { isList, typeName, type Value } from '../evaluate/value.ts';
import type { Attribute, Block, Body, Expression, Label } from '../syntax/ast.ts';
import { attribute, block as blockSchema, freeForm, one } from './schema.ts';
import { checkLabels, reportMissing, reportUnknownAttribute, reportUnknownBlock } from './unexpected.ts';

export interface BlockInScope {
  readonly block: Block;
  readonly scope: Scope;
}

const DYNAMIC = blockSchema({
  labels: ['type'],
  attributes: {
    for_each: attribute('for_each', 'any', { required: true }),
    iterator: attribute('iterator', 'any'),
    labels: attribute('labels', 'any'),
  },
  blocks: { content: one('content', freeForm('config'), { required: true }) },
});

/** The blocks of a body in the order of the file, dynamic ones written out. */
export function expandDynamic(body: Body, scope: Scope): BlockInScope[] {
  return body.blocks.flatMap((block) => (block.type === 'dynamic' ? writtenOut(block, scope) : [{ block, scope }]));
}

function writtenOut(dynamic: Block, scope: Scope): BlockInScope[] {
  reportProblems(dynamic, scope);
  const [type] = dynamic.labels;
  const forEach = attributeOf(dynamic, 'for_each');
  const content = dynamic.body.blocks.find((each) => each.type === 'content');
  const entries = forEach && itemsOf(forEach.value, scope);
  if (!type || !content || !entries) return [];
  scope.budget.spend(entries.length);
  const name = iteratorName(dynamic) ?? type.text;
  return entries.map(([key, value]) => {
    const inner = withValues(scope, {
      [name]: new Map<string, Value>([
        ['key', key],
        ['value', value],
      ]),
    });
    const labels = labelsOf(dynamic, inner);
    return { block: { type: type.text, typeRange: type.range, labels, body: content.body }, scope: inner };
  });
}

function itemsOf(forEach: Expression, scope: Scope): (readonly [string | number, Value])[] | undefined {
  const collection = evaluate(forEach, scope);
  if (collection === undefined) return undefined;
  const entries = entriesOf(collection);
  if (entries === undefined) {
    const detail = `Cannot use a ${typeName(collection)} value in for_each. An iterable collection is required.`;
    scope.diagnostics.error(forEach.range, 'Invalid dynamic for_each value', detail, 'expected a list or map');
  }
  return entries;
}

function iteratorName(dynamic: Block): string | undefined {
  const iterator = attributeOf(dynamic, 'iterator')?.value;
  return iterator?.kind === 'variable' ? iterator.name : undefined;
}

function labelsOf(dynamic: Block, scope: Scope): Label[] {
  const labels = attributeOf(dynamic, 'labels')?.value;
  const values = labels && evaluate(labels, scope);
  if (!labels || !values) return [];
  const texts = isList(values) ? values.map(asText) : [undefined];
  if (texts.every((text) => text !== undefined)) return texts.map((text) => ({ text, range: labels.range }));
  const detail = 'The labels of a dynamic block are a list of strings.';
  scope.diagnostics.error(labels.range, 'Invalid dynamic block label', detail, 'expected a list of strings');
  return [];
}

const attributeOf = (block: Block, name: string): Attribute | undefined =>
  block.body.attributes.find((each) => each.name === name);

function reportProblems(dynamic: Block, { diagnostics }: Scope): void {
  checkLabels(dynamic, DYNAMIC, diagnostics);
  for (const each of dynamic.body.attributes) {
    if (!Object.hasOwn(DYNAMIC.attributes, each.name)) reportUnknownAttribute(each, DYNAMIC, diagnostics);
  }
  for (const each of dynamic.body.blocks) {
    if (each.type !== 'content') reportUnknownBlock(each, DYNAMIC, diagnostics);
  }
  if (!attributeOf(dynamic, 'for_each')) reportMissing('for_each', 'argument', dynamic.body, diagnostics);
  const hasContent = dynamic.body.blocks.some((each) => each.type === 'content');
  if (!hasContent) reportMissing('content', 'block', dynamic.body, diagnostics);
}
