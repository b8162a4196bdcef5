/** What a version of a job says: as a job file, as the wire's JSON, and an app of Marathon as its own definition. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Job } from '../../src/model/job.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Empty } from '../kit/note.tsx';
import { CodeBlock } from './code-block.tsx';
import { appDefinition } from './marathon-app.ts';
import type { DefinitionSearch } from './searches.ts';
import { useJob } from './use-job.ts';

const route = getRouteApi('/jobs/$jobId/definition');

export function DefinitionView() {
  const { form, version } = route.useSearch();
  const current = useJob();
  return version === undefined || version === current.Version ? (
    <Definition job={current} form={form} version={undefined} />
  ) : (
    <OfVersion jobId={current.ID} form={form} version={version} />
  );
}

interface OfVersionProps {
  readonly jobId: string;
  readonly form: DefinitionSearch['form'];
  readonly version: number;
}

function OfVersion({ jobId, form, version }: OfVersionProps) {
  return (
    <Asked query={useQuery(queries.jobVersions(jobId))}>
      {({ Versions }) => {
        const job = Versions.find(({ Version }) => Version === version);
        return job ? (
          <Definition job={job} form={form} version={version} />
        ) : (
          <Empty>Version {version} is not kept any more.</Empty>
        );
      }}
    </Asked>
  );
}

interface DefinitionProps {
  readonly job: Job;
  readonly form: DefinitionSearch['form'];
  /** Absent: the newest. */
  readonly version: number | undefined;
}

function Definition({ job, form = 'hcl', version }: DefinitionProps) {
  return (
    <div className="stack">
      <div className="row">
        <Forms job={job} form={form} version={version} />
        {version !== undefined && (
          <span>
            Version {version}, not the newest.{' '}
            <Link to="/jobs/$jobId/definition" params={{ jobId: job.ID }} search={{ form }}>
              The newest
            </Link>
          </span>
        )}
      </div>
      {form === 'hcl' && <Hcl jobId={job.ID} version={version} />}
      {form === 'json' && <CodeBlock name="The job in JSON" text={jsonOf(job)} />}
      {form === 'app' && <CodeBlock name="The app's definition" text={jsonOf(appDefinition(job))} />}
    </div>
  );
}

const jsonOf = (value: unknown): string => JSON.stringify(value, null, 2);

const NAMES = { hcl: 'Job file', json: 'JSON', app: 'Marathon app' } as const;

const Forms = ({ job, form, version }: DefinitionProps) => (
  <nav className="row" aria-label="Form">
    {(['hcl', 'json', ...(job.Marathon ? (['app'] as const) : [])] as const).map((each) => (
      <Link
        key={each}
        className="button"
        to="/jobs/$jobId/definition"
        params={{ jobId: job.ID }}
        search={{ form: each, version }}
        replace
        data-chosen={each === form || undefined}
        aria-current={each === form ? 'true' : undefined}
      >
        {NAMES[each]}
      </Link>
    ))}
  </nav>
);

interface HclProps {
  readonly jobId: string;
  readonly version: number | undefined;
}

const Hcl = ({ jobId, version }: HclProps) => (
  <Asked query={useQuery(queries.jobHcl(jobId, version))} missing="This version is not kept any more.">
    {({ JobHCL }) => <CodeBlock name="The job file" text={JobHCL} />}
  </Asked>
);
