/** The verbs of format(): %s %q %d %f %g %e %x %X %o %b %t %v %%, with flags, width, precision and [index]. */
import { fail } from '../arguments.ts';
import { asBool, asNumber, asText } from '../convert.ts';
import { toJson, type Value } from '../value.ts';

const VERB = /%(?:%|([-+ #0]*)(\d+)?(?:\.(\d+))?(?:\[(\d+)\])?([a-zA-Z]))/g;
const MAX_WIDTH = 1000;

export function formatText(format: string, values: readonly Value[]): string {
  let next = 0;
  let used = 0;
  const text = format.replace(VERB, (whole, flags = '', width, precision, index, verb) => {
    if (verb === undefined) return '%';
    if (Number(width ?? 0) > MAX_WIDTH || Number(precision ?? 0) > 100) return fail(0, `"${whole}" is too wide`);
    if (index !== undefined) next = Number(index) - 1;
    const value = values[next++] ?? (next <= values.length ? null : undefined);
    used = Math.max(used, next);
    if (value === undefined) return fail(0, `not enough values for "${whole}"`);
    return pad(verbText(verb, value, precision, flags, next), flags, Number(width ?? 0), verb);
  });
  if (used < values.length) return fail(used + 1, `there are ${values.length} values, but the format uses ${used}`);
  return text;
}

function verbText(verb: string, value: Value, precision: string | undefined, flags: string, at: number): string {
  switch (verb) {
    case 's':
      return cut(asText(value) ?? JSON.stringify(toJson(value)), precision);
    case 'q':
      return JSON.stringify(asText(value) ?? JSON.stringify(toJson(value)));
    case 'v':
      return cut(asText(value) ?? JSON.stringify(toJson(value)), precision);
    case 't':
      return String(asBool(value) ?? fail(at, 'a bool is required'));
    default:
      return signed(numberVerb(verb, asNumber(value) ?? fail(at, 'a number is required'), precision), flags);
  }
}

function numberVerb(verb: string, value: number, precision: string | undefined): string {
  switch (verb) {
    case 'd':
      return Math.trunc(value).toFixed(0);
    case 'f':
      return value.toFixed(precision === undefined ? 6 : Number(precision));
    case 'e':
      return value.toExponential(precision === undefined ? 6 : Number(precision)).replace(/e([+-])(\d)$/, 'e$10$2');
    case 'g':
      return precision === undefined
        ? String(value)
        : String(Number(value.toPrecision(Math.max(1, Number(precision)))));
    case 'x':
      return Math.trunc(value).toString(16);
    case 'X':
      return Math.trunc(value).toString(16).toUpperCase();
    case 'o':
      return Math.trunc(value).toString(8);
    case 'b':
      return Math.trunc(value).toString(2);
    default:
      return fail(0, `the verb %${verb} is not known`);
  }
}

const cut = (text: string, precision: string | undefined): string =>
  precision === undefined ? text : [...text].slice(0, Number(precision)).join('');

const signed = (text: string, flags: string): string => {
  if (text.startsWith('-')) return text;
  if (flags.includes('+')) return `+${text}`;
  return flags.includes(' ') ? ` ${text}` : text;
};

function pad(text: string, flags: string, width: number, verb: string): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || 'sqvt'.includes(verb)) return text.padStart(width);
  const sign = /^[+ -]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
