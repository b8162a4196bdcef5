/**
 * How long instances take to answer, counted in HAProxy itself: a stick table with an entry for each server and step of
 * time, since its statistics tell averages alone. Building the entry's key costs a request about half a microsecond.
 */
import { LATENCY_BOUNDS_MS } from '../../model/latency.ts';

/** The backend that has the table; nobody is sent to it. */
export const LATENCY_TABLE = 'latency';

/** A key is the number of the slot, of the server there, and of the step: 15, 12 and 5 bits. */
const [SLOT, SERVER] = [2 ** 17, 2 ** 5];

/** What the steps are, as ranges of whole milliseconds. "0:1 0", "2 1": to the bound, the bound included. */
export function stepsFile(): string {
  const lines = LATENCY_BOUNDS_MS.map((bound, at) => {
    const from = at === 0 ? 0 : LATENCY_BOUNDS_MS[at - 1]! + 1;
    return `${from === bound ? bound : `${from}:${bound}`} ${at}\n`;
  });
  return lines.join('');
}

export const latencyTable = (): string[] => ['stick-table type integer size 100k store conn_cnt'];

/** For the slot with this number: counting from the request's head to the answer's. */
export const latencyLines = (slot: number, steps: string): string[] => [
  'http-request set-var(txn.asked) date(0,ms)',
  `http-response set-var(txn.timed) srv_id,mul(${SERVER}),add(${slot * SLOT})`,
  'http-response track-sc1 date(0,ms),sub(txn.asked),' +
    `map_int_int(${steps},${LATENCY_BOUNDS_MS.length}),add(txn.timed) table ${LATENCY_TABLE}`,
];

export interface LatencyEntry {
  readonly slot: number;
  readonly server: number;
  /** Of `LATENCY_BOUNDS_MS`. */
  readonly step: number;
  readonly count: number;
}

/** Entries of `show table`. */
export const parseLatencies = (text: string): LatencyEntry[] =>
  [...text.matchAll(/ key=(\d+) .*\bconn_cnt=(\d+)/g)].map(([, key, count]) => ({
    slot: Math.floor(Number(key) / SLOT),
    server: Math.floor((Number(key) % SLOT) / SERVER),
    step: Number(key) % SERVER,
    count: Number(count),
  }));

/** What stands for all durations of a step: its middle; beyond the last bound the bound itself. */
export function middleMs(step: number): number {
  const to = LATENCY_BOUNDS_MS[step];
  return to === undefined ? LATENCY_BOUNDS_MS.at(-1)! : ((LATENCY_BOUNDS_MS[step - 1] ?? 0) + to) / 2;
}
