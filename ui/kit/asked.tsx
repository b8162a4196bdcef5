/** What a query answered, or why there is no answer yet. An answer stays on screen while a newer one is asked for. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { isMissing } from '../client/words.ts';
import { Empty, ErrorNote, Loading } from './note.tsx';

export interface AskedProps<T> {
  readonly query: UseQueryResult<T>;
  /** Said where the agent answers 404. */
  readonly missing?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

export function Asked<T>({ query, missing, children }: AskedProps<T>) {
  if (query.error && missing !== undefined && isMissing(query.error)) return <Empty>{missing}</Empty>;
  if (query.data !== undefined) return children(query.data);
  return query.error ? <ErrorNote error={query.error} /> : <Loading />;
}
