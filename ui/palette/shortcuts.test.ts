/** Keys one after the other. */
import { expect, it } from 'vitest';
import { NOTHING_TYPED, pressed, shortcuts, type Typed } from './shortcuts.ts';

/** Each key with the milliseconds since the one before. */
function typing(...strokes: readonly (readonly [key: string, afterMs: number])[]): readonly (string | undefined)[] {
  let [typed, now]: [Typed, number] = [NOTHING_TYPED, 1_000_000];
  return strokes.map(([key, afterMs]) => {
    now += afterMs;
    const result = pressed(typed, key, now);
    typed = result.typed;
    return result.shortcut?.words;
  });
}

it.each([
  [
    'two keys lead to a view',
    [
      ['g', 0],
      ['j', 200],
    ],
    [undefined, 'Jobs'],
  ],
  ['one key does', [['?', 0]], ['These keys']],
  [
    'too slowly they lead nowhere',
    [
      ['g', 0],
      ['j', 5_000],
    ],
    [undefined, undefined],
  ],
  [
    'another key in between begins anew',
    [
      ['g', 0],
      ['x', 10],
      ['j', 10],
    ],
    [undefined, undefined, undefined],
  ],
  [
    'the first key twice still leads',
    [
      ['g', 0],
      ['g', 10],
      ['d', 10],
    ],
    [undefined, undefined, 'Deployments'],
  ],
  [
    'one that stands alone is heard after a beginning',
    [
      ['g', 0],
      ['/', 10],
    ],
    [undefined, 'Search in this view'],
  ],
  [
    'after one that led somewhere all begins anew',
    [
      ['g', 0],
      ['n', 10],
      ['j', 10],
    ],
    [undefined, 'Nodes', undefined],
  ],
] as const)('%s', (_, strokes, words) => {
  expect(typing(...strokes)).toEqual(words);
});

it('no shortcut begins with the whole of another', () => {
  const written = shortcuts.map(({ keys }) => keys.join(' '));
  for (const one of written) expect(written.filter((other) => `${other} `.startsWith(`${one} `))).toEqual([one]);
});
