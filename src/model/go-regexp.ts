/**
 * Regular expressions of job files follow RE2; ours are JavaScript's. The two share most of their syntax; what differs
 * is translated here, and what cannot be is no regular expression to us.
 */

const TRANSLATIONS: readonly (readonly [RegExp, string])[] = [
  [/\(\?P</g, '(?<'],
  [/\\A/g, '^'],
  [/\\z/g, '$'],
  [/\[:alpha:\]/g, 'a-zA-Z'],
  [/\[:digit:\]/g, '0-9'],
  [/\[:alnum:\]/g, 'a-zA-Z0-9'],
  [/\[:upper:\]/g, 'A-Z'],
  [/\[:lower:\]/g, 'a-z'],
  [/\[:space:\]/g, '\\s'],
  [/\[:word:\]/g, '\\w'],
];

/** Flags at the very start, "(?i)", hold for the whole expression. */
const LEADING_FLAGS = /^\(\?([ims]+)\)/;

/** undefined when the text is no regular expression. It matches anywhere in a text, unless anchored. */
export function compileGoRegexp(text: string): RegExp | undefined {
  const flags = LEADING_FLAGS.exec(text)?.[1] ?? '';
  const body = text.replace(LEADING_FLAGS, '');
  const translated = TRANSLATIONS.reduce((source, [from, to]) => source.replace(from, to), body);
  try {
    return new RegExp(translated, [...new Set(flags)].join(''));
  } catch {
    return undefined;
  }
}
