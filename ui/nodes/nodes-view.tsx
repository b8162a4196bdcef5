/** All nodes: how they are, and how much of each is asked for. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { NodeStub } from '../../src/api/views.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { ListFilter } from '../kit/list-filter.tsx';
import { Meter } from '../kit/meter.tsx';
import { Empty } from '../kit/note.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { counted, shortId } from '../kit/words.ts';
import { cpuText, percent, roomOf, shareOf, sizeText } from '../live/amounts.ts';
import { driverWords } from './drivers.ts';
import { NodeBadge } from './node-badge.tsx';
import { type NodeLoad, nodeLoads } from './node-loads.ts';
import { NODE_WORDS, nodeState } from './node-state.ts';

const route = getRouteApi('/nodes');

interface NodeRow {
  readonly node: NodeStub;
  /** undefined: not known yet. */
  readonly load: NodeLoad | undefined;
}

export function NodesView() {
  const query = useQuery(queries.nodes());
  const { data: allocs } = useQuery(queries.allocationRows());
  const loads = useMemo(() => allocs && nodeLoads(allocs), [allocs]);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHead
        title="Nodes"
        about={query.data && <span className="soft">{counted(query.data.length, 'node')}</span>}
        actions={<Link to="/topology">As a picture</Link>}
      />
      <div className="stack">
        <ListFilter
          noun="nodes"
          search={search}
          statuses={NODE_WORDS}
          onChange={(change) => void navigate({ search: { ...search, ...change }, replace: true })}
        />
        <Asked query={query}>
          {(nodes) =>
            nodes.length === 0 ? (
              <Empty>
                No nodes yet: an agent with <code>client {'{ enabled = true }'}</code> in its configuration becomes one.
              </Empty>
            ) : (
              <Table
                caption="Nodes"
                columns={COLUMNS}
                rows={nodes
                  .filter((node) => isWanted(node, search.q, search.status))
                  .map((node): NodeRow => ({ node, load: loads && (loads.get(node.ID) ?? EMPTY) }))}
                rowKey={({ node }) => node.ID}
                sort={search.sort ?? 'name'}
                onSort={(sort) => void navigate({ search: { ...search, sort }, replace: true })}
              />
            )
          }
        </Asked>
      </div>
    </>
  );
}

const EMPTY: NodeLoad = { instances: 0, asked: { cpuMHz: 0, memoryMB: 0, diskMB: 0 } };

const isWanted = (node: NodeStub, text = '', status?: string): boolean =>
  `${node.ID} ${node.Name} ${node.Datacenter} ${node.NodeClass}`.toLowerCase().includes(text.toLowerCase()) &&
  (status === undefined || nodeState(node).word === status);

const COLUMNS: readonly Column<NodeRow>[] = [
  {
    id: 'name',
    title: 'Name',
    sortBy: ({ node }) => node.Name,
    cell: ({ node }) => (
      <Link to="/nodes/$nodeId" params={{ nodeId: node.ID }}>
        {node.Name}
      </Link>
    ),
  },
  { id: 'id', title: 'ID', cell: ({ node }) => <span className="mono">{shortId(node.ID)}</span> },
  {
    id: 'status',
    title: 'Status',
    sortBy: ({ node }) => nodeState(node).word,
    cell: ({ node }) => <NodeBadge node={node} />,
  },
  {
    id: 'datacenter',
    title: 'Datacenter',
    sortBy: ({ node }) => node.Datacenter,
    cell: ({ node }) => node.Datacenter,
  },
  { id: 'class', title: 'Class', sortBy: ({ node }) => node.NodeClass, cell: ({ node }) => node.NodeClass },
  {
    id: 'instances',
    title: 'Instances',
    align: 'right',
    sortBy: ({ load }) => load?.instances ?? 0,
    cell: ({ load }) => load?.instances,
  },
  {
    id: 'cpu',
    title: 'Processor asked',
    sortBy: (row) => cpuShare(row),
    cell: (row) => <Share label="Processor asked" share={cpuShare(row)} of={cpuText(roomOf(row.node).cpuMHz)} />,
  },
  {
    id: 'memory',
    title: 'Memory asked',
    sortBy: (row) => memoryShare(row),
    cell: (row) => <Share label="Memory asked" share={memoryShare(row)} of={sizeText(roomOf(row.node).memoryMB)} />,
  },
  { id: 'drivers', title: 'Drivers', cell: ({ node }) => driverWords(node.Drivers) },
];

const cpuShare = ({ node, load }: NodeRow): number => shareOf(load?.asked.cpuMHz ?? 0, roomOf(node).cpuMHz);
const memoryShare = ({ node, load }: NodeRow): number => shareOf(load?.asked.memoryMB ?? 0, roomOf(node).memoryMB);

const Share = ({ label, share, of }: { readonly label: string; readonly share: number; readonly of: string }) => (
  <Meter label={label} share={share} words={`${percent(share)} of ${of}`} tone={share > 0.9 ? 'wait' : 'good'} />
);
