/** What is kept of a stream that does not end. */
import { describe, expect, it } from 'vitest';
import {
  appended,
  BLOCK_LINES,
  EMPTY_BUFFER,
  KEPT_LINES,
  type LineBuffer,
  LONGEST_LINE,
  lineCount,
} from './line-buffer.ts';

const read = (...texts: string[]): LineBuffer => texts.reduce(appended, EMPTY_BUFFER);
const linesOf = ({ blocks }: LineBuffer) => blocks.flatMap(({ lines }) => lines);
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => `line ${from + at}\n`).join('');

describe('the line buffer', () => {
  it('puts together lines that the network cut, and shows the one that has not ended', () => {
    const buffer = read('one\ntw', 'o\nthr');
    expect([linesOf(buffer), buffer.open, lineCount(buffer)]).toEqual([['one', 'two'], 'thr', 3]);
  });

  it('keeps empty lines', () => {
    expect(linesOf(read('\n\na\n'))).toEqual(['', '', 'a']);
  });

  it('leaves full blocks as they are, so that they need not be drawn again', () => {
    const before = read(numbered(0, BLOCK_LINES + 10));
    const after = appended(before, 'more\n');
    expect(after.blocks[0]).toBe(before.blocks[0]);
    expect(after.blocks[1]).not.toBe(before.blocks[1]);
    expect(after.blocks.map(({ firstLine }) => firstLine)).toEqual([0, BLOCK_LINES]);
  });

  it('keeps the last lines of many, and says how many went', () => {
    const buffer = read(numbered(0, 4_321), numbered(4_321, 12_345));
    expect(linesOf(buffer).at(-1)).toBe('line 12344');
    expect(lineCount(buffer)).toBeGreaterThanOrEqual(KEPT_LINES);
    expect(lineCount(buffer)).toBeLessThanOrEqual(KEPT_LINES + BLOCK_LINES);
    expect(linesOf(buffer)[0]).toBe(`line ${buffer.dropped}`);
    expect(buffer.blocks[0]?.firstLine).toBe(buffer.dropped);
  });

  it('cuts what has no line ends, so that it cannot grow without bound', () => {
    const buffer = read('x'.repeat(LONGEST_LINE * 2 + 5), 'y\n');
    expect(linesOf(buffer).map(({ length }) => length)).toEqual([LONGEST_LINE, LONGEST_LINE, 6]);
  });
});
