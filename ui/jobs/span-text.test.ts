import { expect, it } from 'vitest';
import { spanText } from './span-text.ts';

it.each([
  [0, '0s'],
  [250e6, '250ms'],
  [10e9, '10s'],
  [90e9, '1m30s'],
  [3_600e9, '1h'],
  [1.5e9, '1s500ms'],
])('%d nanoseconds are %s', (nanos, text) => {
  expect(spanText(nanos)).toBe(text);
});
