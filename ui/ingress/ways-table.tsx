/** Every way in: the port, host and path, whose service it leads to, and what goes through it now. */
import { Link } from '@tanstack/react-router';
import type { BackendStanding, FrontendStanding, IngressStatus } from '../../src/model/ingress-status.ts';
import { type Column, type Sort, Table } from '../kit/table.tsx';
import { percent } from '../live/amounts.ts';
import type { Beat } from '../live/beats.ts';
import type { IngressSearch } from './ingress-search.ts';
import { type Rates, rateOf } from './service-rates.ts';
import { jobOf, serversOf, serviceOf, wayUrl, wayWords } from './service-words.ts';

interface Way {
  readonly frontend: FrontendStanding;
  readonly backend: BackendStanding | undefined;
  readonly beat: Beat | undefined;
}

export interface WaysTableProps {
  readonly status: IngressStatus;
  readonly rates: Rates;
  readonly text: string;
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort) => void;
}

export function WaysTable({ status: { Frontends, Backends }, rates, text, sort, onSort }: WaysTableProps) {
  const backends = new Map(Backends.map((backend) => [backend.ID, backend]));
  const rows = Frontends.filter((way) => `${wayWords(way)} ${way.Backend}`.includes(text)).map(
    (frontend): Way => ({ frontend, backend: backends.get(frontend.Backend), beat: rates.get(frontend.Backend) }),
  );
  return <Table caption="Ways in" columns={COLUMNS} rows={rows} rowKey={keyOf} sort={sort ?? 'way'} onSort={onSort} />;
}

const keyOf = ({ frontend: { Listen, Host, Path, Backend } }: Way): string => `${Listen} ${Host} ${Path} ${Backend}`;

const COLUMNS: readonly Column<Way>[] = [
  {
    id: 'way',
    title: 'Way in',
    sortBy: ({ frontend }) => wayWords(frontend),
    cell: ({ frontend }) => <WayLink frontend={frontend} />,
  },
  {
    id: 'service',
    title: 'Service',
    sortBy: ({ frontend }) => serviceOf(frontend.Backend),
    cell: ({ frontend: { Backend } }) => (
      <Link to="/ingress" search={(search: IngressSearch) => ({ ...search, service: Backend })} replace>
        {serviceOf(Backend)}
      </Link>
    ),
  },
  {
    id: 'job',
    title: 'Job',
    sortBy: ({ frontend }) => jobOf(frontend.Backend),
    cell: ({ frontend }) => jobOf(frontend.Backend),
  },
  { id: 'ready', title: 'Ready', align: 'right', cell: ({ backend }) => backend && readyWords(backend) },
  {
    id: 'rate',
    title: 'Requests/s',
    align: 'right',
    sortBy: ({ beat }) => rateOf(beat).requestsPerSecond,
    cell: ({ beat }) => (beat?.versions.size ? rateOf(beat).requestsPerSecond.toFixed(1) : ''),
  },
  {
    id: 'errors',
    title: 'Errors',
    align: 'right',
    sortBy: ({ beat }) => rateOf(beat).errorShare ?? 0,
    cell: ({ beat }) => errorWords(rateOf(beat).errorShare),
  },
];

const errorWords = (share: number | undefined): string => (share === undefined ? '' : percent(share));

function readyWords(backend: BackendStanding): string {
  const servers = serversOf(backend);
  return `${servers.filter(({ State }) => State === 'ready').length} of ${servers.length}`;
}

function WayLink({ frontend }: { readonly frontend: FrontendStanding }) {
  const url = wayUrl(frontend, location.hostname);
  const words = wayWords(frontend);
  return url === undefined ? (
    words
  ) : (
    <a href={url} target="_blank" rel="noreferrer">
      {words}
    </a>
  );
}
