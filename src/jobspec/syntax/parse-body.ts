/**
 * Tokens → a body of attributes and blocks. Written by hand, because this is where a broken file is mended: an item
 * that cannot be read is reported and skipped to the end of its line, and everything around it is still read.
 */
import type { IToken } from 'chevrotain';
import type { Diagnostics } from '../diagnostic.ts';
import { describeRange, positionOf, type Source, type SourceRange, spanning } from '../source.ts';
import type { Attribute, Block, Body, Expression, Label } from './ast.ts';
import { lex, rangeOf } from './lex.ts';
import { parseExpression } from './parse-expression.ts';
import { reportUnreadable } from './report-unreadable.ts';
import { unescapeQuoted } from './template-text.ts';
import { takeValue } from './token-groups.ts';
import * as t from './tokens.ts';

const MAX_DEPTH = 50;

export function parseBody(source: Source, diagnostics: Diagnostics): Body {
  return new BodyParser(source, diagnostics).file();
}

/** A text that is one expression, on any number of lines: the value of `-var`. */
export function parseValue(source: Source, diagnostics: Diagnostics): Expression | undefined {
  return parseWhole(source, lex(source), diagnostics);
}

/** A JSON text. Every JSON value is an expression, except that its line breaks mean nothing anywhere. */
export function parseJsonValue(source: Source, diagnostics: Diagnostics): Expression | undefined {
  return parseWhole(
    source,
    lex(source).filter((token) => token.tokenType !== t.Newline),
    diagnostics,
  );
}

function parseWhole(source: Source, all: readonly IToken[], diagnostics: Diagnostics): Expression | undefined {
  const taken = takeValue(all, 0, 'whole text');
  if (reportUnreadable(source, taken, diagnostics)) return undefined;
  return parseExpression(source, [...taken.tokens, ...all.slice(taken.next)], 0, diagnostics);
}

type Attributes = Map<string, Attribute>;

class BodyParser {
  readonly #source: Source;
  readonly #diagnostics: Diagnostics;
  readonly #tokens: readonly IToken[];
  #at = 0;
  /** A string or bracket that nothing closes has run to the end of the file: no `}` can be missed behind it. */
  #swallowedRest = false;
  /** The last line that was reported for a block within a single-line block: one line, one mistake. */
  #reportedLine = 0;

  constructor(source: Source, diagnostics: Diagnostics) {
    this.#source = source;
    this.#diagnostics = diagnostics;
    this.#tokens = lex(source);
  }

