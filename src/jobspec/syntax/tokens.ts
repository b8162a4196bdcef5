/**
 * The tokens of HCL2, in modes: code, the inside of a quoted string, the inside of a heredoc. A `{`, `${` or `%{`
 * enters code and its `}` returns to where it was opened, so strings and code nest to any depth.
 *
 * No input is a lexical error here: what no pattern matches is `Invalid`, and the parser reports it in its place.
 */
import { createToken, Lexer, type TokenType } from 'chevrotain';
import { HeredocEnd, HeredocStart, HeredocText } from './heredoc-tokens.ts';

const CODE = 'code';
const QUOTED = 'quoted';
const HEREDOC = 'heredoc';

export const Space = createToken({ name: 'Space', pattern: /[ \t\r]+/, group: Lexer.SKIPPED });
export const Comment = createToken({
  name: 'Comment',
  pattern: /(?:#|\/\/)[^\n]*|\/\*[\s\S]*?\*\//,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
export const Newline = createToken({ name: 'Newline', pattern: /\n/, line_breaks: true });

/** Letters of any script; no signs, and none of the quotes that word processors write. */
const LETTERS = 'A-Za-z_\\u00aa\\u00b5\\u00ba\\u00c0-\\u1fff\\u2c00-\\u2dff\\u3005-\\ud7ff\\uf900-\\ufdff';
const NAME = new RegExp(`[${LETTERS}][${LETTERS}0-9-]*`);
export const Identifier = createToken({ name: 'Identifier', pattern: NAME });
const word = (name: string, pattern: RegExp) =>
  createToken({ name, pattern, longer_alt: Identifier, categories: [Identifier] });
/** Words only where the grammar wants them; names everywhere else. */
export const For = word('For', /for/);
export const In = word('In', /in/);
export const If = word('If', /if/);

export const NumberLiteral = createToken({ name: 'NumberLiteral', pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/ });

export const LBrace = createToken({ name: 'LBrace', pattern: /\{/, push_mode: CODE });
export const RBrace = createToken({ name: 'RBrace', pattern: /~?\}/, pop_mode: true });
export const LBracket = createToken({ name: 'LBracket', pattern: /\[/ });
export const RBracket = createToken({ name: 'RBracket', pattern: /\]/ });
export const LParen = createToken({ name: 'LParen', pattern: /\(/ });
export const RParen = createToken({ name: 'RParen', pattern: /\)/ });
export const Arrow = createToken({ name: 'Arrow', pattern: /=>/ });
/** The operators with two operands; `precedence.ts` says how tightly each binds. */
export const Operator = createToken({ name: 'Operator', pattern: Lexer.NA });
const operator = (name: string, pattern: RegExp) => createToken({ name, pattern, categories: [Operator] });
export const Equality = operator('Equality', /==|!=/);
export const Assign = createToken({ name: 'Assign', pattern: /=/ });
export const Comparison = operator('Comparison', /<=|>=|<|>/);
export const And = operator('And', /&&/);
export const Or = operator('Or', /\|\|/);
export const Not = createToken({ name: 'Not', pattern: /!/ });
export const Plus = operator('Plus', /\+/);
export const Minus = operator('Minus', /-/);
export const Product = operator('Product', /[/%]/);
export const Star = operator('Star', /\*/);
export const Question = createToken({ name: 'Question', pattern: /\?/ });
export const Colon = createToken({ name: 'Colon', pattern: /:/ });
export const Comma = createToken({ name: 'Comma', pattern: /,/ });
export const Ellipsis = createToken({ name: 'Ellipsis', pattern: /\.\.\./ });
export const Dot = createToken({ name: 'Dot', pattern: /\./ });

export const QuoteOpen = createToken({ name: 'QuoteOpen', pattern: /"/, push_mode: QUOTED });
export const QuoteClose = createToken({ name: 'QuoteClose', pattern: /"/, pop_mode: true });
/** Escapes stay as written; `template-text.ts` resolves them, with their places. */
export const QuotedText = createToken({
  name: 'QuotedText',
  pattern: /(?:\\[^\n]|\$\$\{|%%\{|[$%](?!\{)|[^"\\$%\n])+/,
});
/** A string may not span lines: the line break ends it, so that one lost quote costs one line, not the file. */
export const QuoteBroken = createToken({ name: 'QuoteBroken', pattern: /\\?\n/, line_breaks: true, pop_mode: true });
export const InterpolationOpen = createToken({ name: 'InterpolationOpen', pattern: /\$\{~?/, push_mode: CODE });
export const DirectiveOpen = createToken({ name: 'DirectiveOpen', pattern: /%\{~?/, push_mode: CODE });

export const Invalid = createToken({ name: 'Invalid', pattern: /[\s\S]/, line_breaks: true });

const codeTokens: TokenType[] = [
  Space,
  Comment,
  Newline,
  For,
  In,
  If,
  Identifier,
  NumberLiteral,
  LBrace,
  RBrace,
  LBracket,
  RBracket,
  LParen,
  RParen,
  Arrow,
  Equality,
  Assign,
  HeredocStart,
  Comparison,
  And,
  Or,
  Not,
  Plus,
  Minus,
  Product,
  Star,
  Question,
  Colon,
  Comma,
  Ellipsis,
  Dot,
  QuoteOpen,
  Invalid,
];

export const modes = {
  modes: {
    [CODE]: codeTokens,
    [QUOTED]: [QuotedText, QuoteClose, InterpolationOpen, DirectiveOpen, QuoteBroken, Invalid],
    [HEREDOC]: [HeredocEnd, InterpolationOpen, DirectiveOpen, HeredocText, Invalid],
  },
  defaultMode: CODE,
};

export const allTokens: TokenType[] = [...new Set([Operator, ...Object.values(modes.modes).flat()])];
