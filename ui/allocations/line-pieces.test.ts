/** How a line is drawn that holds what is searched for. */
import { describe, expect, it } from 'vitest';
import { holds, linePieces } from './line-pieces.ts';

const E = '\u001b';
const drawn = (line: string, query: string) =>
  linePieces(line, query)
    .map(({ text, isMatch }) => (isMatch ? `[${text}]` : text))
    .join('|');

describe('a line that is searched', () => {
  it.each([
    ['without a search', 'abc', '', 'abc'],
    ['at its begin, amid and at its end', 'ab-AB-ab', 'ab', '[ab]|-|[AB]|-|[ab]'],
    ['beside itself', 'aaaa', 'aa', '[aa]|[aa]'],
    ['in any case of letters', 'ERROR: x', 'error', '[ERROR]|: x'],
    ['not at all', 'abc', 'z', 'abc'],
    ['across colours', `on${E}[31me two${E}[0m`, 'one', '[on]|[e]| two'],
    ['whose letters change their length', 'İx abc', 'abc', 'İx abc'],
  ])('%s', (_, line, query, expected) => {
    expect(drawn(line, query)).toBe(expected);
  });

  it('keeps its colours where it is marked', () => {
    expect(linePieces(`${E}[31mred${E}[0m`, 'ed')).toEqual([
      { text: 'r', colour: 'red', isMatch: false },
      { text: 'ed', colour: 'red', isMatch: true },
    ]);
  });

  it('is found by what is seen, not by control sequences', () => {
    expect([holds(`re${E}[1md`, 'RED'), holds(`${E}[31mx`, '31')]).toEqual([true, false]);
  });
});
