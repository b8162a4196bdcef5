/**
 * Reads one object of a client's request: any key may be missing, null or spelled in another case, and unknown keys are
 * dropped, as clients of the wire expect. A value of the wrong type is a problem with its JSON path; reading goes on
 * with the default, so that one answer lists every problem.
 */
import { parseDuration } from '../lib/duration.ts';
import { SerinError } from '../lib/errors.ts';
import type { Nanos } from './nanos.ts';
import { parseAmount } from './surge.ts';

const MAX_NANOS = 2 ** 63;

export class RequestFields {
  readonly path: string;
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #problems: string[];
  #byLowerCase: Map<string, unknown> | undefined;

  constructor(object: Readonly<Record<string, unknown>>, path: string, problems: string[]) {
    this.#object = object;
    this.path = path;
    this.#problems = problems;
  }

  /** The value as sent; undefined when missing or null. */
  raw(key: string): unknown {
    const value = Object.hasOwn(this.#object, key) ? this.#object[key] : this.#inAnyCase(key);
    return value ?? undefined;
  }

  text(key: string, fallback = ''): string {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    return typeof value === 'string' ? value : this.#wrong(key, 'text', value, fallback);
  }

  integer(key: string, fallback = 0): number {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    return Number.isSafeInteger(value) ? (value as number) : this.#wrong(key, 'a whole number', value, fallback);
  }

  /** A number, decimals allowed; undefined when missing or null. */
  optionalNumber(key: string): number | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    return Number.isFinite(value) ? (value as number) : this.#wrong(key, 'a number', value, undefined);
  }

  /** A whole number, or a percentage as text ("25%"); undefined when missing or null. */
  optionalAmount(key: string): number | string | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    return parseAmount(value) ?? this.#wrong(key, 'a whole number or a percentage such as "25%"', value, undefined);
  }

  boolean(key: string, fallback = false): boolean {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    return typeof value === 'boolean' ? value : this.#wrong(key, 'true or false', value, fallback);
  }

  /** Nanoseconds as a number, or a duration as text ("30s"). */
  nanos(key: string, fallback: Nanos = 0): Nanos {
    return this.optionalNanos(key) ?? fallback;
  }

  optionalNanos(key: string): Nanos | null {
    const value = this.raw(key);
    if (value === undefined) return null;
    const nanos = typeof value === 'string' ? parseDuration(value) : value;
    if (typeof nanos === 'number' && Number.isInteger(nanos) && Math.abs(nanos) <= MAX_NANOS) return nanos;
    return this.#wrong(key, 'a duration (nanoseconds, or text such as "30s")', value, null);
  }

  /** null when missing or empty: the wire makes no difference between the two. */
  texts(key: string): string[] | null {
    const values = this.#array(key);
    const texts = values.map((value, at) =>
      typeof value === 'string' ? value : this.#wrong(`${key}[${at}]`, 'text', value, ''),
    );
    return texts.length > 0 ? texts : null;
  }

  /** Text by text; numbers and truth values become their spelling. null when missing or empty. */
  textMap(key: string): Record<string, string> | null {
    const entries = Object.entries(this.#record(key) ?? {});
    const texts = entries.map(([name, value]) => [name, this.#mapText(`${key}.${name}`, value)]);
    return texts.length > 0 ? Object.fromEntries(texts) : null;
  }

  /** An object whose inside is somebody else's (a driver's configuration). null when missing or empty. */
  opaque(key: string): Record<string, unknown> | null {
    const record = this.#record(key);
    return record && Object.keys(record).length > 0 ? record : null;
  }

  object(key: string): RequestFields | undefined {
    const record = this.#record(key);
    return record && new RequestFields(record, this.#at(key), this.#problems);
  }

  /** null when missing or empty. */
  list<T>(key: string, read: (fields: RequestFields) => T): T[] | null {
    const items: T[] = [];
    for (const [at, value] of this.#array(key).entries()) {
      if (isRecord(value)) items.push(read(new RequestFields(value, `${this.#at(key)}[${at}]`, this.#problems)));
      else this.#wrong(`${key}[${at}]`, 'an object', value, undefined);
    }
    return items.length > 0 ? items : null;
  }

  /** Objects by name. null when missing or empty. */
  map<T>(key: string, read: (fields: RequestFields, name: string) => T): Record<string, T> | null {
    const fields = this.object(key);
    const items: [string, T][] = [];
    for (const name of Object.keys(this.#record(key) ?? {})) {
      const item = fields?.object(name);
      if (item) items.push([name, read(item, name)]);
    }
    return items.length > 0 ? Object.fromEntries(items) : null;
  }

  /** Adds a problem of `key`; the sentence goes on from its path ("expected …"). */
  problem(key: string, sentence: string): void {
    this.#problems.push(`${this.#at(key)}: ${sentence}`);
  }

  #at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  #wrong<T>(key: string, expected: string, value: unknown, fallback: T): T {
    this.problem(key, `expected ${expected}, found ${describe(value)}`);
    return fallback;
  }

  #mapText(key: string, value: unknown): string {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return value === null ? '' : this.#wrong(key, 'text', value, '');
  }

  #array(key: string): readonly unknown[] {
    const value = this.raw(key);
    if (value === undefined) return [];
    return Array.isArray(value) ? value : this.#wrong(key, 'a list', value, []);
  }

  #record(key: string): Record<string, unknown> | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    return isRecord(value) ? value : this.#wrong(key, 'an object', value, undefined);
  }

  #inAnyCase(key: string): unknown {
    this.#byLowerCase ??= new Map(Object.entries(this.#object).map(([name, value]) => [name.toLowerCase(), value]));
    return this.#byLowerCase.get(key.toLowerCase());
  }
}

/** The error that answers a request with problems: every one of them, one a line. */
export function requestProblemsError(what: string, problems: readonly string[]): SerinError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new SerinError('badRequest', [`${count} in ${what}:`, ...problems.map((each) => `* ${each}`)].join('\n'));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return value === null ? 'null' : 'an object';
  const text = JSON.stringify(value);
  const short = text.length > 60 ? `${text.slice(0, 57)}…"` : text;
  return typeof value === 'string' ? `the text ${short}` : short;
}
