/** What the address of the ways in holds: what is searched for, and which service is looked at. */
export interface IngressSearch {
  readonly q?: string | undefined;
  readonly sort?: string | undefined;
  /** "namespace/job/service"; absent: the first. */
  readonly service?: string | undefined;
}

export const ingressSearch = (search: Readonly<Record<string, unknown>>): IngressSearch => ({
  q: textOf(search['q']),
  sort: textOf(search['sort']),
  service: textOf(search['service']),
});

const textOf = (value: unknown): string | undefined =>
  value === undefined || value === '' ? undefined : String(value);
