/** What the address of a node's view holds: which of its instances and attributes are looked for. */
import { type ListSearch, listSearch } from '../kit/list-search.ts';

export interface NodeSearch extends ListSearch {
  /** Part of an attribute's name or value. */
  readonly attribute?: string | undefined;
}

export function nodeSearch(search: Readonly<Record<string, unknown>>): NodeSearch {
  const attribute = search['attribute'];
  return {
    ...listSearch(search),
    attribute: attribute === undefined || attribute === '' ? undefined : String(attribute),
  };
}
