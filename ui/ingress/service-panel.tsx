/** One service: its pools and their weights, what each version serves, and every instance behind it. */
import { Link } from '@tanstack/react-router';
import type { BackendStanding, PoolStanding, ServerStanding } from '../../src/model/ingress-status.ts';
import type { VersionFigures } from '../../src/model/version-figures.ts';
import { Badge } from '../kit/badge.tsx';
import { Meter } from '../kit/meter.tsx';
import { Panel } from '../kit/panel.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { shortId } from '../kit/words.ts';
import type { Beat } from '../live/beats.ts';
import './ingress.css';
import { ServerActions } from './server-actions.tsx';
import { jobOf, overrideWords, poolName, serviceOf, stateTone } from './service-words.ts';

export interface ServicePanelProps {
  readonly backend: BackendStanding;
  readonly beat: Beat | undefined;
}

export function ServicePanel({ backend, beat }: ServicePanelProps) {
  const job = jobOf(backend.ID);
  const servers = backend.Pools.flatMap((pool) => pool.Servers.map((server): ServerRow => ({ server, pool })));
  return (
    <Panel
      title={serviceOf(backend.ID)}
      aside={
        <span>
          of{' '}
          <Link to="/jobs/$jobId" params={{ jobId: job }}>
            {job}
          </Link>
        </span>
      }
    >
      <div className="stack">
        <div className="pools">
          {backend.Pools.map((pool) => (
            <Pool key={poolName(pool)} pool={pool} />
          ))}
        </div>
        <h3>By version</h3>
        <Table
          caption={`Traffic of ${serviceOf(backend.ID)} by version`}
          columns={VERSION_COLUMNS}
          rows={versionRows(backend, beat)}
          rowKey={({ pool, figures }) => `${pool} ${figures.Version}`}
        />
        <h3>Instances</h3>
        <Table
          caption={`Instances of ${serviceOf(backend.ID)}`}
          columns={SERVER_COLUMNS}
          rows={servers}
          rowKey={({ server, pool }) => `${poolName(pool)} ${server.AllocID} ${server.Port}`}
        />
      </div>
    </Panel>
  );
}

const Pool = ({ pool }: { readonly pool: PoolStanding }) => {
  const ready = pool.Servers.filter(({ State }) => State === 'ready').length;
  return (
    <>
      <span>{poolName(pool)}</span>
      <Meter
        label={`Weight of ${poolName(pool)}`}
        share={pool.Weight / 100}
        words={`${Math.round(pool.Weight * 10) / 10}%`}
        tone={pool.Name === 'canary' ? 'busy' : 'good'}
      />
      <span className="soft">
        {ready} of {pool.Servers.length} ready
      </span>
    </>
  );
};

interface VersionRow {
  readonly pool: string;
  readonly figures: VersionFigures;
  readonly beat: Beat | undefined;
}

/** Canary pools of several groups show the same figures. */
function versionRows({ Pools }: BackendStanding, beat: Beat | undefined): readonly VersionRow[] {
  const names = [...new Set(Pools.map(({ Name }) => Name))];
  return names.flatMap((pool) =>
    (Pools.find(({ Name }) => Name === pool)?.Versions ?? []).map((figures) => ({ pool, figures, beat })),
  );
}

const ms = (value: number | undefined): string =>
  value === undefined ? '' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

const VERSION_COLUMNS: readonly Column<VersionRow>[] = [
  { id: 'version', title: 'Version', align: 'right', cell: ({ figures }) => figures.Version },
  { id: 'pool', title: 'Pool', cell: ({ pool }) => pool },
  {
    id: 'rate',
    title: 'Requests/s',
    align: 'right',
    cell: ({ figures, beat }) => beat?.versions.get(figures.Version)?.requestsPerSecond.toFixed(1),
  },
  {
    id: 'requests',
    title: 'Requests',
    align: 'right',
    cell: ({ figures }) => figures.Requests.toLocaleString('en'),
  },
  { id: 'errors', title: 'Errors', align: 'right', cell: ({ figures }) => figures.Errors.toLocaleString('en') },
  { id: 'flight', title: 'In flight', align: 'right', cell: ({ figures }) => figures.InFlight },
  { id: 'p50', title: 'p50', align: 'right', cell: ({ figures }) => ms(figures.LatencyMs?.P50) },
  { id: 'p99', title: 'p99', align: 'right', cell: ({ figures }) => ms(figures.LatencyMs?.P99) },
];

interface ServerRow {
  readonly server: ServerStanding;
  readonly pool: PoolStanding;
}

const SERVER_COLUMNS: readonly Column<ServerRow>[] = [
  {
    id: 'instance',
    title: 'Instance',
    cell: ({ server: { AllocID } }) => (
      <Link className="mono" to="/allocations/$allocId" params={{ allocId: AllocID }}>
        {shortId(AllocID)}
      </Link>
    ),
  },
  { id: 'version', title: 'Version', align: 'right', cell: ({ server }) => server.Version },
  { id: 'pool', title: 'Pool', cell: ({ pool }) => poolName(pool) },
  {
    id: 'state',
    title: 'State',
    cell: ({ server: { State } }) => <Badge tone={stateTone[State]}>{State}</Badge>,
  },
  { id: 'weight', title: 'Weight', align: 'right', cell: ({ server }) => `${server.Weight}%` },
  {
    id: 'requests',
    title: 'Requests',
    align: 'right',
    cell: ({ server }) => server.Requests?.toLocaleString('en'),
  },
  { id: 'flight', title: 'In flight', align: 'right', cell: ({ server }) => server.InFlight },
  {
    id: 'address',
    title: 'Address',
    cell: ({ server }) => (
      <span className="mono">
        {server.Address}:{server.Port}
      </span>
    ),
  },
  { id: 'hand', title: 'By hand', cell: ({ server }) => overrideWords(server) },
  { id: 'actions', title: 'Do', cell: ({ server, pool }) => <ServerActions server={server} pool={pool} /> },
];
