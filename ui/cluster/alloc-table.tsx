/** Allocations as rows: the same facts as tiles, for whoever reads or searches. */
import { Link } from '@tanstack/react-router';
import { Badge } from '../kit/badge.tsx';
import { type Column, type Sort, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { clientTone, shortId } from '../kit/words.ts';
import type { AllocRow } from '../live/alloc-row.ts';
import { cpuText, sizeText } from '../live/amounts.ts';

export interface AllocTableProps {
  readonly caption: string;
  readonly allocs: readonly AllocRow[];
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort) => void;
  /** All of them are on one node, which need not be said in each row. */
  readonly isOneNode?: boolean;
}

export const AllocTable = ({ caption, allocs, sort = '-created', onSort, isOneNode = false }: AllocTableProps) => (
  <Table
    caption={caption}
    columns={isOneNode ? WITHOUT_NODE : COLUMNS}
    rows={allocs}
    rowKey={({ ID }) => ID}
    sort={sort}
    onSort={onSort}
  />
);

const COLUMNS: readonly Column<AllocRow>[] = [
  {
    id: 'instance',
    title: 'Instance',
    sortBy: ({ Name }) => Name,
    cell: ({ ID, Name }) => (
      <Link to="/allocations/$allocId" params={{ allocId: ID }}>
        {Name}
      </Link>
    ),
  },
  { id: 'id', title: 'ID', cell: ({ ID }) => <span className="mono">{shortId(ID)}</span> },
  {
    id: 'job',
    title: 'Job',
    sortBy: ({ JobID }) => JobID,
    cell: ({ JobID }) => (
      <Link to="/jobs/$jobId" params={{ jobId: JobID }}>
        {JobID}
      </Link>
    ),
  },
  { id: 'version', title: 'Version', align: 'right', cell: ({ JobVersion }) => JobVersion },
  {
    id: 'node',
    title: 'Node',
    sortBy: ({ NodeName }) => NodeName,
    cell: ({ NodeID, NodeName }) => (
      <Link to="/nodes/$nodeId" params={{ nodeId: NodeID }}>
        {NodeName}
      </Link>
    ),
  },
  {
    id: 'status',
    title: 'Status',
    sortBy: ({ ClientStatus }) => ClientStatus,
    cell: ({ ClientStatus }) => <Badge tone={clientTone[ClientStatus]}>{ClientStatus}</Badge>,
  },
  {
    id: 'wanted',
    title: 'Wanted',
    sortBy: ({ DesiredStatus }) => DesiredStatus,
    cell: ({ DesiredStatus }) => DesiredStatus,
  },
  {
    id: 'cpu',
    title: 'Processor',
    align: 'right',
    sortBy: ({ asked }) => asked.cpuMHz,
    cell: ({ asked }) => cpuText(asked.cpuMHz),
  },
  {
    id: 'memory',
    title: 'Memory',
    align: 'right',
    sortBy: ({ asked }) => asked.memoryMB,
    cell: ({ asked }) => sizeText(asked.memoryMB),
  },
  {
    id: 'created',
    title: 'Created',
    sortBy: ({ CreateTime }) => Number(CreateTime),
    cell: ({ CreateTime }) => <Ago ms={Number(CreateTime) / 1e6} />,
  },
];

const WITHOUT_NODE = COLUMNS.filter(({ id }) => id !== 'node');
