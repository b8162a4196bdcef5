/** Functions on lists and maps. */
import { bool, fail, integer, list, map, number, text, texts } from '../arguments.ts';
import { asText } from '../convert.ts';
import { define, type PureFunction } from '../function-table.ts';
import { compareText, isEqual, isList, isMap, sortedKeys, typeName, type Value } from '../value.ts';

export const collectionFunctions: Readonly<Record<string, PureFunction>> = {
  alltrue: define('list', (args) => list(args, 0).every((_, at) => bool(list(args, 0), at))),
  anytrue: define('list', (args) => list(args, 0).some((_, at) => bool(list(args, 0), at))),
  chunklist: define('list, size', (args) => chunks(list(args, 0), integer(args, 1))),
  coalesce: define('values...', (args) => args.find(isFilled) ?? fail(-1, 'every argument is null or empty')),
  coalescelist: define('lists...', (args) => args.find((each) => isList(each) && each.length > 0) ?? []),
  compact: define('texts', (args) => list(args, 0).filter(isFilled)),
  concat: define('lists...', (args, spend) => {
    const all = args.flatMap((_, at) => list(args, at));
    spend(all.length);
    return all;
  }),
  contains: define('list, value', (args) => list(args, 0).some((each) => isEqual(each, args[1]!))),
  distinct: define('list', (args, spend) => {
    spend(list(args, 0).length ** 2 / 1000);
    return distinct(list(args, 0));
  }),
  element: define('list, index', (args) => element(list(args, 0), integer(args, 1))),
  flatten: define('list', (args) => flatten(list(args, 0))),
  index: define('list, value', (args) => {
    const at = list(args, 0).findIndex((each) => isEqual(each, args[1]!));
    return at === -1 ? fail(1, 'the list does not contain the value') : at;
  }),
  keys: define('map', (args) => sortedKeys(map(args, 0))),
  length: define('list', (args) => length(args[0]!)),
  lookup: define('map, key, [default]', (args) => {
    const found = map(args, 0).get(text(args, 1));
    return found ?? args[2] ?? fail(1, `the map has no key "${text(args, 1)}" and there is no default`);
  }),
  matchkeys: define('values, keys, wanted', (args) => {
    const keys = list(args, 1);
    return list(args, 0).filter((_, at) => list(args, 2).some((each) => isEqual(each, keys[at] ?? null)));
  }),
  merge: define('maps...', (args) => new Map(args.flatMap((each, at) => (each === null ? [] : [...map(args, at)])))),
  one: define('list', (args) =>
    list(args, 0).length <= 1 ? (list(args, 0)[0] ?? null) : fail(0, 'more than one item'),
  ),
  range: define('start, [limit], [step]', (args, spend) => range(args, spend)),
  reverse: define('list', (args) => [...list(args, 0)].reverse()),
  slice: define('list, start, end', (args) => slice(list(args, 0), integer(args, 1), integer(args, 2))),
  sort: define('texts', (args) => texts(args, 0).sort(compareText)),
  values: define('map', (args) => sortedKeys(map(args, 0)).map((key) => map(args, 0).get(key)!)),
  zipmap: define('keys, values', (args) => zip(texts(args, 0), list(args, 1))),
};

const isFilled = (value: Value): boolean => value !== null && value !== '';

const distinct = (values: readonly Value[]): Value[] =>
  values.filter((value, at) => values.findIndex((each) => isEqual(each, value)) === at);

function chunks(values: readonly Value[], size: number): Value[] {
  if (size < 1) return fail(1, 'the size must be at least 1');
  return Array.from({ length: Math.ceil(values.length / size) }, (_, at) => values.slice(at * size, (at + 1) * size));
}

/** Wraps round: element(list, length) is the first again. */
function element(values: readonly Value[], at: number): Value {
  if (values.length === 0) return fail(0, 'the list is empty');
  if (at < 0) return fail(1, 'the index must not be negative');
  return values[at % values.length]!;
}

const flatten = (values: readonly Value[]): Value[] =>
  values.flatMap((each) => (isList(each) ? flatten(each) : [each]));

function length(value: Value): number {
  if (isList(value)) return value.length;
  if (isMap(value)) return value.size;
  const characters = typeof value === 'string' ? asText(value) : undefined;
  return characters === undefined ? fail(0, `a ${typeName(value)} has no length`) : [...characters].length;
}

const MAX_RANGE = 1024;

function range(args: readonly Value[], spend: (amount: number) => void): Value[] {
  const start = args.length === 1 ? 0 : number(args, 0);
  const limit = args.length === 1 ? number(args, 0) : number(args, 1);
  const step = args.length === 3 ? number(args, 2) : limit < start ? -1 : 1;
  if (step === 0 || (step > 0 && limit < start) || (step < 0 && limit > start)) {
    return fail(2, 'the step must lead from start to limit');
  }
  const count = Math.ceil((limit - start) / step);
  if (count > MAX_RANGE) return fail(-1, `more than ${MAX_RANGE} values`);
  spend(count);
  return Array.from({ length: count }, (_, at) => start + at * step);
}

function slice(values: readonly Value[], start: number, end: number): Value[] {
  if (start < 0 || start > end) return fail(1, 'the start must be between 0 and the end');
  if (end > values.length) return fail(2, `the end must not be greater than the length, ${values.length}`);
  return values.slice(start, end);
}

function zip(keys: readonly string[], values: readonly Value[]): Value {
  if (keys.length !== values.length) return fail(1, 'there must be as many values as keys');
  return new Map(keys.map((key, at) => [key, values[at]!]));
}
