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
  [HeredocEnd, [HeredocStart]],
]);
const OPENERS = new Set<TokenType>([...[...CLOSES.values()].flat()]);

interface Opened {
  readonly token: IToken;
  /** A line break in it separates items; elsewhere it is a space. */
  readonly hasLines: boolean;
}

export function takeValue(all: readonly IToken[], start: number, extent: 'line' | 'whole text' = 'line'): ValueTokens {
  const tokens: IToken[] = [];
  const open: Opened[] = [];
  let tooDeep: IToken | undefined;
  let at = start;
  for (; at < all.length; at++) {
    const token = all[at]!;
    const inner = open.at(-1);
    if (endsValue(token, inner?.token, extent)) break;
    if (token.tokenType === t.QuoteBroken) return { tokens, next: at + 1, unclosed: lastQuote(tokens), tooDeep };
    if (closes(token, inner?.token)) open.pop();
    if (OPENERS.has(token.tokenType)) open.push({ token, hasLines: separatesItems(all, at) });
    if (open.length > MAX_DEPTH) tooDeep ??= token;
    if (token.tokenType !== t.Newline || inner?.hasLines) tokens.push(token);
  }
  return { tokens, next: at, unclosed: open.at(-1)?.token, tooDeep };
}

function endsValue(token: IToken, inner: IToken | undefined, extent: 'line' | 'whole text'): boolean {
  if (token.tokenType === t.RBrace) return !closes(token, inner);
  return token.tokenType === t.Newline && inner === undefined && extent === 'line';
}

const closes = (token: IToken, inner: IToken | undefined): boolean =>
  inner !== undefined && (CLOSES.get(token.tokenType)?.includes(inner.tokenType) ?? false);

/** True in an object; not in `{for …}`, `[…]`, `(…)` and `${…}`. */
function separatesItems(all: readonly IToken[], opening: number): boolean {
  if (all[opening]!.tokenType !== t.LBrace) return false;
  let at = opening + 1;
  while (all[at]?.tokenType === t.Newline) at++;
  return !(all[at]?.tokenType === t.For && isName(all[at + 1]));
}

const isName = (token: IToken | undefined): boolean =>
  token !== undefined && ([t.Identifier, t.For, t.In, t.If] as TokenType[]).includes(token.tokenType);

const lastQuote = (tokens: readonly IToken[]): IToken | undefined =>
  tokens.findLast((token) => token.tokenType === t.QuoteOpen);