  file(): Body {
    const attributes: Attributes = new Map();
    const blocks: Block[] = [];
    const missingAt = { source: this.#source, start: 0, end: 0 };
    while (this.#at < this.#tokens.length) {
      this.#items(attributes, blocks, 0);
      if (this.#peek()?.tokenType !== t.RBrace) continue;
      this.#complain(this.#here(), undefined);
      this.#at++;
    }
    return { attributes: [...attributes.values()], blocks, missingAt, isBroken: this.#diagnostics.hasErrors };
  }

  /** Up to the `}` that ends this body, or the end of the file. */
  #items(attributes: Attributes, blocks: Block[], depth: number): void {
    for (let token = this.#peek(); token && token.tokenType !== t.RBrace; token = this.#peek()) {
      if (token.tokenType === t.Newline) this.#at++;
      else this.#item(attributes, blocks, depth);
    }
  }

  #item(attributes: Attributes, blocks: Block[], depth: number): void {
    const first = this.#tokens[this.#at]!;
    const second = this.#tokens[this.#at + 1];
    if (first.tokenType === t.QuoteOpen) this.#quotedName(first);
    else if (!isName(first)) this.#unknownItem();
    else if (second?.tokenType === t.Assign) this.#attribute(first, second, attributes);
    else if (second && startsHeader(second)) this.#block(first, blocks, depth);
    else this.#neither(first);
  }

  #attribute(name: IToken, assign: IToken, attributes: Attributes): void {
    const taken = takeValue(this.#tokens, this.#at + 2);
    this.#at = taken.next;
    const nameRange = this.#range(name);
    if (this.#isDuplicate(name.image, nameRange, attributes)) return;
    this.#swallowedRest ||= taken.unclosed !== undefined && this.#peek() === undefined;
    if (reportUnreadable(this.#source, taken, this.#diagnostics)) return;
    const value = parseExpression(this.#source, taken.tokens, this.#range(assign).end, this.#diagnostics);
    attributes.set(name.image, { name: name.image, nameRange, value: value ?? unreadable(nameRange) });
  }

  #block(type: IToken, blocks: Block[], depth: number): void {
    this.#at++;
    const labels = this.#labels();
    const open = this.#openingBrace(type);
    if (!open) this.#skipLine();
    else if (depth >= MAX_DEPTH) this.#tooDeep(type);
    else blocks.push(this.#blockFrom(type, labels, open, depth));
  }

  #blockFrom(type: IToken, labels: readonly Label[], open: IToken, depth: number): Block {
    this.#at++;
    const typeRange = this.#range(type);
    const header = spanning(typeRange, labels.at(-1)?.range ?? typeRange);
    return { type: type.image, typeRange, labels, body: this.#blockBody(header, this.#range(open), depth + 1) };
  }

  #blockBody(header: SourceRange, open: SourceRange, depth: number): Body {
    const attributes: Attributes = new Map();
    const blocks: Block[] = [];
    const before = this.#diagnostics.count;
    const isOneLine = this.#isOneLine();
    if (isOneLine) this.#nestedOnOneLine();
    this.#items(attributes, blocks, depth);
    if (isOneLine) this.#manyOnOneLine(attributes, before);
    if (this.#peek() !== undefined) this.#closeBlock();
    else if (!this.#swallowedRest) this.#complain(this.#here(), open);
    return {
      attributes: [...attributes.values()],
      blocks,
      missingAt: header,
      isBroken: this.#diagnostics.count > before,
    };
  }

  /** `x { a = 1 }`: the opening brace is not the end of its line. */
  #isOneLine(): boolean {
    const next = this.#peek();
    return next !== undefined && isName(next);
  }

  /** What stands there is read all the same, so that nothing else in it goes unreported. */
  #nestedOnOneLine(): void {
    const [name, second] = [this.#tokens[this.#at]!, this.#tokens[this.#at + 1]];
    const line = positionOf(this.#source, name.startOffset).line;
    if (!second || !startsHeader(second) || line === this.#reportedLine) return;
    this.#reportedLine = line;
    const detail = `A single-line block definition can contain only a single argument. If you meant to define argument "${name.image}", use an equals sign to assign it a value. To define a nested block, place it on a line of its own within its parent block.`;
    const range = spanning(this.#range(name), { ...this.#range(second), end: second.startOffset + 1 });
    this.#diagnostics.error(range, 'Argument definition required', detail);
  }

  #manyOnOneLine(attributes: Attributes, before: number): void {
    const second = [...attributes.values()][1];
    if (!second || this.#diagnostics.count > before) return;
    const detail =
      'A single-line block definition can contain only a single argument, and its "}" follows on the same line. To define several, put each on a line of its own.';
    this.#diagnostics.error(second.nameRange, 'Invalid single-argument block definition', detail);
  }

  #closeBlock(): void {
    this.#at++;
    const next = this.#peek();
    if (next === undefined || next.tokenType === t.Newline || next.tokenType === t.RBrace) return;
    const detail = 'A block definition must end with a newline.';
    this.#diagnostics.error(this.#range(next), 'Missing newline after block definition', detail);
    this.#skipLine();
  }

  #labels(): Label[] {
    const labels: Label[] = [];
    for (let token = this.#peek(); token; token = this.#peek()) {
      if (isName(token)) labels.push({ text: token.image, range: this.#range(token) });
      else if (token.tokenType === t.QuoteOpen) labels.push(this.#quotedLabel(token));
      else break;
      this.#at++;
    }
    return labels;
  }

  /** Leaves the closing quote for the caller to step over. */
  #quotedLabel(open: IToken): Label {
    const inside: IToken[] = [];
    for (let token = this.#tokens[++this.#at]; token && !endsQuote(token); token = this.#tokens[++this.#at]) {
      inside.push(token);
    }
    const close = this.#peek();
    const isClosed = close?.tokenType === t.QuoteClose;
    const range = spanning(this.#range(open), this.#range(isClosed ? close : (inside.at(-1) ?? open)));
    if (!isClosed) this.#unclosedLabel(range);
    else if (inside.some((token) => token.tokenType !== t.QuotedText)) this.#templateLabel(range);
    const raw = inside.map((token) => token.image).join('');
    return { text: unescapeQuoted(raw, { ...range, start: range.start + 1 }, this.#diagnostics), range };
  }

  #isDuplicate(name: string, range: SourceRange, attributes: Attributes): boolean {
    const earlier = attributes.get(name);
    if (!earlier) return false;
    const where = describeRange(earlier.nameRange);
    const detail = `The argument "${name}" was already set at ${where}. Each argument may be set only once.`;
    this.#diagnostics.error(range, 'Attribute redefined', detail);
    return true;
  }

  #unknownItem(): void {
    this.#complain(this.#here(), undefined);
    this.#skipLine();
  }

  #quotedName(open: IToken): void {
    const detail = 'Argument names must not be quoted.';
    const expected = 'expected name = value; keys that need quotes go into a map: env = { "a.b" = "c" }';
    this.#diagnostics.error(this.#range(open), 'Invalid argument name', detail, expected);
    this.#skipLine();
  }

  #neither(name: IToken): void {
    const detail =
      'A block definition must have block content delimited by "{" and "}", starting on the same line as the block header.';
    const summary = 'Invalid block definition';
    this.#diagnostics.error(
      this.#range(name),
      summary,
      detail,
      `expected ${name.image} = value or ${name.image} { … }`,
    );
    this.#at++;
    this.#skipLine();
  }

  /** A brace on the next line is reported, and taken for what it is meant to be. */
  #openingBrace(type: IToken): IToken | undefined {
    const open = this.#peek();
    if (open?.tokenType === t.LBrace) return open;
    const detail = 'Either a quoted string block label or an opening brace ("{") is expected here.';
    const at = open ? this.#here() : this.#range(type);
    this.#diagnostics.error(at, 'Invalid block definition', detail, 'expected "{" on this line');
    const next = this.#tokens[this.#at + 1];
    if (open?.tokenType !== t.Newline || next?.tokenType !== t.LBrace) return undefined;
    this.#at++;
    return next;
  }

  #tooDeep(type: IToken): void {
    const detail = `Blocks may stand in each other ${MAX_DEPTH} levels deep.`;
    this.#diagnostics.error(this.#range(type), 'Nested too deeply', detail);
    this.#at = this.#tokens.length;
  }

  #unclosedLabel(range: SourceRange): void {
    this.#diagnostics.error(
      range,
      'Invalid string literal',
      'The block label has no closing quote.',
      'expected a closing quote (")',
    );
  }

  #templateLabel(range: SourceRange): void {
    const detail = 'Template sequences are not allowed in this string. To include a literal "$", double it (as "$$").';
    this.#diagnostics.error(range, 'Invalid string literal', detail);
  }

  #complain(range: SourceRange, opened: SourceRange | undefined): void {
    const detail = 'An argument or block definition is required here.';
    const expected = opened
      ? `expected "}" for the "{" in line ${positionOf(opened.source, opened.start).line}`
      : 'expected name = value, or name { … }';
    this.#diagnostics.error(range, 'Argument or block definition required', detail, expected);
  }

