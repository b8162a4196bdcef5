/** The servers of the cluster. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { MemberView } from '../../src/api/views.ts';
import { client } from '../client/client.ts';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { type Column, Table } from '../kit/table.tsx';

const members = queryOptions({ queryKey: ['servers'], queryFn: async () => (await client.agent.members()).data });

export const ServersView = () => (
  <>
    <PageHead title="Servers" />
    <Asked query={useQuery(members)}>
      {({ Members }) => <Table caption="Servers" columns={COLUMNS} rows={Members ?? []} rowKey={({ Name }) => Name} />}
    </Asked>
  </>
);

const COLUMNS: readonly Column<MemberView>[] = [
  { id: 'name', title: 'Name', cell: ({ Name }) => Name },
  { id: 'address', title: 'Address', cell: ({ Addr, Port }) => `${Addr}:${Port}` },
  {
    id: 'status',
    title: 'Status',
    cell: ({ Status }) => <Badge tone={Status === 'alive' ? 'good' : 'bad'}>{Status}</Badge>,
  },
];
