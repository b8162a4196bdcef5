/** Reads one argument of a function as the type that the function wants, or says which argument is wrong. */
import { asBool, asNumber, asText } from './convert.ts';
import { FunctionError } from './function-table.ts';
import { isList, isMap, typeName, type Value, type ValueMap } from './value.ts';

export type Args = readonly Value[];

export function text(args: Args, at: number): string {
  return asText(args[at]!) ?? wrong(args, at, 'text');
}

export function number(args: Args, at: number): number {
  return asNumber(args[at]!) ?? wrong(args, at, 'a number');
}

export function integer(args: Args, at: number): number {
  const value = number(args, at);
  return Number.isSafeInteger(value) ? value : wrong(args, at, 'a whole number');
}

export function bool(args: Args, at: number): boolean {
  return asBool(args[at]!) ?? wrong(args, at, 'true or false');
}

export function list(args: Args, at: number): readonly Value[] {
  const value = args[at]!;
  return isList(value) ? value : wrong(args, at, 'a list');
}

export function map(args: Args, at: number): ValueMap {
  const value = args[at]!;
  return isMap(value) ? value : wrong(args, at, 'a map');
}

export function texts(args: Args, at: number): string[] {
  return list(args, at).map((each) => asText(each) ?? wrong(args, at, 'a list of text'));
}

export function fail(at: number, message: string): never {
  throw new FunctionError(at, message);
}

function wrong(args: Args, at: number, wanted: string): never {
  return fail(at, `argument ${at + 1} must be ${wanted}, not a ${typeName(args[at]!)}`);
}
