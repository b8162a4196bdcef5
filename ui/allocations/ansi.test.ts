/** What is shown of output that was written for a terminal. */
import { describe, expect, it } from 'vitest';
import { ansiPieces, plainText } from './ansi.ts';

const E = '\u001b';

describe('the colours of a line', () => {
  it.each([
    ['without any', 'plain', [{ text: 'plain' }]],
    ['of one word', `${E}[32minfo${E}[0m rest`, [{ text: 'info', colour: 'green' }, { text: ' rest' }]],
    ['bright, as its dark form', `${E}[91mx`, [{ text: 'x', colour: 'red' }]],
    [
      'bold and colour in one',
      `${E}[1;31mx${E}[22my`,
      [
        { text: 'x', colour: 'red', isBold: true },
        { text: 'y', colour: 'red' },
      ],
    ],
    ['back to the usual colour', `${E}[31mx${E}[39my`, [{ text: 'x', colour: 'red' }, { text: 'y' }]],
    ['an empty sequence ends all', `${E}[31mx${E}[my`, [{ text: 'x', colour: 'red' }, { text: 'y' }]],
    ['of 256, left out with its number', `${E}[38;5;1;1mx`, [{ text: 'x', isBold: true }]],
    ['of millions, left out with its numbers', `${E}[48;2;31;32;33mx`, [{ text: 'x' }]],
    ['cursor moves and titles, left out', `${E}[2J${E}[1;1H${E}]0;title\u0007x${E}[K`, [{ text: 'x' }]],
    ['a bell and a null, left out', 'a\u0007b\u0000c', [{ text: 'abc' }]],
    ['a tab stays', 'a\tb', [{ text: 'a\tb' }]],
    ['what a carriage return wrote over is gone', '10%\r50%\r100%', [{ text: '100%' }]],
    ['the line end of Windows is none', 'text\r', [{ text: 'text' }]],
  ])('%s', (_, line, pieces) => {
    expect(ansiPieces(line)).toEqual(pieces);
  });

  it('are no part of what is searched', () => {
    expect(plainText(`re${E}[31md alert${E}[0m`)).toBe('red alert');
  });
});
