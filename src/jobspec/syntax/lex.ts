/**
 * Text → tokens. The lexer is built at first use: a command that reads no job file does not pay for it. Whether tokens
 * and grammar are sound is checked by a test, not at every start.
 */
import { type IToken, Lexer } from 'chevrotain';
import type { Source, SourceRange } from '../source.ts';
import { modes } from './tokens.ts';

let lexer: Lexer | undefined;

export function lex(source: Source): IToken[] {
  lexer ??= new Lexer(modes, { positionTracking: 'onlyOffset', safeMode: true, skipValidations: true });
  return lexer.tokenize(source.text).tokens;
}

export const rangeOf = (source: Source, token: IToken): SourceRange => ({
  source,
  start: token.startOffset,
  end: token.startOffset + token.image.length,
});
