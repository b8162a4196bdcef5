/** The definition of a job, to be edited, planned and run. */
import { useQuery } from '@tanstack/react-query';
import type { Job } from '../../src/model/job.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { JobEditor } from './job-editor.tsx';
import { appId } from './marathon-app.ts';
import { useJob } from './use-job.ts';

export function EditView() {
  const job = useJob();
  return (
    <div className="stack">
      {job.Marathon && <AppNote job={job} />}
      <Asked query={useQuery(queries.jobHcl(job.ID))}>
        {({ JobHCL }) => <JobEditor key={job.ID} jobId={job.ID} text={JobHCL} />}
      </Asked>
    </div>
  );
}

const AppNote = ({ job }: { readonly job: Job }) => (
  <p className="note" data-tone="wait">
    This job is the app <code>{appId(job)}</code> of Marathon. Whoever runs a job file in its place makes it an ordinary
    job, which /v2 does not know. To change the app: <code>serin marathon app update {appId(job)}</code>, or PUT to{' '}
    <code>/v2/apps{appId(job)}</code>.
  </p>
);
