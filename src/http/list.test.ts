import { describe, expect, it } from 'vitest';
import { checkPrefixOf, checkUuid, checkUuidPrefix, newestIndex, pageOf } from './list.ts';

describe('a UUID prefix', () => {
  it.each(['', 'a', 'abc', '00000000-', 'ABCDEF12-34', 'ffffffff-ffff-ffff-ffff-ffffffffffff'])(
    'may be %j',
    (prefix) => {
      expect(() => checkUuidPrefix(prefix)).not.toThrow();
    },
  );

  it.each([
    ['zz', "index error: Invalid UUID: encoding/hex: invalid byte: U+007A 'z'"],
    ['0/', "index error: Invalid UUID: encoding/hex: invalid byte: U+002F '/'"],
    ['1-2-3-4-5-6', 'index error: UUID should have maximum of 4 "-"; got 5'],
    ['0'.repeat(37), 'index error: Invalid UUID length. UUID have 36 characters; got 37'],
  ])('may not be %j', (prefix, sentence) => {
    expect(() => checkUuidPrefix(prefix)).toThrow(sentence);
  });
});

it('a prefix of an allocation or an evaluation is named with what was looked for', () => {
  expect(() => checkPrefixOf('alloc', 'nosuch')).toThrow(
    "alloc lookup failed: index error: Invalid UUID: encoding/hex: invalid byte: U+006E 'n'",
  );
});

it('a whole UUID has 36 characters', () => {
  expect(() => checkUuid('34b790f1', 'deployment')).toThrow(
    'deployment lookup failed: index error: UUID must be 36 characters',
  );
});

describe('pages', () => {
  const ids = ['d', 'a', 'c', 'e', 'b', 'g', 'f', 'i', 'h'];
  const page = (perPage: number, nextToken = '') =>
    pageOf(
      ids,
      { perPage, nextToken },
      (id) => id,
      (id) => id !== 'c',
    );

  it('are in order, and say where the next one begins', () => {
    expect(page(3)).toEqual({ rows: ['a', 'b', 'd'], nextToken: 'e' });
    expect(page(3, 'e')).toEqual({ rows: ['e', 'f', 'g'], nextToken: 'h' });
    expect(page(3, 'h')).toEqual({ rows: ['h', 'i'], nextToken: '' });
  });

  it('that are just full and last have no next one', () => {
    expect(page(8)).toEqual({ rows: ['a', 'b', 'd', 'e', 'f', 'g', 'h', 'i'], nextToken: '' });
  });

  it('without a size hold everything', () => {
    expect(page(0).rows).toHaveLength(8);
  });
});

it('the index of a list is its newest change, or the table where it is empty', () => {
  expect(newestIndex([{ ModifyIndex: 3 }, { ModifyIndex: 9 }, { ModifyIndex: 4 }], 20)).toBe(9);
  expect(newestIndex([], 20)).toBe(20);
});
