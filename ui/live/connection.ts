/** Whether the page hears of what happens. Views ask; the shell says so when it does not. */
import { useSyncExternalStore } from 'react';

export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** `sinceMs`: when the last word came. */
  | { readonly state: 'lost'; readonly sinceMs: number }
  /** `wasRefused`: a token was sent, and may not do this. */
  | { readonly state: 'unauthorized'; readonly wasRefused: boolean };

let current: Connection = { state: 'connecting' };
const listeners = new Set<() => void>();

/** The time of a loss is that of its beginning. */
export function setConnection(next: Connection): void {
  if (next.state === current.state && next.state !== 'unauthorized') return;
  current = next;
  for (const tell of listeners) tell();
}

export const useConnection = (): Connection => useSyncExternalStore(subscribe, () => current);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
