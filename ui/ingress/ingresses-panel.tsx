/** The processes that take the requests: whether they are there, what they have applied, what keeps them from it. */
import type { IngressStanding } from '../../src/model/ingress-status.ts';
import { Badge } from '../kit/badge.tsx';
import { Empty } from '../kit/note.tsx';
import { Panel } from '../kit/panel.tsx';
import { type Column, Table } from '../kit/table.tsx';

export const IngressesPanel = ({ ingresses }: { readonly ingresses: readonly IngressStanding[] }) => (
  <Panel title="Ingresses">
    {ingresses.length === 0 ? (
      <Empty>
        No ingress has reported: start an agent with an <code>ingress</code> block in its configuration.
      </Empty>
    ) : (
      <Table caption="Ingresses" columns={COLUMNS} rows={ingresses} rowKey={({ ID }) => ID} />
    )}
  </Panel>
);

const COLUMNS: readonly Column<IngressStanding>[] = [
  { id: 'name', title: 'Name', cell: ({ Name }) => Name },
  { id: 'plane', title: 'Data plane', cell: ({ DataPlane }) => DataPlane },
  {
    id: 'lease',
    title: 'Lease',
    cell: ({ IsPresent }) => (
      <Badge tone={IsPresent ? 'good' : 'bad'}>{IsPresent ? 'held' : 'missed: it owes its word'}</Badge>
    ),
  },
  { id: 'applied', title: 'Applied index', align: 'right', cell: ({ AppliedIndex }) => AppliedIndex },
  {
    id: 'problems',
    title: 'Problems',
    cell: ({ Problems }) => (Problems.length === 0 ? 'none' : Problems.map(({ Message }) => `It ${Message}`).join(' ')),
  },
];
