/** Paths as the address of the files' view holds them. */
import { describe, expect, it } from 'vitest';
import { below, crumbsOf, isText, nameOf, sizeWord, tidyPath } from './file-path.ts';

describe('a path of a file', () => {
  it.each([
    [undefined, ''],
    ['/', ''],
    ['/alloc//logs/', 'alloc/logs'],
    ['./alloc', 'alloc'],
    ['../other', '../other'],
  ])('%s is %s', (path, tidy) => {
    expect(tidyPath(path)).toBe(tidy);
  });

  it('shows the way back, step by step', () => {
    expect(crumbsOf('alloc/logs').map(({ name, path }) => [name, path])).toEqual([
      ['allocation', ''],
      ['alloc', 'alloc'],
      ['logs', 'alloc/logs'],
    ]);
  });

  it('goes down, and has a name', () => {
    expect([below('', 'alloc'), below('alloc', 'logs'), nameOf('alloc/logs'), nameOf('')]).toEqual([
      'alloc',
      'alloc/logs',
      'logs',
      '',
    ]);
  });
});

it.each([
  ['text/plain; charset=utf-8', true],
  ['application/json', true],
  [undefined, true],
  ['application/octet-stream', false],
  ['image/png', false],
])('%s is shown as text: %s', (type, expected) => {
  expect(isText(type)).toBe(expected);
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [123_456, '123 kB'],
  [5_400_000_000, '5.4 GB'],
])('%d bytes are %s', (bytes, words) => {
  expect(sizeWord(bytes)).toBe(words);
});
