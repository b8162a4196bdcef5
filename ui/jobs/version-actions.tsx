/** What can be done with a version: go back to it, give it a name, take the name away. */
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Job } from '../../src/model/job.ts';
import { client } from '../client/client.ts';
import { Confirm } from '../kit/confirm.tsx';
import { Revert } from './revert.tsx';

export interface VersionActionsProps {
  readonly job: Job;
  readonly current: Job;
}

export const VersionActions = ({ job, current }: VersionActionsProps) => (
  <div className="row">
    <Link className="button" to="/jobs/$jobId/definition" params={{ jobId: job.ID }} search={{ version: job.Version }}>
      Definition
    </Link>
    {job.VersionTag ? <Untag job={job} tag={job.VersionTag.Name} /> : <Tag job={job} />}
    {job.Version !== current.Version && !job.Stop && <Revert job={job} current={current} />}
  </div>
);

function Tag({ job }: { readonly job: Job }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  return (
    <Confirm
      label="Tag"
      title={`Name version ${job.Version}`}
      ready={name !== ''}
      onOpen={() => setName('')}
      run={() => client.jobs.tagVersion(job.ID, { name, description, version: job.Version })}
    >
      <p>A version with a name is not forgotten, and can be compared with and gone back to by its name.</p>
      <label className="labelled">
        Name
        <input className="field" value={name} onChange={({ target }) => setName(target.value)} />
      </label>
      <label className="labelled">
        What is special about it
        <input className="field" value={description} onChange={({ target }) => setDescription(target.value)} />
      </label>
    </Confirm>
  );
}

const Untag = ({ job, tag }: { readonly job: Job; readonly tag: string }) => (
  <Confirm
    label="Remove tag"
    title={`Take the name "${tag}" from version ${job.Version}?`}
    run={() => client.jobs.untagVersion(job.ID, tag)}
  >
    {job.VersionTag?.Description && <p>It says: {job.VersionTag.Description}</p>}
    <p>The version stays until newer ones push it out.</p>
  </Confirm>
);
