/** Functions on numbers. */
import { fail, integer, list, number, text } from '../arguments.ts';
import { asNumber } from '../convert.ts';
import { define, type PureFunction } from '../function-table.ts';
import type { Value } from '../value.ts';

export const numberFunctions: Readonly<Record<string, PureFunction>> = {
  abs: define('number', (args) => Math.abs(number(args, 0))),
  ceil: define('number', (args) => Math.ceil(number(args, 0))),
  floor: define('number', (args) => Math.floor(number(args, 0))),
  log: define('number, base', (args) => finite(Math.log(number(args, 0)) / Math.log(number(args, 1)))),
  max: define('number, numbers...', (args) => extreme(args, Math.max)),
  min: define('number, numbers...', (args) => extreme(args, Math.min)),
  pow: define('number, power', (args) => finite(number(args, 0) ** number(args, 1))),
  signum: define('number', (args) => Math.sign(number(args, 0))),
  sum: define('numbers', (args) => list(args, 0).reduce<number>((total, each) => total + numeric(each, 0), 0)),
  parseint: define('text, base', (args) => parseInteger(text(args, 0), integer(args, 1))),
};

const numeric = (value: Value, at: number): number => asNumber(value) ?? fail(at, 'every item must be a number');

const extreme = (args: readonly Value[], choose: (...numbers: number[]) => number): number =>
  args.map((_, at) => number(args, at)).reduce((best, each) => choose(best, each));

const finite = (result: number): number => (Number.isFinite(result) ? result : fail(-1, 'the result is not a number'));

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

function parseInteger(digits: string, base: number): number {
  if (base < 2 || base > 36) return fail(1, 'the base must be between 2 and 36');
  const allowed = DIGITS.slice(0, base);
  const body = digits.toLowerCase().replace(/^[+-]/, '');
  if (body === '' || [...body].some((each) => !allowed.includes(each))) {
    return fail(0, `"${digits}" is no whole number in base ${base}`);
  }
  return finite(Number.parseInt(digits, base));
}
