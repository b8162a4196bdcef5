/** The allocation of the address, which the view around the sub-views has already asked for. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { AllocView } from '../../src/api/views.ts';
import { queries } from '../client/queries.ts';

const route = getRouteApi('/allocations/$allocId');

export function useAllocation(): AllocView {
  const { allocId } = route.useParams();
  return useSuspenseQuery(queries.allocation(allocId)).data;
}
