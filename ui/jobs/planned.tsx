/** What a plan found, and the button that runs exactly what was planned. */
import { Confirm } from '../kit/confirm.tsx';
import { Panel } from '../kit/panel.tsx';
import { DiffView } from './diff-view.tsx';
import { PlanEffect } from './plan-effect.tsx';
import type { PlannedJob } from './planned-job.ts';

export interface PlannedProps {
  readonly planned: PlannedJob;
  /** Whether the text is still the one that was planned. */
  readonly isCurrent: boolean;
  readonly jobId: string | undefined;
  readonly run: (planned: PlannedJob) => Promise<unknown>;
}

export function Planned({ planned, isCurrent, jobId, run }: PlannedProps) {
  const { job, plan } = planned;
  const id = String(job.ID);
  const isNew = plan.JobModifyIndex === 0;
  const isSame = plan.Diff?.Type === 'None';
  return (
    <Panel
      title={isNew ? `Plan: "${id}" is new` : `Plan for "${id}"`}
      aside={
        <Confirm
          label="Run"
          kind="primary"
          title={isNew ? `Run the new job "${id}"?` : `Run the new version of "${id}"?`}
          disabled={!isCurrent}
          hint={isCurrent ? undefined : 'The text has changed since: plan again'}
          run={() => run(planned)}
        >
          <PlanEffect plan={plan} />
          <p className="soft">
            It is run only if nobody {isNew ? 'runs a job of this name' : 'changes the job'} meanwhile.
          </p>
        </Confirm>
      }
    >
      <div className="stack">
        {!isCurrent && (
          <p className="note" data-tone="wait">
            The text has changed since it was planned. Plan again to run it.
          </p>
        )}
        {jobId !== undefined && id !== jobId && (
          <p className="note" data-tone="wait">
            This is another job: "{id}". The job "{jobId}" stays as it is.
          </p>
        )}
        <PlanEffect plan={plan} />
        {isSame ? (
          <p className="note">It says what the job says already: no new version.</p>
        ) : (
          plan.Diff && <DiffView diff={plan.Diff} before="Now" after="Then" />
        )}
      </div>
    </Panel>
  );
}
