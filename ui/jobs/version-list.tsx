/** The versions that are kept, newest first, with what is known of each. */
import { Link } from '@tanstack/react-router';
import type { Job } from '../../src/model/job.ts';
import { Badge } from '../kit/badge.tsx';
import { Ago } from '../kit/time.tsx';

export interface VersionListProps {
  readonly jobId: string;
  readonly versions: readonly Job[];
  readonly chosen: number | undefined;
  /** With which the chosen one is compared. */
  readonly against: number | undefined;
}

export const VersionList = ({ jobId, versions, chosen, against }: VersionListProps) => (
  <nav aria-label="Versions">
    <ol className="version-list">
      {versions.map((job, at) => (
        <li key={job.Version}>
          <Link
            to="/jobs/$jobId/versions"
            params={{ jobId }}
            search={{ version: job.Version, against }}
            data-chosen={job.Version === chosen || undefined}
            aria-current={job.Version === chosen ? 'true' : undefined}
          >
            <span className="row">
              <strong>Version {job.Version}</strong>
              {at === 0 && <Badge tone="busy">current</Badge>}
              {job.Stable && <Badge tone="good">stable</Badge>}
              {job.Stop && <Badge tone="quiet">stopped the job</Badge>}
              {job.VersionTag && <Badge tone="wait">{job.VersionTag.Name}</Badge>}
            </span>
            <span className="soft">
              <Ago ms={Number(job.SubmitTime) / 1e6} />
              {job.RevertOf !== undefined && `, went back to version ${job.RevertOf}`}
            </span>
          </Link>
        </li>
      ))}
    </ol>
  </nav>
);