  /** To the end of the line, stepping over whatever opens and closes on the way. */
  #skipLine(): void {
    const taken = takeValue(this.#tokens, this.#at);
    this.#at = Math.max(taken.next, Math.min(this.#at, this.#tokens.length));
  }

  #peek(): IToken | undefined {
    return this.#tokens[this.#at];
  }

  #here(): SourceRange {
    const token = this.#peek();
    const end = this.#source.text.length;
    const width = token?.tokenType === t.Newline ? 0 : 1;
    return token
      ? { ...this.#range(token), end: token.startOffset + width }
      : { source: this.#source, start: end, end };
  }

  #range(token: IToken): SourceRange {
    return rangeOf(this.#source, token);
  }
}

const NAMES: readonly unknown[] = [t.Identifier, t.For, t.In, t.If];
const isName = (token: IToken): boolean => NAMES.includes(token.tokenType);

const endsQuote = (token: IToken): boolean => token.tokenType === t.QuoteClose || token.tokenType === t.QuoteBroken;

const startsHeader = (token: IToken): boolean =>
  isName(token) || token.tokenType === t.QuoteOpen || token.tokenType === t.LBrace;

/** Stands for a value that was reported: the attribute is there, its value is not known. */
const unreadable = (range: SourceRange): Expression => ({ kind: 'unreadable', range });
