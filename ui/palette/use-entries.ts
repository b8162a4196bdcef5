/** What the palette asks the agent for: lists that the page mostly has, and ids by their beginning. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useMemo } from 'react';
import { client } from '../client/client.ts';
import { queries } from '../client/queries.ts';
import { actionsOnScreen } from '../kit/screen-actions.ts';
import { type Entry, entriesOf, idPrefix } from './entries.ts';
import { ranked } from './rank.ts';

const SHOWN = 40;

export function useEntries(typed: string): readonly Entry[] {
  const pathname = useLocation({ select: (location) => location.pathname });
  const { data: jobs = NONE } = useQuery(queries.jobs());
  const { data: deployments = NONE } = useQuery(queries.deployments());
  const { data: nodes = NONE } = useQuery(queries.nodes());
  const prefix = idPrefix(typed);
  const { data: allocIds = NONE } = useQuery(allocIdsQuery(prefix));
  // As it was when the palette opened: its own dialog has none.
  const actions = useMemo(actionsOnScreen, []);
  const entries = useMemo(
    () => entriesOf({ pathname, actions, jobs, deployments, nodes, allocIds }),
    [pathname, actions, jobs, deployments, nodes, allocIds],
  );
  return useMemo(() => ranked(entries, typed, SHOWN), [entries, typed]);
}

const NONE: readonly never[] = [];

const allocIdsQuery = (prefix: string | undefined) =>
  queryOptions({
    queryKey: ['palette', 'allocations', prefix],
    queryFn: async () => (await client.search(prefix ?? '', 'allocs')).Matches['allocs'] ?? [],
    enabled: prefix !== undefined,
    staleTime: 5_000,
    gcTime: 5_000,
  });
