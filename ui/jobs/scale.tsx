/** Another count of a group: chosen with a stepper, that says what it will do before it is done. */
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { DeploymentView } from '../../src/api/views.ts';
import type { Job } from '../../src/model/job.ts';
import { client } from '../client/client.ts';
import { keys } from '../client/queries.ts';
import { Button } from '../kit/button.tsx';
import { Confirm } from '../kit/confirm.tsx';
import { ErrorNote, Loading } from '../kit/note.tsx';
import { scaleEffect } from './scale-effect.ts';

export interface ScaleProps {
  readonly job: Job;
  readonly group: string;
  readonly deployment: DeploymentView | undefined;
}

export function Scale({ job, group, deployment }: ScaleProps) {
  const current = job.TaskGroups.find(({ Name }) => Name === group)?.Count ?? 0;
  const [count, setCount] = useState(current);
  const isOther = Number.isSafeInteger(count) && count >= 0 && count !== current;
  return (
    <Confirm
      label="Scale"
      title={job.Marathon ? `Scale the app /${job.ID}` : `Scale the group "${group}"`}
      ready={isOther}
      onOpen={() => setCount(current)}
      run={() => client.jobs.scale(job.ID, group, count)}
    >
      <Stepper count={count} onChange={setCount} />
      {isOther ? (
        <Effect job={job} group={group} count={count} deployment={deployment} />
      ) : (
        <p className="soft">{current} are desired now. Choose another number to see what it will do.</p>
      )}
    </Confirm>
  );
}

interface StepperProps {
  readonly count: number;
  readonly onChange: (count: number) => void;
}

function Stepper({ count, onChange }: StepperProps) {
  const id = useId();
  return (
    <div className="stepper">
      <label htmlFor={id}>Instances</label>
      <Button aria-label="One fewer" disabled={count <= 0} onClick={() => onChange(count - 1)}>
        −
      </Button>
      <input
        id={id}
        className="field"
        type="number"
        min={0}
        step={1}
        required
        value={Number.isNaN(count) ? '' : count}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
      <Button aria-label="One more" onClick={() => onChange(Number.isNaN(count) ? 1 : count + 1)}>
        +
      </Button>
    </div>
  );
}

interface EffectProps extends ScaleProps {
  readonly count: number;
}

/** The scheduler's own numbers: it plans the change without doing it. */
function Effect({ job, group, count, deployment }: EffectProps) {
  const plan = useQuery({
    queryKey: [...keys.job(job.ID), 'scale-plan', job.JobModifyIndex, group, count],
    queryFn: () => client.jobs.plan(withCount(job, group, count), { diff: false }),
    staleTime: 0,
    gcTime: 0,
    placeholderData: (before) => before,
  });
  if (plan.error) return <ErrorNote error={plan.error} />;
  if (plan.data === undefined) return <Loading />;
  const current = job.TaskGroups.find(({ Name }) => Name === group)?.Count ?? 0;
  const sentences = scaleEffect({
    from: current,
    to: count,
    desired: plan.data.Annotations?.DesiredTGUpdates[group],
    failed: plan.data.FailedTGAllocs?.[group],
    deployment,
  });
  return (
    <ul className="effect" aria-live="polite" aria-busy={plan.isPlaceholderData}>
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

const withCount = (job: Job, group: string, Count: number): Job => ({
  ...job,
  TaskGroups: job.TaskGroups.map((each) => (each.Name === group ? { ...each, Count } : each)),
});
