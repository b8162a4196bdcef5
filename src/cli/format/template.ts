/**
 * The part of Go's template language that people write after `-t`: fields, range, if, with, else, string literals,
 * `len`, `print`, `println`, `printf` and trimming dashes. Anything else is refused by name.
 */
import { UsageError } from '../command.ts';

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly values: readonly Expression[]; readonly as: 'value' | PrintWord }
  | {
      readonly kind: 'block';
      readonly word: BlockWord;
      readonly value: Expression;
      readonly body: Node[];
      readonly otherwise: Node[];
    };

type BlockWord = 'range' | 'if' | 'with';
type PrintWord = 'print' | 'println' | 'printf';

type Expression =
  | { readonly kind: 'path'; readonly root: boolean; readonly names: readonly string[] }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'len'; readonly of: Expression };

export function renderTemplate(template: string, data: unknown): string {
  const { nodes, rest } = parseNodes(tokenize(template));
  if (rest.length > 0) throw refuse(`{{${rest[0]!.text}}} has no block to end`);
  return nodes.map((node) => renderNode(node, data, data)).join('');
}

interface Token {
  readonly kind: 'text' | 'action';
  readonly text: string;
}

const ACTION = /\{\{(-\s)?\s*((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[\s\S])*?)\s*(\s-)?\}\}/g;

function tokenize(template: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  for (const match of template.matchAll(ACTION)) {
    const before = template.slice(at, match.index);
    tokens.push({ kind: 'text', text: trimEnds(before, trimNext, match[1] !== undefined) });
    tokens.push({ kind: 'action', text: match[2]!.trim() });
    trimNext = match[3] !== undefined;
    at = match.index + match[0].length;
  }
  const rest = template.slice(at);
  if (rest.includes('{{')) throw refuse(`${rest.slice(rest.indexOf('{{'))} is not closed: }} is missing`);
  tokens.push({ kind: 'text', text: trimEnds(rest, trimNext, false) });
  return tokens.filter((token) => token.kind === 'action' || token.text !== '');
}

const trimEnds = (text: string, start: boolean, end: boolean): string => {
  const trimmed = start ? text.trimStart() : text;
  return end ? trimmed.trimEnd() : trimmed;
};

/** Up to an `end` or `else` that belongs to the caller, which stays in `rest`. */
function parseNodes(tokens: readonly Token[]): { nodes: Node[]; rest: readonly Token[] } {
  const nodes: Node[] = [];
  let rest = tokens;
  while (rest.length > 0) {
    const token = rest[0]!;
    if (token.kind === 'action' && (token.text === 'end' || token.text === 'else')) break;
    const parsed = parseNode(token, rest.slice(1));
    nodes.push(...parsed.nodes);
    rest = parsed.rest;
  }
  return { nodes, rest };
}

function parseNode(token: Token, rest: readonly Token[]): { nodes: Node[]; rest: readonly Token[] } {
  if (token.kind === 'text') return { nodes: [{ kind: 'text', text: token.text }], rest };
  if (token.text.startsWith('/*')) return { nodes: [], rest };
  const block = /^(range|if|with)\s+([\s\S]+)$/.exec(token.text);
  if (block) return parseBlock(block[1] as BlockWord, block[2]!, rest);
  const line = /^(println|printf|print)\s+([\s\S]+)$/.exec(token.text);
  if (!line) return { nodes: [{ kind: 'print', values: [parseExpression(token.text)], as: 'value' }], rest };
  return {
    nodes: [{ kind: 'print', values: splitWords(line[2]!).map(parseExpression), as: line[1] as PrintWord }],
    rest,
  };
}

/** At blanks outside quotes. */
const splitWords = (text: string): string[] => text.match(/"(?:[^"\\]|\\.)*"|`[^`]*`|\S+/g) ?? [];

