/** What HAProxy answers, as values: its processes, the rows of its statistics, the entries of its maps. */

export interface WorkerProcess {
  readonly pid: number;
  /** Left by a reload: it only finishes what it has begun. */
  readonly isOld: boolean;
}

/** Rows of `show proc`: pid, type, reloads, uptime, version; old workers stand below "# old workers". */
export function parseProcesses(text: string): WorkerProcess[] {
  let isOld = false;
  const workers: WorkerProcess[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) isOld = line.startsWith('# old workers');
    const [pid, type] = line.trim().split(/\s+/);
    if (type === 'worker') workers.push({ pid: Number(pid), isOld });
  }
  return workers;
}

/** How many reloads have failed; the first lines of `show proc` say it of the master. */
export const failedReloads = (text: string): number => Number(/\[failed: (\d+)\]/.exec(text)?.[1] ?? 0);

export interface StatRow {
  readonly proxy: string;
  /** "FRONTEND", "BACKEND", or the name of a server. */
  readonly name: string;
  /** HAProxy's own numbers of the two. */
  readonly proxyId: number;
  readonly serverId: number;
  readonly status: string;
  readonly address: string;
  readonly weight: number;
  readonly checkStatus: string;
  readonly current: number;
  readonly queued: number;
  readonly total: number;
  /** Answers of 500 and above, and those that broke off. */
  readonly errors: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** The first line of every answer to `show stat`, rows or not. */
const STATS = '# pxname,';

export const hasStats = (text: string): boolean => text.includes(STATS);

/** The rows of `show stat`, wherever they begin in the text. Columns are found by name: later versions have more. */
export function parseStats(text: string): StatRow[] {
  const start = text.indexOf(STATS);
  if (start < 0) return [];
  const [header, ...lines] = text.slice(start + 2).split('\n');
  const at = new Map(header!.split(',').map((name, index) => [name, index]));
  const end = lines.indexOf('');
  return lines.slice(0, end < 0 ? lines.length : end).map((line) => rowOf(line.split(','), at));
}

function rowOf(fields: readonly string[], at: ReadonlyMap<string, number>): StatRow {
  const text = (name: string): string => fields[at.get(name) ?? -1] ?? '';
  const number = (name: string): number => Number(text(name) || 0);
  return {
    proxy: text('pxname'),
    name: text('svname'),
    proxyId: number('iid'),
    serverId: number('sid'),
    status: text('status'),
    address: text('addr'),
    weight: number('weight'),
    checkStatus: text('check_status'),
    current: number('scur'),
    queued: number('qcur'),
    total: number('stot'),
    errors: number('hrsp_5xx') + number('eresp'),
    bytesIn: number('bin'),
    bytesOut: number('bout'),
  };
}

/** Entries of `show map`: an address, a key, a value. */
export function parseMap(text: string): Map<string, string> {
  const lines = text.split('\n').map((line) => /^0x[0-9a-f]+ (\S+) (.*)$/.exec(line));
  return new Map(lines.flatMap((found) => (found === null ? [] : [[found[1]!, found[2]!.trim()]])));
}

/** What `show info` says of the configuration that the worker has read. */
export const parseDescription = (text: string): string => /^description: (.*)$/m.exec(text)?.[1]?.trim() ?? '';

/** Of `show info`: it was told to end, listens no more, and finishes what it has. */
export const isStopping = (text: string): boolean => /^Stopping: 1$/m.test(text);

export const isResting = ({ status }: StatRow): boolean => status.startsWith('MAINT');
export const isUp = ({ status }: StatRow): boolean => status.startsWith('UP') || status === 'no check';
/** In traffic, and its first check is under way. */
export const isUnjudged = ({ status, checkStatus }: StatRow): boolean =>
  status.startsWith('DOWN') && (checkStatus === 'INI' || checkStatus.startsWith('*') || checkStatus === '');
