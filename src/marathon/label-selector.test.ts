/** Which apps a label selector finds. */
import { expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';

const LABELS = { tier: 'front', 'a.b': 'c,d', note: 'two words' };

it.each([
  ['tier', true],
  ['other', false],
  ['tier==front', true],
  ['tier == back', false],
  ['tier!=back', true],
  ['tier!=front', false],
  ['other!=x', false],
  ['tier in (back, front)', true],
  ['tier notin (back)', true],
  ['tier notin (back, front)', false],
  ['other notin (x)', false],
  ['tier==front,a.b', true],
  ['tier, other', false],
  ['a.b==c\\,d', true],
  ['note==two\\ words', true],
])('%s: %s', (text, expected) => {
  expect(parseLabelSelector(text)?.(LABELS)).toBe(expected);
});

it.each(['', '==', 'tier=front', 'tier in front', 'a b', 'tier==(x'])('%s is none', (text) => {
  expect(parseLabelSelector(text)).toBeUndefined();
});
