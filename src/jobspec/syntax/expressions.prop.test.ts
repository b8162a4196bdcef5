/** Whatever expression is printed is read back as the same tree. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../diagnostic.ts';
import type { Expression, Step, TemplatePart } from './ast.ts';
import { parseValue } from './parse-body.ts';

/** Trees without places, as plain data: what is compared. */
type Plain = { readonly kind: string; readonly [key: string]: unknown };

const OPERATORS = ['||', '&&', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%'] as const;
const NAMES = ['a', 'var', 'x-y', 'forward', 'index', 'NOMAD_PORT_http', 'été'];
const name = fc.constantFrom(...NAMES);
const text = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '$', '{', '}', '%', '\n', 'é', '😀', '#', '/') });

const parenthesized = (target: Plain): Plain => ({ kind: 'traversal', target, steps: [] });

const { expression } = fc.letrec<{ expression: Plain; atom: Plain; step: Plain }>((tie) => ({
  atom: fc.oneof(
    fc.constantFrom(null, true, false, 0, 1, 2.5, 1e6).map((value) => ({ kind: 'literal', value })),
    text.map((each) => ({ kind: 'template', parts: each === '' ? [] : [{ kind: 'text', text: each }] })),
    name.map((each) => ({ kind: 'variable', name: each })),
  ),
  step: fc.oneof(
    name.map((each) => ({ kind: 'attribute', name: each })),
    tie('expression').map((key) => ({ kind: 'index', key })),
  ),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('atom'),
    fc.array(tie('expression'), { maxLength: 3 }).map((items) => ({ kind: 'tuple', items })),
    fc
      .array(fc.record({ key: tie('expression').map(parenthesized), value: tie('expression') }), { maxLength: 3 })
      .map((items) => ({ kind: 'object', items })),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([condition, whenTrue, whenFalse]) => ({
      kind: 'conditional',
      condition: parenthesized(condition),
      whenTrue,
      whenFalse,
    })),
    fc.tuple(fc.constantFrom(...OPERATORS), tie('expression'), tie('expression')).map(([operator, left, right]) => ({
      kind: 'binary',
      operator,
      left: parenthesized(left),
      right: parenthesized(right),
    })),
    fc
      .tuple(fc.constantFrom('-', '!'), tie('expression'))
      .map(([operator, operand]) => ({ kind: 'unary', operator, operand: parenthesized(operand) })),
    fc
      .tuple(tie('expression'), fc.array(tie('step'), { minLength: 1, maxLength: 3 }))
      .map(([target, steps]) => ({ kind: 'traversal', target: parenthesized(target), steps })),
    fc
      .tuple(name, fc.array(tie('expression'), { maxLength: 3 }), fc.boolean())
      .map(([each, args, expand]) => ({ kind: 'call', name: each, args, expandLast: expand && args.length > 0 })),
    fc
      .record({
        kind: fc.constant('for'),
        keyName: fc.option(name, { nil: undefined }),
        valueName: name,
        collection: tie('expression'),
        key: fc.option(tie('expression'), { nil: undefined }),
        value: tie('expression'),
        condition: fc.option(tie('expression'), { nil: undefined }),
        grouped: fc.boolean(),
      })
      .map((each) => ({ ...each, grouped: each.grouped && each.key !== undefined })),
    fc.tuple(tie('expression'), text).map(([inner, before]) => ({
      kind: 'template',
      parts: [...(before === '' ? [] : [{ kind: 'text', text: before }]), { kind: 'interpolation', expression: inner }],
    })),
  ),
}));

function print(tree: Plain): string {
  const each = tree as unknown as Expression;
  switch (each.kind) {
    case 'literal':
      return String(each.value);
    case 'template':
      return `"${each.parts.map(printPart).join('')}"`;
    case 'variable':
      return each.name;
    case 'tuple':
      return `[${each.items.map(printed).join(', ')}]`;
    case 'object':
      return `{\n${each.items.map(({ key, value }) => `${printed(key)} = ${printed(value)}`).join('\n')}\n}`;
    case 'conditional':
      return `${printed(each.condition)} ? ${printed(each.whenTrue)} : ${printed(each.whenFalse)}`;
    case 'binary':
      return `${printed(each.left)} ${each.operator} ${printed(each.right)}`;
    case 'unary':
      return `${each.operator}${printed(each.operand)}`;
    case 'traversal':
      return each.steps.length === 0
        ? `(${printed(each.target)})`
        : printed(each.target) + each.steps.map(printStep).join('');
    case 'call':
      return `${each.name}(${each.args.map(printed).join(', ')}${each.expandLast ? '...' : ''})`;
    case 'for': {
      const names = [each.keyName, each.valueName].filter((part) => part !== undefined).join(', ');
      const head = `for ${names} in ${printed(each.collection)} :`;
      const tail = `${each.grouped ? '...' : ''}${each.condition ? ` if ${printed(each.condition)}` : ''}`;
      return each.key
        ? `{\n${head} ${printed(each.key)} => ${printed(each.value)}${tail}}`
        : `[${head}\n${printed(each.value)}${tail}]`;
    }
    default:
      throw new Error(`cannot print ${each.kind}`);
  }
}
const printed = (each: Expression): string => print(each as unknown as Plain);
const printStep = (step: Step): string =>
  step.kind === 'attribute' ? `.${step.name}` : step.kind === 'index' ? `[${printed(step.key)}]` : '[*]';

function printPart(part: TemplatePart): string {
  if (part.kind === 'interpolation') return `\${${printed(part.expression)}}`;
  if (part.kind !== 'text') throw new Error(`cannot print ${part.kind}`);
  return part.text
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replace(/([$%])(?=\{)/g, '$1$1')
    .replace(/[$%]$/, (last) => `\\u00${last.charCodeAt(0).toString(16)}`);
}

/** Without places, and without `undefined`. */
const plain = (tree: unknown): unknown =>
  JSON.parse(JSON.stringify(tree, (key, value) => (key === 'range' || key === 'nameRange' ? undefined : value)));

describe('an expression', () => {
  it('is read back from its text', () => {
    fc.assert(
      fc.property(expression, (tree) => {
        const diagnostics = new Diagnostics();
        const source = { fileName: 'x', text: print(tree) };
        const read = parseValue(source, diagnostics);
        expect(diagnostics.sorted()).toEqual([]);
        expect(plain(read)).toEqual(plain(tree));
      }),
      { numRuns: 300 },
    );
  });
});
