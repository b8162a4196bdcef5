import { expect, it } from 'vitest';
import { createLiveBlock } from './live-block.ts';

function screen(columns: number, rows?: number) {
  const written: string[] = [];
  const write = (chunk: string | Buffer) => void written.push(String(chunk));
  return { block: createLiveBlock({ write, columns, ...(rows !== undefined && { rows }) }), written };
}

it('is drawn over what it drew before, and once only where nothing changed', () => {
  const { block, written } = screen(80);
  block.draw(['one', 'two']);
  block.draw(['one', 'two']);
  block.draw(['three']);
  expect(written).toEqual(['one\ntwo\n', '\x1b[2A\x1b[0Jthree\n']);
});

it('never grows beyond the screen, where it could not be drawn over', () => {
  const { block, written } = screen(80, 4);
  block.draw(['1', '2', '3', '4', '5']);
  block.draw(['1']);
  expect(written).toEqual(['1\n2\n…\n', '\x1b[3A\x1b[0J1\n']);
});

it('is whole in the end, however long and wide', () => {
  const { block, written } = screen(4, 3);
  block.draw(['12345', 'b', 'c']);
  block.end(['12345', 'b', 'c']);
  expect(written).toEqual(['123\n…\n', '\x1b[2A\x1b[0J12345\nb\nc\n']);
});
