/**
 * Servers at rest that may not be deleted yet. HAProxy 2.6 deletes a server to which a request still waits to be tried
 * again, although it counts nothing in flight there, and the worker crashes when that request goes on (haproxy issues
 * 2323 and 2378; "don't delete a dynamic server that has streams" came with 2.8). Such a request waits for a connection
 * and a pause at most: after that nobody can hold on to the server any more.
 */
import { isResting, type StatRow } from './worker-state.ts';

const CONNECT_MS = 5000;
const PAUSE_MS = 1000;
export const DELETE_AFTER_MS = CONNECT_MS + PAUSE_MS + 1000;

export const rowName = ({ proxy, name }: Pick<StatRow, 'proxy' | 'name'>): string => `${proxy}/${name}`;

export class RecentlyBusy {
  /** By worker and row: since when it rests with nothing in flight. */
  #sinceMs = new Map<string, number>();

  /** The names of the rows of each worker that rested for too short a time. */
  observe(workers: readonly { readonly pid: number; readonly rows: readonly StatRow[] }[], nowMs: number) {
    const sinceMs = new Map<string, number>();
    const young = new Map<number, Set<string>>();
    for (const { pid, rows } of workers) {
      const ofWorker = new Set<string>();
      for (const row of rows) {
        if (!isResting(row)) continue;
        const key = `${pid} ${rowName(row)}`;
        const since = row.current + row.queued > 0 ? nowMs : (this.#sinceMs.get(key) ?? nowMs);
        sinceMs.set(key, since);
        if (nowMs - since < DELETE_AFTER_MS) ofWorker.add(rowName(row));
      }
      young.set(pid, ofWorker);
    }
    this.#sinceMs = sinceMs;
    return young;
  }
}
