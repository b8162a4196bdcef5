/** All nodes. */
import { useQuery } from '@tanstack/react-query';
import type { NodeStub } from '../../src/api/views.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { shortId } from '../kit/words.ts';

export const NodesView = () => (
  <>
    <PageHead title="Nodes" />
    <Asked query={useQuery(queries.nodes())}>
      {(nodes) => <Table caption="Nodes" columns={COLUMNS} rows={nodes} rowKey={({ ID }) => ID} />}
    </Asked>
  </>
);

const COLUMNS: readonly Column<NodeStub>[] = [
  { id: 'id', title: 'ID', cell: ({ ID }) => <span className="mono">{shortId(ID)}</span> },
  { id: 'name', title: 'Name', cell: ({ Name }) => Name },
  { id: 'datacenter', title: 'Datacenter', cell: ({ Datacenter }) => Datacenter },
  { id: 'eligibility', title: 'Eligibility', cell: (node) => node.SchedulingEligibility },
  {
    id: 'status',
    title: 'Status',
    cell: ({ Status }) => <Badge tone={Status === 'ready' ? 'good' : 'bad'}>{Status}</Badge>,
  },
];
