/** A job at a glance: its latest release, its groups against what they shall be, and what found no place. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { DeploymentView } from '../../src/api/views.ts';
import type { Job } from '../../src/model/job.ts';
import { queries } from '../client/queries.ts';
import { PlacementFailures } from '../evaluations/placement-failures.tsx';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { Facts } from '../kit/facts.tsx';
import { Panel } from '../kit/panel.tsx';
import { Countdown } from '../kit/time.tsx';
import { deploymentTone } from '../kit/words.ts';
import { Groups } from './groups.tsx';
import { MarathonPanel } from './marathon-panel.tsx';
import { useJob } from './use-job.ts';

export function OverviewView() {
  const job = useJob();
  const deployments = useQuery(queries.jobDeployments(job.ID));
  const latest = deployments.data?.[0];
  return (
    <div className="stack">
      {latest && <LatestRelease deployment={latest} />}
      <PlacementFailures jobId={job.ID} />
      <Panel title="Groups">
        <Asked query={useQuery(queries.jobAllocations(job.ID))}>
          {(allocs) => <Groups job={job} allocs={allocs} deployment={latest} />}
        </Asked>
      </Panel>
      {job.Marathon && <MarathonPanel job={job} />}
      <About job={job} />
    </div>
  );
}

function LatestRelease({ deployment }: { readonly deployment: DeploymentView }) {
  const { Blocker, Status, StatusDescription, ID, JobVersion } = deployment;
  return (
    <Panel title="Latest release" aside={<Badge tone={deploymentTone[Status]}>{Status}</Badge>}>
      <p>
        <Link to="/deployments/$deploymentId" params={{ deploymentId: ID }}>
          Release of version {JobVersion}
        </Link>
        : {Blocker?.Message ?? StatusDescription}
        {Blocker?.UntilMs !== undefined && (
          <>
            {' '}
            (<Countdown untilMs={Blocker.UntilMs} />)
          </>
        )}
      </p>
    </Panel>
  );
}

const About = ({ job }: { readonly job: Job }) => (
  <Panel title="About">
    <Facts
      of={{
        Name: job.Name === job.ID ? undefined : job.Name,
        Priority: job.Priority,
        Datacenters: job.Datacenters.join(', '),
        'Went back to': job.RevertOf === undefined ? undefined : `version ${job.RevertOf}`,
        ...(job.Marathon ? {} : job.Meta),
      }}
    />
  </Panel>
);
