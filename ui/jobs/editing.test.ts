import { describe, expect, it } from 'vitest';
import { type Edit, indent, lineRange, newLine, outdent, type Selection } from './editing.ts';

/** "a[b]c": the selection in brackets; "a|b": a place. */
function read(drawn: string): Selection {
  const start = drawn.search(/[[|]/);
  const text = drawn.replace(/[[\]|]/g, '');
  const close = drawn.indexOf(']');
  return { text, start, end: close < 0 ? start : close - 1 };
}

function after(drawn: string, edit: (selection: Selection) => Edit): string {
  const selection = read(drawn);
  const { from, to, insert, start, end } = edit(selection);
  const text = selection.text.slice(0, from) + insert + selection.text.slice(to);
  if (start === end) return `${text.slice(0, start)}|${text.slice(start)}`;
  return `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`;
}

describe('Tab', () => {
  it.each([
    ['a|b', 'a  |b'],
    ['a[b]c', 'a  |c'],
    ['x\n[a\nb]\ny', 'x\n  [a\n  b]\ny'],
    ['x\na[a\n\nb\n]y', 'x\n  a[a\n\n  b\n]y'],
  ])('%j becomes %j', (before, expected) => {
    expect(after(before, indent)).toBe(expected);
  });
});

describe('Shift+Tab', () => {
  it.each([
    ['    a|', '  a|'],
    ['\ta|', 'a|'],
    ['a|', 'a|'],
    ['  [a\n b\n  c]', '[a\nb\nc]'],
    ['x\n |  a', 'x\n| a'],
  ])('%j becomes %j', (before, expected) => {
    expect(after(before, outdent)).toBe(expected);
  });
});

describe('Enter', () => {
  it.each([
    ['a|', 'a\n|'],
    ['  a = 1|', '  a = 1\n  |'],
    ['  group "g" {|', '  group "g" {\n    |'],
  ])('%j goes on in the next line', (before, expected) => {
    expect(after(before, newLine)).toBe(expected);
  });
});

it.each([
  [1, 'ab'],
  [2, ''],
  [3, 'cd'],
  [9, ''],
])('line %d is found by its number', (line, expected) => {
  const text = 'ab\n\ncd';
  const { start, end } = lineRange(text, line);
  expect(text.slice(start, end)).toBe(expected);
});
