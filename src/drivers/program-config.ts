/** What the `config` blocks of raw_exec and exec have in common: `command`, `args`, and names that nobody knows. */

/** What is wrong with `command` and `args`. */
export function checkProgram({ command, args }: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  if (command === undefined || command === null || command === '') {
    problems.push('config: "command" is missing; name the program to run, for example command = "/usr/bin/node"');
  } else if (typeof command !== 'string') {
    problems.push(`config: "command" must be a string, not ${describe(command)}`);
  }
  if (args !== undefined && args !== null && !isScalarList(args)) {
    problems.push(`config: "args" must be a list of strings, not ${describe(args)}`);
  }
  return problems;
}

export function checkNames(
  config: Readonly<Record<string, unknown>>,
  driver: string,
  known: readonly string[],
): string[] {
  const names = known.map((name) => `"${name}"`);
  const words = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return Object.keys(config)
    .filter((name) => !known.includes(name))
    .map((name) => `config: ${driver} has no "${name}"; it knows ${words}`);
}

/** The `args`, as texts. */
export const programArgs = (config: Readonly<Record<string, unknown>>): string[] =>
  ((config.args ?? []) as (string | number | boolean)[]).map(String);

/** Numbers and booleans are taken as their text, as in job files. */
export const isScalarList = (value: unknown): value is (string | number | boolean)[] =>
  Array.isArray(value) && value.every((each) => ['string', 'number', 'boolean'].includes(typeof each));

export function describe(value: unknown): string {
  if (Array.isArray(value)) return isScalarList(value) ? 'a list' : 'a list with something else in it';
  return value !== null && typeof value === 'object' ? 'a block' : `a ${typeof value}`;
}
