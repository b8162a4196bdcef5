/**
 * Where one value ends: the tokens of an attribute's value, from behind its `=` to the end of its line. Line breaks
 * inside brackets do not end it, except that a bracket which is never closed must not swallow the rest of the file.
 */
import type { IToken, TokenType } from 'chevrotain';
import { HeredocEnd, HeredocStart } from './heredoc-tokens.ts';
import * as t from './tokens.ts';

export interface ValueTokens {
  /** Without the line breaks that mean nothing where they stand. */
  readonly tokens: IToken[];
  /** The index of the token behind the value. */
  readonly next: number;
  /** A bracket, quote or heredoc that nothing closes. */
  readonly unclosed: IToken | undefined;
  /** Nested deeper than any file that a person wrote. */
  readonly tooDeep: IToken | undefined;
}

const MAX_DEPTH = 100;

const CLOSES = new Map<TokenType, readonly TokenType[]>([
  [t.RBrace, [t.LBrace, t.InterpolationOpen, t.DirectiveOpen]],
  [t.RBracket, [t.LBracket]],
  [t.RParen, [t.LParen]],
  [t.QuoteClose, [t.QuoteOpen]],
  [t.QuoteBroken, [t.QuoteOpen]],
]);
const OPENERS = new Set<TokenType>([...[...CLOSES.values()].flat()]);

export function takeValue(all: readonly IToken[], start: number, extent: 'line' | 'whole text' = 'line'): ValueTokens {
  const tokens: IToken[] = [];
  const open: IToken[] = [];
  let tooDeep: IToken | undefined;
  let at = start;
  for (; at < all.length; at++) {
    const token = all[at]!;
    if (open.length === 0 && token.tokenType === t.Newline && extent === 'line') break;
    if (open.length === 0 && token.tokenType === t.RBrace) break;
    const closes = CLOSES.get(token.tokenType);
    if (closes) {
      if (!closes.includes(open.at(-1)?.tokenType as TokenType) && token.tokenType === t.RBrace) break;
      if (closes.includes(open.at(-1)?.tokenType as TokenType)) open.pop();
    }
    if (isOpener(token)) open.push(token);
    if (token.tokenType === HeredocEnd) open.pop();
    if (open.length > MAX_DEPTH) tooDeep ??= token;
    if (token.tokenType === t.QuoteBroken) return { tokens, next: at + 1, unclosed: lastQuote(tokens), tooDeep };
    if (token.tokenType !== t.Newline || meansSomething(open, all)) tokens.push(token);
  }
  return { tokens, next: at, unclosed: open.at(-1), tooDeep };
}

const isOpener = (token: IToken): boolean => OPENERS.has(token.tokenType) || token.tokenType === HeredocStart;

/** A line break separates the items of an object; inside `{for …}`, `[…]`, `(…)` and `${…}` it is a space. */
function meansSomething(open: readonly IToken[], all: readonly IToken[]): boolean {
  const inner = open.at(-1);
  if (inner?.tokenType !== t.LBrace) return false;
  return !startsWithFor(all, inner);
}

function startsWithFor(all: readonly IToken[], brace: IToken): boolean {
  let at = all.indexOf(brace) + 1;
  while (all[at]?.tokenType === t.Newline) at++;
  return all[at]?.tokenType === t.For && all[at + 1]?.tokenType === t.Identifier;
}

const lastQuote = (tokens: readonly IToken[]): IToken | undefined =>
  tokens.findLast((token) => token.tokenType === t.QuoteOpen);
