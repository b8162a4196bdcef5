/** Whether the page hears of what happens. Views ask; the shell says so when it does not. */
import { useSyncExternalStore } from 'react';

export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** `sinceMs`: when the last word came. */
  | { readonly state: 'lost'; readonly sinceMs: number }
  | { readonly state: 'unauthorized' };

let current: Connection = { state: 'connecting' };
const listeners = new Set<() => void>();

export function setConnection(next: Connection): void {
  if (next.state === current.state) return;
  current = next;
  for (const tell of listeners) tell();
}

export const useConnection = (): Connection => useSyncExternalStore(subscribe, () => current);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
