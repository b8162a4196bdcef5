/** What a function of the language is: pure, positional, with its number of arguments declared. */
import type { Value } from './value.ts';

export interface PureFunction {
  readonly least: number;
  readonly most: number;
  /** The arguments as documentation shows them: "separator, list". */
  readonly usage: string;
  /** `spend` is told of work beyond the ordinary, so that no call outgrows the file's budget. */
  apply(args: readonly Value[], spend: (amount: number) => void): Value;
}

export type FunctionTable = ReadonlyMap<string, PureFunction>;

/** Says which argument is wrong; -1: the call as a whole. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly argument: number;

  constructor(argument: number, message: string) {
    super(message);
    this.argument = argument;
  }
}

/** Declares a function by its usage: a name in brackets may be left out, "name..." may be repeated. */
export function define(usage: string, apply: PureFunction['apply']): PureFunction {
  const names = usage === '' ? [] : usage.split(', ');
  const repeats = names.some((name) => name.endsWith('...'));
  const least = names.filter((name) => !name.endsWith('...') && !name.startsWith('[')).length;
  return { least, most: repeats ? Number.POSITIVE_INFINITY : names.length, usage, apply };
}
