/** The tokens of one value → an expression, or one diagnostic that says what the grammar wanted. */
import { type IRecognitionException, type IToken, NotAllInputParsedException } from 'chevrotain';
import type { Diagnostics } from '../diagnostic.ts';
import { lineAt, type Source, type SourceRange } from '../source.ts';
import type { Expression } from './ast.ts';
import { ExpressionParser } from './expression-parser.ts';
import { rangeOf } from './lex.ts';

let parser: ExpressionParser | undefined;

/** `tokens` hold the whole value and nothing else; `after` is the offset behind what introduced it. */
export function parseExpression(
  source: Source,
  tokens: IToken[],
  after: number,
  diagnostics: Diagnostics,
): Expression | undefined {
  parser ??= new ExpressionParser({ skipValidations: true });
  parser.begin(source, tokens, diagnostics);
  const expression = parser.expression();
  const problem = parser.errors[0];
  if (problem === undefined) return expression;
  report(problem, rangeOfProblem(source, problem, tokens, after), diagnostics);
  return undefined;
}

interface Complaint {
  readonly summary: string;
  readonly detail: string;
  readonly expected: string;
}

const BEHIND_VALUE: Complaint = {
  summary: 'Missing newline after argument',
  detail: 'An argument definition must end with a newline.',
  expected: 'expected the end of the line here',
};

const NO_EXPRESSION: Complaint = {
  summary: 'Invalid expression',
  detail: 'Expected the start of an expression, but found an invalid expression token.',
  expected: 'expected a value: a string, number, true, false, null, list, object, name or function call',
};

const BAD_FOR: Complaint = {
  summary: "Invalid 'for' expression",
  detail: 'The for expression is not complete.',
  expected: 'expected [for item in list : value] or {for key, item in map : key => value}',
};

/** By the rule that stopped; what no row names lacks a value. */
const COMPLAINTS: Readonly<Record<string, Complaint>> = {
  tuple: {
    summary: 'Missing item separator',
    detail: 'Expected a comma to mark the beginning of the next item.',
    expected: 'expected "," or "]"',
  },
  call: {
    summary: 'Missing argument separator',
    detail: 'A comma is required to separate each function argument from the next.',
    expected: 'expected "," or ")"',
  },
  object: {
    summary: 'Missing attribute separator',
    detail: 'Expected a newline or comma to mark the beginning of the next attribute.',
    expected: 'expected a new line, "," or "}"',
  },
  objectItem: {
    summary: 'Missing attribute value',
    detail: 'Expected an attribute value, introduced by an equals sign ("=").',
    expected: 'expected key = value',
  },
  parenthesized: {
    summary: 'Unbalanced parentheses',
    detail: 'Expected a closing parenthesis to terminate the expression.',
    expected: 'expected ")"',
  },
  bracketStep: {
    summary: 'Missing close bracket on index',
    detail: 'The index operator must end with a closing bracket ("]").',
    expected: 'expected "]"',
  },
  dotStep: {
    summary: 'Invalid attribute name',
    detail: 'An attribute name is required after a dot.',
    expected: 'expected a name, a number or "*"',
  },
  interpolation: {
    summary: 'Extra characters after interpolation expression',
    detail: 'Expected a closing brace to end the interpolation expression, but found extra characters.',
    expected: 'expected "}"; write $${ for a ${ that belongs to the text',
  },
  directive: {
    summary: 'Invalid template directive',
    detail: 'The directive is not one of if, else, endif, for and endfor, or is not complete.',
    expected: 'expected %{ if condition } or %{ for item in list }; write %%{ for a %{ that belongs to the text',
  },
  expression: {
    summary: 'Missing false expression in conditional',
    detail: 'The conditional operator (...?...:...) requires a false expression, delimited by a colon.',
    expected: 'expected ":"',
  },
  forIntro: BAD_FOR,
  forTuple: BAD_FOR,
  forObject: BAD_FOR,
};

function report(problem: IRecognitionException, range: SourceRange, diagnostics: Diagnostics): void {
  const rule = problem.context.ruleStack.at(-1) ?? '';
  const complaint = problem instanceof NotAllInputParsedException ? BEHIND_VALUE : (COMPLAINTS[rule] ?? NO_EXPRESSION);
  diagnostics.error(range, complaint.summary, complaint.detail, complaint.expected);
}

/** The token that did not fit; when the value stopped short, the place behind its last token. */
function rangeOfProblem(
  source: Source,
  problem: IRecognitionException,
  tokens: readonly IToken[],
  after: number,
): SourceRange {
  if (!Number.isNaN(problem.token.startOffset)) return onOneLine(rangeOf(source, problem.token));
  const last = tokens.at(-1);
  const end = last ? rangeOf(source, last).end : after;
  return { source, start: end, end };
}

function onOneLine(range: SourceRange): SourceRange {
  const line = lineAt(range.source, range.start);
  const lineStart = range.source.text.lastIndexOf('\n', range.start - 1) + 1;
  return { ...range, end: Math.max(range.start, Math.min(range.end, lineStart + line.length)) };
}
