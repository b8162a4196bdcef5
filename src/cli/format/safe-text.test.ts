import { expect, it } from 'vitest';
import { lastLinesOf, onOneLine } from './safe-text.ts';

it.each([
  ['a colour', '\x1b[1;31mred\x1b[0m', 'red'],
  ['a title of the window', '\x1b]0;title\x07text', 'text'],
  ['a bell and a backspace', 'a\x07b\x08c', 'abc'],
  ['several lines', 'a\r\n  b\n\nc\n', 'a b c'],
])('%s does not reach the terminal', (_, text, expected) => {
  expect(onOneLine(text)).toBe(expected);
});

it('what is too long is cut', () => {
  expect(onOneLine('x'.repeat(20), 10)).toBe(`${'x'.repeat(9)}…`);
});

it('the last lines are whole, nothing is no line', () => {
  expect(lastLinesOf('a\nb\nc\n', 2)).toEqual(['b', 'c']);
  expect(lastLinesOf('\n', 2)).toEqual([]);
  expect(lastLinesOf('', 2)).toEqual([]);
});
