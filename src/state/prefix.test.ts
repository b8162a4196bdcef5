import { expect, it } from 'vitest';
import { withIdPrefix } from './prefix.ts';

const rows = ['api', 'api-2', 'batch', 'A1B2'].map((ID) => ({ ID }));

it.each([
  ['api', undefined, 'api api-2'],
  ['api', 1, 'api'],
  ['a1b', undefined, 'A1B2'],
  ['', undefined, 'api api-2 batch A1B2'],
  ['x', undefined, ''],
])('prefix "%s", at most %s: %s', (prefix, limit, found) => {
  expect(
    withIdPrefix(rows, prefix, limit)
      .map((row) => row.ID)
      .join(' '),
  ).toBe(found);
});
