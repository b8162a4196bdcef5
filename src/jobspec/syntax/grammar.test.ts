/** The checks of the parser toolkit that a start of the program leaves out. */
import { Lexer } from 'chevrotain';
import { expect, it } from 'vitest';
import { ExpressionParser } from './expression-parser.ts';
import { modes } from './tokens.ts';

it('the grammar is sound: no ambiguity, no left recursion', () => {
  expect(() => new ExpressionParser({ skipValidations: false })).not.toThrow();
});

it('the tokens are sound: no pattern is unreachable or empty', () => {
  const { lexerDefinitionErrors } = new Lexer(modes, { safeMode: true, deferDefinitionErrorsHandling: true });
  expect(lexerDefinitionErrors).toEqual([]);
});
