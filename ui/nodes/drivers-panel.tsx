/** The drivers of a node, and why one cannot be used. */
import type { NodeView } from '../../src/api/views.ts';
import { Badge } from '../kit/badge.tsx';
import { Panel } from '../kit/panel.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { type DriverRow, driverRows } from './drivers.ts';

export const DriversPanel = ({ node }: { readonly node: NodeView }) => (
  <Panel title="Drivers">
    <Table
      caption="Drivers"
      columns={COLUMNS}
      rows={driverRows(node.Drivers, node.Attributes)}
      rowKey={({ name }) => name}
    />
  </Panel>
);

const COLUMNS: readonly Column<DriverRow>[] = [
  { id: 'name', title: 'Driver', cell: ({ name }) => name },
  { id: 'state', title: 'State', cell: ({ word, tone }) => <Badge tone={tone}>{word}</Badge> },
  { id: 'version', title: 'Version', cell: ({ version }) => version },
  { id: 'why', title: 'Why', cell: ({ about }) => about },
];
