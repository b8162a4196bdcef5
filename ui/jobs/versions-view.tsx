/** The versions of a job, and what changed from one to another. The address says which two. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { VersionsView as Versions } from '../../src/api/views.ts';
import type { Job } from '../../src/model/job.ts';
import type { JobDiff } from '../../src/model/plan.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Empty } from '../kit/note.tsx';
import { Panel } from '../kit/panel.tsx';
import { DiffView } from './diff-view.tsx';
import { useJobId } from './use-job.ts';
import { VersionActions } from './version-actions.tsx';
import { VersionList } from './version-list.tsx';

const route = getRouteApi('/jobs/$jobId/versions');

export function VersionsView() {
  const jobId = useJobId();
  return (
    <Asked query={useQuery(queries.jobVersions(jobId))}>{(versions) => <Chosen jobId={jobId} all={versions} />}</Asked>
  );
}

interface ChosenProps {
  readonly jobId: string;
  readonly all: Versions;
}

function Chosen({ jobId, all }: ChosenProps) {
  const { version, against } = route.useSearch();
  const list = all.Versions;
  const at = version === undefined ? 0 : list.findIndex(({ Version }) => Version === version);
  const job = list[at];
  return (
    <div className="versions">
      <VersionList jobId={jobId} versions={list} chosen={job?.Version} against={against} />
      {job === undefined ? (
        <Empty>Version {version} is not kept any more. Choose one of those that are.</Empty>
      ) : (
        <Panel title={`Version ${job.Version}`} aside={<VersionActions job={job} current={list[0]!} />}>
          <div className="stack">
            <AgainstChoice job={job} versions={list} against={against} />
            {against === undefined || against === job.Version ? (
              <Before job={job} before={list[at + 1]} diff={all.Diffs?.[at]} />
            ) : (
              <Against jobId={jobId} job={job} against={against} />
            )}
          </div>
        </Panel>
      )}
    </div>
  );
}

interface AgainstChoiceProps {
  readonly job: Job;
  readonly versions: readonly Job[];
  readonly against: number | undefined;
}

function AgainstChoice({ job, versions, against }: AgainstChoiceProps) {
  const navigate = route.useNavigate();
  const search = route.useSearch();
  return (
    <label className="row">
      Compared with
      <select
        className="field"
        value={against ?? ''}
        onChange={({ target }) =>
          void navigate({
            search: { ...search, against: target.value === '' ? undefined : Number(target.value) },
            replace: true,
          })
        }
      >
        <option value="">the one before it</option>
        {versions
          .filter(({ Version }) => Version !== job.Version)
          .map(({ Version, VersionTag }) => (
            <option key={Version} value={Version}>
              version {Version}
              {VersionTag ? ` (${VersionTag.Name})` : ''}
            </option>
          ))}
      </select>
    </label>
  );
}

interface BeforeProps {
  readonly job: Job;
  readonly before: Job | undefined;
  readonly diff: JobDiff | undefined;
}

const Before = ({ job, before, diff }: BeforeProps) =>
  before && diff ? (
    <DiffView diff={diff} before={`Version ${before.Version}`} after={`Version ${job.Version}`} />
  ) : (
    <p className="note">
      {job.Version === 0
        ? 'It is the first version: there is none before it.'
        : 'The version before it is not kept any more.'}
    </p>
  );

interface AgainstProps {
  readonly jobId: string;
  readonly job: Job;
  readonly against: number;
}

/** The older of the two is always left. */
function Against({ jobId, job, against }: AgainstProps) {
  const [older, newer] = [Math.min(against, job.Version), Math.max(against, job.Version)];
  return (
    <Asked query={useQuery(queries.jobVersionsAgainst(jobId, older))}>
      {({ Versions, Diffs }) => {
        const diff = Diffs?.[Versions.findIndex(({ Version }) => Version === newer)];
        return diff ? (
          <DiffView diff={diff} before={`Version ${older}`} after={`Version ${newer}`} />
        ) : (
          <Empty>Version {newer} is not kept any more.</Empty>
        );
      }}
    </Asked>
  );
}
