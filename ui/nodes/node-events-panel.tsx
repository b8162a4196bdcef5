/** What happened to a node, newest first. */
import type { NodeEvent } from '../../src/model/node.ts';
import { Panel } from '../kit/panel.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';

export const NodeEventsPanel = ({ events }: { readonly events: readonly NodeEvent[] | null }) =>
  events && events.length > 0 ? (
    <Panel title="Events">
      <Table caption="Events" columns={COLUMNS} rows={events.toReversed()} rowKey={keyOf} />
    </Panel>
  ) : null;

const keyOf = ({ CreateIndex, Timestamp, Message }: NodeEvent): string => `${CreateIndex} ${Timestamp} ${Message}`;

const COLUMNS: readonly Column<NodeEvent>[] = [
  { id: 'when', title: 'When', cell: ({ Timestamp }) => <Ago ms={Date.parse(Timestamp)} /> },
  { id: 'subsystem', title: 'By', cell: ({ Subsystem }) => Subsystem },
  {
    id: 'message',
    title: 'What',
    cell: ({ Message, Details }) => (
      <>
        {Message}
        {Details && <span className="soft"> {Object.values(Details).join(', ')}</span>}
      </>
    ),
  },
];
