/** One job: what it shall be, what it is, and its latest release. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { AllocStub, DeploymentView } from '../../src/api/views.ts';
import type { Job } from '../../src/model/job.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { Panel } from '../kit/panel.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { clientTone, deploymentTone, jobTone, shortId } from '../kit/words.ts';

const route = getRouteApi('/jobs/$jobId');

export function JobView() {
  const { jobId } = route.useParams();
  return (
    <Asked query={useQuery(queries.job(jobId))} missing={`There is no job "${jobId}".`}>
      {(job) => <OneJob job={job} />}
    </Asked>
  );
}

function OneJob({ job }: { readonly job: Job }) {
  const deployments = useQuery(queries.jobDeployments(job.ID));
  const allocations = useQuery(queries.jobAllocations(job.ID));
  const latest = deployments.data?.[0];
  return (
    <>
      <PageHead
        title={job.ID}
        about={
          <>
            <Badge tone={jobTone[job.Status] ?? 'quiet'}>{job.Status}</Badge>
            <span className="soft">version {job.Version}</span>
          </>
        }
      />
      <div className="stack">
        {latest && <LatestRelease deployment={latest} />}
        <Panel title="Allocations">
          <Asked query={allocations}>
            {(list) => <Table caption="Allocations" columns={ALLOCATIONS} rows={list} rowKey={({ ID }) => ID} />}
          </Asked>
        </Panel>
      </div>
    </>
  );
}

const LatestRelease = ({ deployment }: { readonly deployment: DeploymentView }) => (
  <Panel title="Latest release" aside={<Badge tone={deploymentTone[deployment.Status]}>{deployment.Status}</Badge>}>
    <p>
      <Link to="/deployments/$deploymentId" params={{ deploymentId: deployment.ID }}>
        Version {deployment.JobVersion}
      </Link>
      : {deployment.Blocker?.Message ?? deployment.StatusDescription}
    </p>
  </Panel>
);

const ALLOCATIONS: readonly Column<AllocStub>[] = [
  { id: 'id', title: 'ID', cell: ({ ID }) => <span className="mono">{shortId(ID)}</span> },
  { id: 'name', title: 'Name', cell: ({ Name }) => Name },
  { id: 'node', title: 'Node', cell: ({ NodeName }) => NodeName },
  { id: 'version', title: 'Version', align: 'right', cell: ({ JobVersion }) => JobVersion },
  {
    id: 'status',
    title: 'Status',
    cell: ({ ClientStatus }) => <Badge tone={clientTone[ClientStatus]}>{ClientStatus}</Badge>,
  },
  { id: 'modified', title: 'Changed', cell: ({ ModifyTime }) => <Ago ms={Number(ModifyTime) / 1e6} /> },
];
