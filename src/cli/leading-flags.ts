/**
 * Where a command's own words end: behind `alloc exec <allocation>` stand another program's, and `-h` is its flag. Pure.
 */
import type { FlagShape } from './normalize-arguments.ts';

/** How many of the words stand before the first argument: flags, and the values of those that take one. */
export function leadingFlags(words: readonly string[], flags: readonly FlagShape[]): number {
  const takesValue = new Map(flags.map(({ name, takesValue: takes }) => [name, takes]));
  let at = 0;
  while (at < words.length) {
    const name = /^--?([A-Za-z][^=]*)$/.exec(words[at]!)?.[1];
    const isFlag = name !== undefined || /^--?[A-Za-z][^=]*=/.test(words[at]!);
    if (!isFlag) return at;
    at += name !== undefined && takesValue.get(name) === true ? 2 : 1;
  }
  return words.length;
}

/** The words with "--" before the first argument, unless somebody wrote it there. */
export function sealed(words: readonly string[], flags: readonly FlagShape[]): string[] {
  const own = leadingFlags(words, flags);
  const rest = words.slice(own);
  return rest[0] === '--' ? [...words] : [...words.slice(0, own), '--', ...rest];
}
