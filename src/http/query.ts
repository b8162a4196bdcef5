/** The query string of a call, typed: units and defaults are settled here, once. */
import { msFromNanos, parseDuration } from '../lib/duration.ts';
import { SerinError } from '../lib/errors.ts';
import { DEFAULT_NAMESPACE } from '../model/job.ts';

export const DEFAULT_WAIT_MS = 5 * 60_000;
export const MAX_WAIT_MS = 10 * 60_000;

export interface Query {
  /** Wait until the index is greater; 0: answer at once. */
  readonly index: number;
  readonly waitMs: number;
  /** "*" means every namespace. */
  readonly namespace: string;
  readonly prefix: string;
  /** 0: everything. */
  readonly perPage: number;
  readonly nextToken: string;
  readonly pretty: boolean;
  text(name: string): string | undefined;
  all(name: string): readonly string[];
  /** Absent: `otherwise`; without a value ("?pretty"): true. */
  flag(name: string, otherwise?: boolean): boolean;
}

/** Throws badRequest for an index, wait or page size that is none. */
export function parseQuery(url: string): Query {
  const at = url.indexOf('?');
  const params = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const flag = (name: string, otherwise = false) => flagOf(name, params.get(name), otherwise);
  return {
    index: wholeNumber(params, 'index', 'Invalid index'),
    waitMs: waitOf(params.get('wait')),
    namespace: params.get('namespace') || DEFAULT_NAMESPACE,
    prefix: params.get('prefix') ?? '',
    perPage: wholeNumber(params, 'per_page', 'Invalid per_page'),
    nextToken: params.get('next_token') ?? '',
    pretty: flag('pretty'),
    text: (name) => params.get(name) ?? undefined,
    all: (name) => params.getAll(name),
    flag,
  };
}

function wholeNumber(params: URLSearchParams, name: string, otherwise: string): number {
  const value = params.get(name) || '0';
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new SerinError('badRequest', otherwise);
}

function waitOf(value: string | null): number {
  if (value === null || value === '') return DEFAULT_WAIT_MS;
  const nanos = parseDuration(value);
  if (nanos === undefined || nanos < 0) throw new SerinError('badRequest', 'Invalid wait time');
  if (nanos === 0) return DEFAULT_WAIT_MS;
  return Math.min(msFromNanos(nanos), MAX_WAIT_MS);
}

const TRUE = new Set(['', '1', 't', 'true']);
const FALSE = new Set(['0', 'f', 'false']);

function flagOf(name: string, value: string | null, otherwise: boolean): boolean {
  if (value === null) return otherwise;
  const word = value.toLowerCase();
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  throw new SerinError('badRequest', `Failed to parse value of ${JSON.stringify(name)} (${value}) as a bool`);
}
