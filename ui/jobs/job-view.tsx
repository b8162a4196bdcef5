/** One job: its name and state, what can be done to it, and its views, each with an address of its own. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import type { Job } from '../../src/model/job.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { Ago } from '../kit/time.tsx';
import { jobTone } from '../kit/words.ts';
import { JobActions } from './job-actions.tsx';
import { kindOf, kindWords } from './job-kind.ts';
import './jobs.css';

const route = getRouteApi('/jobs/$jobId');

export function JobView() {
  const { jobId } = route.useParams();
  return (
    <Asked query={useQuery(queries.job(jobId))} missing={<Missing jobId={jobId} />}>
      {(job) => (
        <>
          <JobHead job={job} />
          <Tabs jobId={job.ID} />
          <Outlet />
        </>
      )}
    </Asked>
  );
}

const Missing = ({ jobId }: { readonly jobId: string }) => (
  <>
    There is no job "{jobId}": it was never run here, or somebody purged it. <Link to="/jobs">All jobs</Link>
  </>
);

const JobHead = ({ job }: { readonly job: Job }) => (
  <PageHead
    title={job.ID}
    about={
      <>
        <Badge tone={jobTone[job.Status] ?? 'quiet'}>{job.Stop ? 'stopped' : job.Status}</Badge>
        <span className="soft">
          {kindWords[kindOf(job)]}, version {job.Version}, submitted <Ago ms={Number(job.SubmitTime) / 1e6} />
        </span>
      </>
    }
    actions={<JobActions job={job} />}
  />
);

const Tabs = ({ jobId }: { readonly jobId: string }) => (
  <nav className="tabs" aria-label="Views of the job">
    <Link to="/jobs/$jobId" params={{ jobId }} activeOptions={{ exact: true, includeSearch: false }}>
      Overview
    </Link>
    <Link to="/jobs/$jobId/allocations" params={{ jobId }} activeOptions={{ includeSearch: false }}>
      Allocations
    </Link>
    <Link to="/jobs/$jobId/versions" params={{ jobId }} activeOptions={{ includeSearch: false }}>
      Versions
    </Link>
    <Link to="/jobs/$jobId/evaluations" params={{ jobId }}>
      Evaluations
    </Link>
    <Link to="/jobs/$jobId/definition" params={{ jobId }} activeOptions={{ includeSearch: false }}>
      Definition
    </Link>
    <Link to="/jobs/$jobId/edit" params={{ jobId }}>
      Edit
    </Link>
  </nav>
);
