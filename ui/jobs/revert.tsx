/** Back to an earlier version: what it will do, by the scheduler's own plan, and then the release that it begins. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Job } from '../../src/model/job.ts';
import { client } from '../client/client.ts';
import { keys } from '../client/queries.ts';
import { Confirm } from '../kit/confirm.tsx';
import { ErrorNote, Loading } from '../kit/note.tsx';
import { PlanEffect } from './plan-effect.tsx';

export interface RevertProps {
  readonly job: Job;
  readonly current: Job;
}

export function Revert({ job, current }: RevertProps) {
  const navigate = useNavigate();
  const revert = async () => {
    await client.jobs.revert(job.ID, job.Version, { enforcePriorVersion: current.Version });
    await navigate({ to: '/jobs/$jobId', params: { jobId: job.ID } });
  };
  return (
    <Confirm
      label={`Revert to version ${job.Version}`}
      kind="primary"
      title={`Bring version ${job.Version} of "${job.ID}" back?`}
      run={revert}
    >
      <p>
        Versions only go up: what version {job.Version} said becomes version {current.Version + 1}. It has run before,
        so it needs no canaries and no promotion.
      </p>
      <Effect job={job} current={current} />
    </Confirm>
  );
}

function Effect({ job, current }: RevertProps) {
  const plan = useQuery({
    queryKey: [...keys.job(job.ID), 'revert-plan', current.JobModifyIndex, job.Version],
    queryFn: () => client.jobs.plan(job, { diff: false, revertOf: job.Version }),
    staleTime: 0,
    gcTime: 0,
  });
  if (plan.error) return <ErrorNote error={plan.error} />;
  return plan.data ? <PlanEffect plan={plan.data} /> : <Loading />;
}
