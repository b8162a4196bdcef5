/** What can be done to a whole job: stop it, start it again, have the scheduler look at it. */
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { Job } from '../../src/model/job.ts';
import { client } from '../client/client.ts';
import { queries } from '../client/queries.ts';
import { Confirm } from '../kit/confirm.tsx';
import { counted } from '../kit/words.ts';
import { groupCounts } from './group-counts.ts';

export const JobActions = ({ job }: { readonly job: Job }) => (
  <>
    <Evaluate job={job} />
    {job.Stop ? <StartAgain job={job} /> : <Stop job={job} />}
  </>
);

function Evaluate({ job }: { readonly job: Job }) {
  const [forceReschedule, setForce] = useState(false);
  return (
    <Confirm
      label="Evaluate"
      title={`Have the scheduler look at "${job.ID}"?`}
      onOpen={() => setForce(false)}
      run={() => client.jobs.evaluate(job.ID, { forceReschedule })}
    >
      <p>What is missing is placed, what is too much stops. Where all is as it should be, nothing happens.</p>
      <label className="check">
        <input type="checkbox" checked={forceReschedule} onChange={({ target }) => setForce(target.checked)} />
        Replace failed instances now, whatever delay their reschedule block asks for
      </label>
    </Confirm>
  );
}

function Stop({ job }: { readonly job: Job }) {
  const [purge, setPurge] = useState(false);
  const running = useRunning(job);
  const about = useId();
  return (
    <Confirm
      label="Stop"
      kind="danger"
      title={`Stop the job "${job.ID}"?`}
      onOpen={() => setPurge(false)}
      run={() => client.jobs.deregister(job.ID, { purge })}
    >
      <p>
        {running === 0 ? 'No instance runs.' : `${counted(running, 'instance')} will stop.`} Each gets no new requests,
        finishes those in flight, and ends. After that nobody answers for its services.
      </p>
      <label className="check">
        <input
          type="checkbox"
          checked={purge}
          aria-describedby={about}
          onChange={({ target }) => setPurge(target.checked)}
        />
        Forget it as well (purge)
      </label>
      <p id={about} className="soft">
        {purge
          ? 'Its definition, versions and tags are gone for good: there is no way back from here.'
          : 'Its definition and versions are kept for a while: it can be started again from here.'}
      </p>
    </Confirm>
  );
}

const StartAgain = ({ job }: { readonly job: Job }) => (
  <Confirm
    label="Start again"
    kind="primary"
    title={`Start "${job.ID}" again?`}
    run={() => client.jobs.register({ ...job, Stop: false }, { enforceIndex: job.JobModifyIndex })}
  >
    <p>
      The definition of version {job.Version} becomes version {job.Version + 1}, and{' '}
      {counted(
        job.TaskGroups.reduce((sum, { Count }) => sum + Count, 0),
        'instance',
      )}{' '}
      of it will start.
    </p>
  </Confirm>
);

function useRunning(job: Job): number {
  const { data = [] } = useQuery(queries.jobAllocations(job.ID));
  return groupCounts(job, data).reduce((sum, { running, starting }) => sum + running + starting, 0);
}
