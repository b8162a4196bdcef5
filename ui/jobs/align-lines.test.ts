import { describe, expect, it } from 'vitest';
import { alignLines } from './align-lines.ts';

/** "a|a": in both; "a|": gone; "|b": came; "a~b": what became of it. */
const drawn = (before: string, after: string): string[] =>
  alignLines(before, after).map((row) => (row.isSame ? `${row.before}` : `${row.before ?? ''}→${row.after ?? ''}`));

describe('two texts side by side', () => {
  it.each([
    ['nothing', '', '', []],
    ['equal ones', 'a\nb\n', 'a\nb\n', ['a', 'b']],
    ['one that is new', '', 'a\nb', ['→a', '→b']],
    ['one that went', 'a\nb', '', ['a→', 'b→']],
    ['a line that changed', 'a\nb\nc', 'a\nx\nc', ['a', 'b→x', 'c']],
    ['a line that came between', 'a\nc', 'a\nb\nc', ['a', '→b', 'c']],
    ['a line that went from between', 'a\nb\nc', 'a\nc', ['a', 'b→', 'c']],
    ['several that became one', 'a\nb\nc\nd', 'a\nx\nd', ['a', 'b→x', 'c→', 'd']],
    ['what stayed among changes', 'a\nb\nc', 'x\nb\ny', ['a→x', 'b', 'c→y']],
    ['a line that only ends differently', 'a\nb', 'a\nb\n', ['a', 'b']],
  ])('%s', (_, before, after, rows) => {
    expect(drawn(before, after)).toEqual(rows);
  });

  it('loses no line of either, however long and different they are', () => {
    const text = (seed: number) => Array.from({ length: 1500 }, (__, at) => `line ${(at * seed) % 97}`).join('\n');
    const rows = alignLines(text(7), text(11));
    expect(rows.flatMap(({ before }) => before ?? []).join('\n')).toBe(text(7));
    expect(rows.flatMap(({ after }) => after ?? []).join('\n')).toBe(text(11));
  });
});
