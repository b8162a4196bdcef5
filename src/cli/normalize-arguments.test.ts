import { describe, expect, it } from 'vitest';
import { normalizeArguments } from './normalize-arguments.ts';

const FLAGS = [
  { name: 'check-index', takesValue: true },
  { name: 'detach', takesValue: false },
  { name: 'diff', takesValue: false },
  { name: 'var', takesValue: true },
  { name: 'no-color', takesValue: false },
  { name: 't', takesValue: true },
  { name: 'p', takesValue: false },
];

describe('flags with one dash or two', () => {
  it.each<[string, string[], string[]]>([
    ['a value behind a blank', ['-check-index', '7', 'web.hcl'], ['--check-index=7', 'web.hcl']],
    ['a value behind "="', ['-check-index=7'], ['--check-index=7']],
    ['two dashes', ['--check-index', '7', '--detach'], ['--check-index=7', '--detach']],
    ['a boolean', ['-detach', 'web.hcl'], ['--detach', 'web.hcl']],
    ['a boolean that is said to be true', ['-detach=true'], ['--detach']],
    ['a boolean that is said to be false', ['-diff=false', '-detach=0'], ['--no-diff', '--no-detach']],
    ['a flag whose own name begins with no', ['-no-color'], ['--no-color']],
    ['a value that has "=" and dashes', ['-var', 'args=-x --y=1'], ['--var=args=-x --y=1']],
    ['a value of several lines', ['-t={{.ID}}\n'], ['--t={{.ID}}\n']],
    ['letters', ['-p', '-t', '{{.}}'], ['--p', '--t={{.}}']],
    ['standard input', ['-'], ['-']],
    ['what stands behind two dashes', ['-detach', '--', '-detach'], ['--detach', '--', '-detach']],
    ['a flag that nobody knows', ['-detatch', '-x=1'], ['--detatch', '--x=1']],
    ['a value that is missing', ['-check-index'], ['--check-index']],
  ])('%s', (_, words, normal) => expect(normalizeArguments(words, FLAGS)).toEqual(normal));
});
