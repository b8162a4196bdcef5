/** What the grammar need not see to know that a value is broken: foreign characters, and what is never closed. */
import type { IToken } from 'chevrotain';
import type { Diagnostics } from '../diagnostic.ts';
import type { Source } from '../source.ts';
import { HeredocStart } from './heredoc-tokens.ts';
import { rangeOf } from './lex.ts';
import type { ValueTokens } from './token-groups.ts';
import * as t from './tokens.ts';

export function reportUnreadable(source: Source, taken: ValueTokens, diagnostics: Diagnostics): boolean {
  const invalid = taken.tokens.find((token) => token.tokenType === t.Invalid);
  if (invalid) reportCharacter(source, invalid, diagnostics);
  if (taken.unclosed) reportUnclosed(source, taken.unclosed, diagnostics);
  if (taken.tooDeep) {
    const detail = 'Brackets and strings stand in each other too many levels deep.';
    diagnostics.error(rangeOf(source, taken.tooDeep), 'Nested too deeply', detail);
  }
  return invalid !== undefined || taken.unclosed !== undefined || taken.tooDeep !== undefined;
}

function reportCharacter(source: Source, token: IToken, diagnostics: Diagnostics): void {
  const quotes = /^['‘’“”`]$/.test(token.image);
  const detail = quotes ? 'Strings stand in double quotes (").' : 'This character is not used within the language.';
  diagnostics.error(rangeOf(source, token), 'Invalid character', detail, quotes ? 'expected "' : '');
}

function reportUnclosed(source: Source, token: IToken, diagnostics: Diagnostics): void {
  const isText = token.tokenType === t.QuoteOpen || token.tokenType === HeredocStart;
  const range = rangeOf(source, { ...token, image: token.image.trimEnd() });
  const summary = isText ? 'Unterminated template string' : 'Unclosed bracket';
  const detail = isText ? 'No closing marker was found for the string.' : `The "${token.image}" here is never closed.`;
  diagnostics.error(range, summary, detail, `expected ${closingOf(token)}`);
}

function closingOf(token: IToken): string {
  switch (token.tokenType) {
    case t.QuoteOpen:
      return 'a closing quote (") on the same line';
    case HeredocStart:
      return `a line with nothing but ${token.image.replace(/^<<-?/, '').trim()}`;
    case t.LParen:
      return '")"';
    case t.LBracket:
      return '"]"';
    default:
      return '"}"';
  }
}
