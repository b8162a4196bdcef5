/** Functions that turn a value into another type, and those on paths, which are text. */
import { posix } from 'node:path';
import { fail, list, text } from '../arguments.ts';
import { asBool, asList, asNumber, asText } from '../convert.ts';
import { define, type PureFunction } from '../function-table.ts';
import { uniqueSorted } from '../type-constraint.ts';
import { isMap, typeName, type Value } from '../value.ts';

export const conversionFunctions: Readonly<Record<string, PureFunction>> = {
  tobool: define('value', (args) => orNull(args[0]!, asBool, 'bool')),
  tolist: define('value', (args) => [...(asList(args[0]!) ?? refuse(args[0]!, 'list'))]),
  tomap: define('value', (args) => (isMap(args[0]) ? args[0] : refuse(args[0]!, 'map'))),
  tonumber: define('value', (args) => orNull(args[0]!, asNumber, 'number')),
  toset: define('list', (args, spend) => {
    spend(list(args, 0).length ** 2 / 1000);
    return uniqueSorted(list(args, 0));
  }),
  tostring: define('value', (args) => orNull(args[0]!, asText, 'string')),
  basename: define('path', (args) => posix.basename(text(args, 0))),
  dirname: define('path', (args) => posix.dirname(text(args, 0))),
};

const orNull = (value: Value, convert: (value: Value) => Value | undefined, wanted: string): Value =>
  value === null ? null : (convert(value) ?? refuse(value, wanted));

const refuse = (value: Value, wanted: string): never => fail(0, `a ${typeName(value)} cannot become a ${wanted}`);
