/** The JSON body of a call. The Content-Type is not looked at: clients of the wire send any. */
import { messageOf, SerinError } from '../lib/errors.ts';
import type { Call } from './route.ts';

export type Body = Readonly<Record<string, unknown>>;

/** An object; an empty body is an empty object, as clients send it where nothing needs to be said. */
export function bodyOf(call: Call): Body {
  const value = call.body.length === 0 ? {} : parseJson(call.body.toString('utf8'));
  if (isObject(value)) return value;
  throw new SerinError('badRequest', 'The request body must be a JSON object.');
}

export const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SerinError('badRequest', `The request body is not JSON: ${messageOf(cause)}`, { cause });
  }
}