function parseBlock(word: BlockWord, value: string, tokens: readonly Token[]) {
  const body = parseNodes(tokens);
  const hasElse = body.rest[0]?.text === 'else';
  const otherwise = hasElse ? parseNodes(body.rest.slice(1)) : { nodes: [], rest: body.rest };
  if (otherwise.rest[0]?.text !== 'end') throw refuse(`{{${word} ${value}}} has no {{end}}`);
  const node: Node = {
    kind: 'block',
    word,
    value: parseExpression(value),
    body: body.nodes,
    otherwise: otherwise.nodes,
  };
  return { nodes: [node], rest: otherwise.rest.slice(1) };
}

function parseExpression(text: string): Expression {
  const length = /^len\s+([\s\S]+)$/.exec(text);
  if (length) return { kind: 'len', of: parseExpression(length[1]!) };
  if (/^`[^`]*`$/.test(text)) return { kind: 'literal', text: text.slice(1, -1) };
  if (/^"(?:[^"\\]|\\.)*"$/.test(text)) return { kind: 'literal', text: JSON.parse(text) as string };
  const path = /^(\$)?\.?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?$/.exec(text);
  if (!path || !/^[.$]/.test(text)) throw refuse(`{{${text}}} is not understood`);
  return { kind: 'path', root: path[1] !== undefined, names: path[2] === undefined ? [] : path[2].split('.') };
}

function renderNode(node: Node, here: unknown, root: unknown): string {
  if (node.kind === 'text') return node.text;
  if (node.kind === 'print')
    return print(
      node.as,
      node.values.map((value) => show(evaluate(value, here, root))),
    );
  const value = evaluate(node.value, here, root);
  const render = (nodes: readonly Node[], on: unknown) => nodes.map((inner) => renderNode(inner, on, root)).join('');
  if (!isTrue(value)) return render(node.otherwise, here);
  if (node.word === 'if') return render(node.body, here);
  if (node.word === 'with') return render(node.body, value);
  return elementsOf(value)
    .map((element) => render(node.body, element))
    .join('');
}

function print(as: 'value' | PrintWord, words: readonly string[]): string {
  if (as === 'println') return `${words.join(' ')}\n`;
  if (as !== 'printf') return words.join('');
  const [format, ...values] = words;
  let at = 0;
  return format!.replaceAll(/%(%|-?\d*[svdqt])/g, (_, verb: string) => {
    if (verb === '%') return '%';
    const value = values[at++] ?? '';
    const text = verb.endsWith('q') ? JSON.stringify(value) : value;
    const width = Number(/-?\d+/.exec(verb)?.[0] ?? 0);
    return width < 0 ? text.padEnd(-width) : text.padStart(width);
  });
}

function evaluate(expression: Expression, here: unknown, root: unknown): unknown {
  if (expression.kind === 'literal') return expression.text;
  if (expression.kind === 'len') return elementsOf(evaluate(expression.of, here, root)).length;
  return expression.names.reduce(fieldOf, expression.root ? root : here);
}

function fieldOf(value: unknown, name: string): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) {
    if (Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
    throw refuse(`there is no field .${name}; there are ${Object.keys(value).join(', ')}`);
  }
  const what = Array.isArray(value) ? 'a list: write {{range .}}…{{end}} around it' : `${JSON.stringify(value)}`;
  throw refuse(`.${name} is asked of ${what}`);
}

/** Lists in order; maps by their keys' order; the letters of a text. */
function elementsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [...value];
  if (value === null || typeof value !== 'object') return [];
  return Object.keys(value)
    .sort()
    .map((key) => (value as Record<string, unknown>)[key]);
}

const isTrue = (value: unknown): boolean =>
  typeof value === 'object' || typeof value === 'string' ? elementsOf(value).length > 0 : Boolean(value);

/** Scalars as they are; what has parts as JSON. */
const show = (value: unknown): string => {
  if (value === undefined || value === null) return '<nil>';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const refuse = (problem: string): UsageError =>
  new UsageError(
    `Error in the template of -t: ${problem}. Understood are {{.Field.Field}}, {{range}}, {{if}}, {{with}}, {{else}}, {{end}}, "text", len, print, println and printf.`,
  );
