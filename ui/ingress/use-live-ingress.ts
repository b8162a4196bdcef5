/**
 * The ways in as they are now. The pulse says what changed in the traffic; who it concerns (instances, what is in flight)
 * is then asked for, no more often than the answer is worth.
 */
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import type { IngressStatus } from '../../src/model/ingress-status.ts';
import { keys, queries } from '../client/queries.ts';
import { usePulse } from '../live/pulse.ts';
import { createRefresher } from '../live/refresher.ts';
import { type Rates, ratesAfter } from './service-rates.ts';

const ASK_EVERY_MS = 1000;

export interface LiveIngress {
  readonly query: UseQueryResult<IngressStatus>;
  readonly rates: Rates;
}

export function useLiveIngress(): LiveIngress {
  const { atMs, backends } = usePulse();
  const query = useQuery(queries.ingress());
  useAskedAtEachBeat(atMs);
  const before = useRef<Rates>(new Map());
  const rates = useMemo(() => {
    if (atMs !== undefined && backends) before.current = ratesAfter(before.current, atMs, backends);
    return before.current;
  }, [atMs, backends]);
  return { query, rates };
}

function useAskedAtEachBeat(atMs: number | undefined): void {
  const queryClient = useQueryClient();
  const refresher = useMemo(
    () => createRefresher((queryKey) => queryClient.invalidateQueries({ queryKey }), ASK_EVERY_MS),
    [queryClient],
  );
  useEffect(() => {
    if (atMs !== undefined) refresher.mark([keys.ingress]);
  }, [atMs, refresher]);
}
