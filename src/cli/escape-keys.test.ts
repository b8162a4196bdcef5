import { expect, it } from 'vitest';
import { escapeKeys } from './escape-keys.ts';

const TILDE = 126;
const type = (key: number | undefined, ...pieces: string[]) => {
  const keys = escapeKeys(key);
  const typed = pieces.map((piece) => keys(Buffer.from(piece)));
  return { sent: typed.map(({ data }) => data.toString()).join(''), isOver: typed.at(-1)!.isOver };
};

it.each<[string, string[], string, boolean]>([
  ['leaves at the very beginning', ['~.'], '', true],
  ['leaves at the beginning of a line', ['ls\r~.'], 'ls\r', true],
  ['leaves when the two keys come apart', ['ls\n', '~', '.'], 'ls\n', true],
  ['passes the two on in the middle of a line', ['cd ~.\r'], 'cd ~.\r', false],
  ['passes the character on with what follows it', ['~/bin\r'], '~/bin\r', false],
  ['passes it on once when it is typed twice', ['~~.\r'], '~.\r', false],
  ['leaves after an empty line', ['\r~.'], '\r', true],
  ['sends nothing that stands behind', ['\r~.rm -r'], '\r', true],
])('%s', (_name, pieces, sent, isOver) => {
  expect(type(TILDE, ...pieces)).toEqual({ sent, isOver });
});

it('passes everything on where nothing leaves', () => {
  expect(type(undefined, '~.')).toEqual({ sent: '~.', isOver: false });
});
