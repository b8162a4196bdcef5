/** What the address of a list holds: what is searched for, which states are shown, by what it is sorted. */
export interface ListSearch {
  readonly q?: string | undefined;
  readonly status?: string | undefined;
  readonly sort?: string | undefined;
}

export const listSearch = (search: Readonly<Record<string, unknown>>): ListSearch => ({
  q: textOf(search['q']),
  status: textOf(search['status']),
  sort: textOf(search['sort']),
});

const textOf = (value: unknown): string | undefined =>
  value === undefined || value === '' ? undefined : String(value);
