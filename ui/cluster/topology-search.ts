/** What the address of the topology holds: whose tiles are shown, what their colour says, tiles or rows. */
export interface TopologySearch {
  /** A job's whole name. */
  readonly job?: string | undefined;
  readonly colour?: 'job' | undefined;
  readonly as?: 'table' | undefined;
  readonly sort?: string | undefined;
}

export const topologySearch = (search: Readonly<Record<string, unknown>>): TopologySearch => ({
  job: textOf(search['job']),
  colour: search['colour'] === 'job' ? 'job' : undefined,
  as: search['as'] === 'table' ? 'table' : undefined,
  sort: textOf(search['sort']),
});

const textOf = (value: unknown): string | undefined =>
  value === undefined || value === '' ? undefined : String(value);
