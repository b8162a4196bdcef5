/** What the addresses of the sub-views hold beside their path: pure. */
export interface LogsSearch {
  readonly task?: string | undefined;
  /** Absent: stdout. */
  readonly type?: 'stderr' | undefined;
  readonly q?: string | undefined;
  /** Only lines that hold what is searched for. */
  readonly only?: true | undefined;
  /** Long lines are not broken. */
  readonly nowrap?: true | undefined;
}

export interface FilesSearch {
  /** Below the folder of the allocation; absent: that folder. */
  readonly path?: string | undefined;
  readonly q?: string | undefined;
  readonly only?: true | undefined;
  readonly nowrap?: true | undefined;
}

export interface TerminalSearch {
  readonly task?: string | undefined;
  readonly command?: string | undefined;
}

type Search = Readonly<Record<string, unknown>>;

export const logsSearch = (search: Search): LogsSearch => ({
  task: textOf(search['task']),
  type: search['type'] === 'stderr' ? 'stderr' : undefined,
  ...reading(search),
});

export const filesSearch = (search: Search): FilesSearch => ({ path: textOf(search['path']), ...reading(search) });

export const terminalSearch = (search: Search): TerminalSearch => ({
  task: textOf(search['task']),
  command: textOf(search['command']),
});

const reading = (search: Search) => ({
  q: textOf(search['q']),
  only: isSet(search['only']),
  nowrap: isSet(search['nowrap']),
});

const isSet = (value: unknown): true | undefined => (value === true || value === 'true' ? true : undefined);

const textOf = (value: unknown): string | undefined =>
  value === undefined || value === null || value === '' ? undefined : String(value);
