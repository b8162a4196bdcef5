import { expect, it } from 'vitest';
import { compileGoRegexp } from './go-regexp.ts';

it.each([
  ['r.*', 'rack1', true],
  ['^linux$', 'linux', true],
  ['(?i)LINUX', 'linux', true],
  ['(?P<major>\\d+)\\.', '5.10', true],
  ['\\A[[:digit:]]+\\z', '123', true],
  ['\\A[[:digit:]]+\\z', '12a', false],
])('%s on %s: %s', (pattern, text, expected) => {
  expect(compileGoRegexp(pattern)?.test(text)).toBe(expected);
});

it('what does not compile is undefined', () => {
  expect(compileGoRegexp('(')).toBeUndefined();
});
