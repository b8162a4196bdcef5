/** What is run for what was typed. */
import { expect, it } from 'vitest';
import { commandWords } from './command-words.ts';

it.each([
  ['', []],
  ['  /bin/sh  ', ['/bin/sh']],
  ['sh -c "echo a b"', ['sh', '-c', 'echo a b']],
  [`sh -c 'echo "a" $HOME'`, ['sh', '-c', 'echo "a" $HOME']],
  ['a\\ b c', ['a b', 'c']],
  ['say "a \\"b\\" \\n"', ['say', 'a "b" \\n']],
  [`pre'mid'"end"`, ['premidend']],
  [`x ''`, ['x', '']],
  [`x "not closed`, ['x', 'not closed']],
])('%s', (typed, words) => {
  expect(commandWords(typed)).toEqual(words);
});
