/** The token of whoever reads the page: kept for this tab alone, and forgotten with it. */
const KEY = 'serin.token';
const listeners = new Set<() => void>();

export const readToken = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined;

export function writeToken(token: string): void {
  if (token === '') sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
  for (const tell of listeners) tell();
}

export function onToken(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
