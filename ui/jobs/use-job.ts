/** The job of the address, inside of its views: `JobView` has asked for it before it shows one. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Job } from '../../src/model/job.ts';
import { queries } from '../client/queries.ts';

const route = getRouteApi('/jobs/$jobId');

export const useJobId = (): string => route.useParams().jobId;

export function useJob(): Job {
  const { data } = useQuery(queries.job(useJobId()));
  if (data === undefined) throw new Error('a view of a job is shown without one');
  return data;
}
