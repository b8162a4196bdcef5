/** What all lists share: UUID prefixes, pages, and an order that does not change between two pages. */
import { SerinError } from '../lib/errors.ts';
import type { Query } from './query.ts';

/** Throws the wire's words for a prefix that no UUID can begin with; odd lengths are welcome. */
export function checkUuidPrefix(prefix: string): void {
  const hyphens = prefix.split('-').length - 1;
  if (prefix.length > 36) throw refused(`Invalid UUID length. UUID have 36 characters; got ${prefix.length}`);
  if (hyphens > 4) throw refused(`UUID should have maximum of 4 "-"; got ${hyphens}`);
  const wrong = /[^0-9a-f-]/i.exec(prefix)?.[0];
  if (wrong !== undefined) throw refused(`Invalid UUID: encoding/hex: invalid byte: ${unicodeName(wrong)} '${wrong}'`);
}

/** Throws "<what> lookup failed: …" for what is no whole UUID. */
export function checkUuid(id: string, what: string): void {
  asLookupOf(what, () => {
    if (id.length !== 36) throw refused('UUID must be 36 characters');
    checkUuidPrefix(id);
  });
}

/** The same for the beginning of one, as the wire says it of allocations and evaluations. */
export function checkPrefixOf(what: string, prefix: string): void {
  asLookupOf(what, () => checkUuidPrefix(prefix));
}

function asLookupOf(what: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof SerinError) throw new SerinError('lookupFailed', `${what} lookup failed: ${error.message}`);
    throw error;
  }
}

const refused = (why: string): SerinError => new SerinError('lookupFailed', `index error: ${why}`);

const unicodeName = (char: string): string =>
  `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; "" on the last. */
  readonly nextToken: string;
}

/**
 * The rows that are asked for, by key. A page is found in one pass that keeps no more than twice its rows, so that
 * paging through very many rows never sorts them all.
 */
export function pageOf<Row>(
  all: Iterable<Row>,
  query: Pick<Query, 'perPage' | 'nextToken'>,
  key: (row: Row) => string,
  wanted: (row: Row) => boolean,
): Page<Row> {
  const limit = query.perPage === 0 ? Number.POSITIVE_INFINITY : query.perPage + 1;
  const byKey = (a: Row, b: Row) => compareText(key(a), key(b));
  let kept: Row[] = [];
  let beyond: string | undefined;
  for (const row of all) {
    const at = key(row);
    if (at < query.nextToken || (beyond !== undefined && at > beyond) || !wanted(row)) continue;
    kept.push(row);
    if (kept.length <= 2 * limit) continue;
    kept = kept.sort(byKey).slice(0, limit);
    beyond = key(kept[limit - 1] as Row);
  }
  kept.sort(byKey);
  if (kept.length < limit) return { rows: kept, nextToken: '' };
  return { rows: kept.slice(0, limit - 1), nextToken: key(kept[limit - 1] as Row) };
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The newest change among the rows, or what the table says where there is none. */
export function newestIndex(rows: Iterable<{ readonly ModifyIndex: number }>, tableIndex: number): number {
  let newest = 0;
  for (const row of rows) newest = Math.max(newest, row.ModifyIndex);
  return newest === 0 ? tableIndex : newest;
}

export const inNamespace = (query: Pick<Query, 'namespace'>, row: { readonly Namespace: string }): boolean =>
  query.namespace === '*' || query.namespace === row.Namespace;
