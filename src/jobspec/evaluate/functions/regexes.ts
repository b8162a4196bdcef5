/** Functions with regular expressions. The syntax of job files is RE2's; what differs in ours is translated. */
import { compileGoRegexp } from '../../../model/go-regexp.ts';
import { fail, text } from '../arguments.ts';
import { define, type PureFunction } from '../function-table.ts';
import type { Value } from '../value.ts';
import { withinTime } from './within-time.ts';

type Spend = (amount: number) => void;

export const regexFunctions: Readonly<Record<string, PureFunction>> = {
  regex: define('pattern, text', (args, spend) => {
    const pattern = compile(text(args, 0), 0);
    const match = limited(() => pattern.exec(text(args, 1)), spend);
    return match ? captures(match) : fail(0, 'the pattern does not match the text');
  }),
  regexall: define('pattern, text', (args, spend) => {
    const pattern = compile(text(args, 0), 0, 'g');
    const matches = limited(() => [...text(args, 1).matchAll(pattern)], spend);
    spend(matches.length);
    return matches.map(captures);
  }),
  regex_replace: define('text, pattern, replacement', (args, spend) =>
    replaceAll(text(args, 0), text(args, 1), text(args, 2), spend),
  ),
  replace: define('text, part, replacement', (args, spend) =>
    replace(text(args, 0), text(args, 1), text(args, 2), spend),
  ),
};

function compile(pattern: string, argument: number, flags = ''): RegExp {
  const compiled = compileGoRegexp(pattern) ?? fail(argument, `"${pattern}" is no regular expression`);
  return new RegExp(compiled.source, compiled.flags + flags);
}

/** RE2 never backtracks, ours does: a pattern that takes for ever must not stop the server that reads the file. */
function limited<Result>(match: () => Result, spend: Spend): Result {
  return withinTime(match, () => {
    spend(100_000);
    return fail(-1, 'the regular expression takes too long; write it without nested repetitions');
  });
}

/** Named groups make a map, groups a list, none of them the text. */
function captures(match: RegExpMatchArray): Value {
  if (match.groups) return new Map(Object.entries(match.groups).map(([name, value]) => [name, value ?? null]));
  return match.length > 1 ? match.slice(1).map((each) => each ?? null) : match[0];
}

/** "/…/" stands for a regular expression, anything else for itself. */
function replace(value: string, part: string, replacement: string, spend: Spend): string {
  const pattern = /^\/(.+)\/$/s.exec(part)?.[1];
  return pattern === undefined ? value.split(part).join(replacement) : replaceAll(value, pattern, replacement, spend);
}

function replaceAll(value: string, pattern: string, replacement: string, spend: Spend): string {
  const compiled = compile(pattern, 1, 'g');
  const template = replacement.replace(/\$\{(\w+)\}/g, (_, name: string) =>
    /^\d+$/.test(name) ? `$${name}` : `$<${name}>`,
  );
  return limited(() => value.replace(compiled, template), spend);
}
