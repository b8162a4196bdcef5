/**
 * `<<EOT … EOT` and `<<-EOT … EOT`. Which line ends a heredoc depends on the word that opened it, so these tokens are
 * matched by functions that look back at the nearest heredoc still open.
 */
import { createToken, type IToken } from 'chevrotain';

const START = /<<-?[A-Za-z_][\w-]*[ \t]*\r?\n/y;

export const HeredocStart = createToken({
  name: 'HeredocStart',
  pattern: (text, offset) => matchAt(START, text, offset),
  start_chars_hint: ['<'],
  line_breaks: true,
  push_mode: 'heredoc',
});

/** The closing word with its indentation, without the line break behind it. */
export const HeredocEnd = createToken({
  name: 'HeredocEnd',
  pattern: (text, offset, tokens) => {
    if (text[offset - 1] !== '\n') return null;
    return matchAt(endPattern(tokens), text, offset);
  },
  line_breaks: false,
  pop_mode: true,
});

/** Everything up to the next `${`, `%{` or the closing line. */
export const HeredocText = createToken({
  name: 'HeredocText',
  pattern: (text, offset, tokens) => {
    const end = endOfText(text, offset, endPattern(tokens));
    return end > offset ? ([text.slice(offset, end)] as unknown as RegExpExecArray) : null;
  },
  line_breaks: true,
});

const TEMPLATE_OR_LINE = /\$\$\{|%%\{|\$\{|%\{|\n/g;

function endOfText(text: string, offset: number, end: RegExp): number {
  TEMPLATE_OR_LINE.lastIndex = offset;
  for (let match = TEMPLATE_OR_LINE.exec(text); match; match = TEMPLATE_OR_LINE.exec(text)) {
    if (match[0] === '${' || match[0] === '%{') return match.index;
    if (match[0] === '\n' && matchAt(end, text, match.index + 1)) return match.index + 1;
  }
  return text.length;
}

function endPattern(tokens: readonly IToken[]): RegExp {
  const word = openHeredoc(tokens)?.image.replace(/^<<-?/, '').trim() ?? '';
  return new RegExp(`[ \\t]*${word}(?=[ \\t]*(?:\\r?\\n|$))`, 'y');
}

function openHeredoc(tokens: readonly IToken[]): IToken | undefined {
  let closed = 0;
  for (let at = tokens.length - 1; at >= 0; at--) {
    const token = tokens[at]!;
    if (token.tokenType === HeredocEnd) closed++;
    else if (token.tokenType === HeredocStart && closed-- === 0) return token;
  }
  return undefined;
}

function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}
