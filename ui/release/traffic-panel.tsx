/** The share of each version as a moving band, its figures as a table, and how they went as charts. */
import { lazy, Suspense } from 'react';
import type { DeploymentView } from '../../src/api/views.ts';
import type { BackendPulse } from '../../src/model/ingress-pulse.ts';
import type { VersionTraffic } from '../../src/model/version-figures.ts';
import { Panel } from '../kit/panel.tsx';
import { type Column, Table } from '../kit/table.tsx';
import type { Beat } from '../live/beats.ts';
import type { Pulse } from '../live/pulse.ts';
import { measuredShares, plannedShares, type Share } from './shares.ts';

const Charts = lazy(() => import('./charts.tsx').then(({ Charts }) => ({ default: Charts })));

export function TrafficPanel({ deployment, pulse }: { readonly deployment: DeploymentView; readonly pulse: Pulse }) {
  const { backends, beats } = pulse;
  if (backends?.length === 0 && !deployment.Traffic) {
    return (
      <Panel title="Traffic">
        <p className="soft">
          No service of this job has an <code>ingress</code>: its traffic comes another way, and is not counted here.
        </p>
      </Panel>
    );
  }
  const newest = deployment.JobVersion;
  return (
    <Panel title="Traffic">
      <div className="stack">
        {backends?.map((backend) => (
          <Band key={backend.ID} backend={backend} beat={beats.at(-1)} newest={newest} />
        ))}
        <Figures deployment={deployment} beat={beats.at(-1)} />
        {beats.length > 2 && (
          <Suspense>
            <Charts beats={beats} newest={newest} />
          </Suspense>
        )}
      </div>
    </Panel>
  );
}

interface BandProps {
  readonly backend: BackendPulse;
  readonly beat: Beat | undefined;
  readonly newest: number;
}

/** As wide as the requests of the last moment were; without any, as the weights are. */
function Band({ backend, beat, newest }: BandProps) {
  const shares = plannedShares(backend);
  const measured = measuredShares(beat);
  const width = ({ version, planned }: Share) => measured?.get(version) ?? (measured ? 0 : planned);
  const words = shares.map((share) => `version ${share.version} ${Math.round(width(share))}%`).join(', ');
  return (
    <div>
      <p className="soft">{serviceOf(backend.ID)}</p>
      <div className="band" role="img" aria-label={`Share of the requests: ${words || 'nobody'}`}>
        {shares.map((share) => (
          <div
            key={share.version}
            data-version={share.version === newest ? 'new' : 'old'}
            style={{ flexGrow: width(share), flexBasis: 0 }}
          >
            {width(share) >= 8 && `v${share.version} · ${Math.round(width(share))}%`}
          </div>
        ))}
      </div>
      <p className="soft band-words">
        {shares.map(({ version, planned }) => `version ${version}: ${round(planned)}% by weight`).join(' · ') ||
          'No instance can take requests: they are held, or refused.'}
      </p>
    </div>
  );
}

const round = (percent: number): string => String(Math.round(percent * 10) / 10);

const serviceOf = (backend: string): string => backend.replace(/^.*\//, '');

type Figure = VersionTraffic & { readonly rate: number | undefined; readonly p95: number | undefined };

function Figures({ deployment, beat }: { readonly deployment: DeploymentView; readonly beat: Beat | undefined }) {
  const versions = deployment.Traffic?.Versions ?? [];
  if (versions.length === 0) return null;
  const rows = versions.map((version): Figure => {
    const now = beat?.versions.get(version.Version);
    const isOver = deployment.Traffic?.UntilMs !== undefined;
    return { ...version, rate: isOver ? undefined : now?.requestsPerSecond, p95: version.LatencyMs?.P95 };
  });
  return (
    <Table
      caption="Traffic by version while the release is under way"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ Backend, Version }) => `${Backend} ${Version}`}
    />
  );
}

const COLUMNS: readonly Column<Figure>[] = [
  { id: 'service', title: 'Service', cell: ({ Backend }) => serviceOf(Backend) },
  { id: 'version', title: 'Version', align: 'right', cell: ({ Version }) => Version },
  { id: 'pools', title: 'Pool', cell: ({ Pools }) => Pools.join(', ') },
  { id: 'requests', title: 'Requests', align: 'right', cell: ({ Requests }) => Requests.toLocaleString('en') },
  { id: 'rate', title: 'per second', align: 'right', cell: ({ rate }) => (rate === undefined ? '' : rate.toFixed(1)) },
  { id: 'errors', title: 'Errors', align: 'right', cell: ({ Errors }) => Errors.toLocaleString('en') },
  { id: 'flight', title: 'In flight', align: 'right', cell: ({ InFlight }) => InFlight },
  {
    id: 'p95',
    title: 'p95',
    align: 'right',
    cell: ({ p95 }) => (p95 === undefined ? '' : `${p95 < 10 ? p95.toFixed(1) : Math.round(p95)} ms`),
  },
];
