/**
 * Long flags may be written with one dash or two, with a blank or "=" before the value, and booleans take "=false":
 * `-check-index 7`, `--check-index=7`, `-diff=false`. Made uniform here (`--name=value`, `--name`, `--no-name`).
 */

export interface FlagShape {
  /** Without dashes. */
  readonly name: string;
  readonly takesValue: boolean;
}

const TRUE = ['true', 't', 'T', 'TRUE', 'True', '1'];
const FALSE = ['false', 'f', 'F', 'FALSE', 'False', '0'];

export function normalizeArguments(words: readonly string[], flags: readonly FlagShape[]): string[] {
  const shapes = new Map(flags.map((flag) => [flag.name, flag]));
  const result: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') return [...result, ...words.slice(at)];
    const flag = splitFlag(word);
    const takesNext = flag?.value === undefined && flag !== null && shapes.get(flag.name)?.takesValue === true;
    const value = takesNext ? words[++at] : flag?.value;
    result.push(flag === null ? word : spell(flag.name, value, shapes.get(flag.name)));
  }
  return result;
}

/** null for what is no flag: a path, an id, "-" for standard input, a negative number. */
function splitFlag(word: string): { readonly name: string; readonly value: string | undefined } | null {
  const match = /^--?([A-Za-z][^=]*)(?:=([\s\S]*))?$/.exec(word);
  return match === null ? null : { name: match[1]!, value: match[2] };
}

function spell(name: string, value: string | undefined, shape: FlagShape | undefined): string {
  if (value === undefined) return `--${name}`;
  if (shape?.takesValue === false && TRUE.includes(value)) return `--${name}`;
  if (shape?.takesValue === false && FALSE.includes(value)) return `--no-${name}`;
  return `--${name}=${value}`;
}
