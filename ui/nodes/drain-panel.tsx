/** A drain under way: when it ends by force, and what each group waits for. */
import { Link } from '@tanstack/react-router';
import type { NodeView } from '../../src/api/views.ts';
import type { DrainWait } from '../../src/model/node.ts';
import { Panel } from '../kit/panel.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { Countdown } from '../kit/time.tsx';

export function DrainPanel({ node }: { readonly node: NodeView }) {
  if (!node.DrainStrategy) return null;
  const waits = node.DrainWaits ?? [];
  return (
    <Panel title="Drain">
      <div className="stack">
        <p>
          <Deadline node={node} /> {node.DrainStrategy.IgnoreSystemJobs && 'System jobs stay.'}
        </p>
        {waits.length === 0 ? (
          <p className="soft">It waits for nothing: what is still here is on its way.</p>
        ) : (
          <Table caption="What the drain waits for" columns={COLUMNS} rows={waits} rowKey={keyOf} />
        )}
      </div>
    </Panel>
  );
}

function Deadline({ node: { DrainStrategy } }: { readonly node: NodeView }) {
  if (!DrainStrategy || DrainStrategy.Deadline < 0) return <>Everything goes at once.</>;
  if (DrainStrategy.Deadline === 0) return <>It waits as long as it takes.</>;
  return (
    <>
      What is still here is stopped <Countdown untilMs={Date.parse(DrainStrategy.ForceDeadline)} />.
    </>
  );
}

const keyOf = ({ Namespace, JobID, TaskGroup }: DrainWait): string => `${Namespace}/${JobID}/${TaskGroup}`;

const COLUMNS: readonly Column<DrainWait>[] = [
  {
    id: 'job',
    title: 'Job',
    cell: ({ JobID }) => (
      <Link to="/jobs/$jobId" params={{ jobId: JobID }}>
        {JobID}
      </Link>
    ),
  },
  { id: 'group', title: 'Group', cell: ({ TaskGroup }) => TaskGroup },
  { id: 'here', title: 'Still here', align: 'right', cell: ({ Instances }) => Instances },
  { id: 'why', title: 'Waits for', cell: ({ Message }) => Message },
];
