/**
 * Brings what is on screen up to date with events: rows that they carry go into their lists, the rest is asked for again.
 * What comes together is done together, so that a burst costs one drawing.
 */
import type { QueryClient } from '@tanstack/react-query';
import { affectedBy, type QueryKey } from './affected.ts';
import type { StreamEvent } from './event.ts';
import { type ListPatch, patchesOf, patchRows, type Row } from './patched-lists.ts';
import { createRefresher } from './refresher.ts';

const TOGETHER_MS = 60;
const REFRESH_EVERY_MS = 400;

export function eventApplier(queryClient: QueryClient): (events: readonly StreamEvent[]) => void {
  const refresher = createRefresher((key) => askAgain(queryClient, key), REFRESH_EVERY_MS);
  let waiting: StreamEvent[] = [];
  const applyAll = () => {
    const events = waiting;
    waiting = [];
    const unsure = patchesOf(events).filter((patch) => !isApplied(queryClient, patch));
    refresher.mark([...unsure.map(({ key }) => key), ...events.flatMap(affectedBy)]);
  };
  return (events) => {
    if (events.length === 0) return;
    if (waiting.length === 0) setTimeout(applyAll, TOGETHER_MS);
    waiting.push(...events);
  };
}

/** Of an answer that is still on its way nobody knows whether it is older than the event. */
function isApplied(queryClient: QueryClient, { key, ...patch }: ListPatch): boolean {
  const query = queryClient.getQueryCache().find<readonly Row[]>({ queryKey: key, exact: true });
  if (query === undefined) return true;
  const rows = query.state.data;
  if (rows === undefined) return query.state.fetchStatus === 'idle';
  const patched = patchRows(rows, patch);
  if (patched.rows !== rows) queryClient.setQueryData(key, patched.rows);
  return !patched.isUnsure && query.state.fetchStatus === 'idle';
}

/** An answer on its way may be older than what makes us ask: it is waited for, and then asked again. */
async function askAgain(queryClient: QueryClient, queryKey: QueryKey): Promise<void> {
  const asking = queryClient.getQueryCache().findAll({ queryKey, fetchStatus: 'fetching' });
  await Promise.allSettled(asking.map((query) => query.promise));
  await queryClient.invalidateQueries({ queryKey });
}
