/** The tasks of the instance: how each is, and what can be done with it alone. */
import { Link } from '@tanstack/react-router';
import type { AllocView } from '../../src/api/views.ts';
import type { TaskState } from '../../src/model/allocation.ts';
import { client } from '../client/client.ts';
import { Badge, type Tone } from '../kit/badge.tsx';
import { Confirm } from '../kit/confirm.tsx';
import { Panel } from '../kit/panel.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { isRunning, type TaskFacts, tasksOf } from './task-facts.ts';

export const TasksPanel = ({ alloc }: { readonly alloc: AllocView }) => (
  <Panel title="Tasks">
    <Table caption="How each task is" columns={columnsFor(alloc)} rows={tasksOf(alloc)} rowKey={({ name }) => name} />
  </Panel>
);

const columnsFor = (alloc: AllocView): readonly Column<TaskFacts>[] => [
  {
    id: 'name',
    title: 'Name',
    cell: ({ name, driver }) => (
      <>
        <strong>{name}</strong> <span className="soft">{driver}</span>
      </>
    ),
  },
  {
    id: 'state',
    title: 'State',
    cell: ({ state }) => <Badge tone={toneOf(state)}>{wordOf(state)}</Badge>,
  },
  { id: 'since', title: 'Since', cell: ({ state }) => <Since state={state} /> },
  { id: 'restarts', title: 'Restarts', align: 'right', cell: ({ state }) => state?.Restarts ?? 0 },
  {
    id: 'ways',
    title: 'Logs',
    cell: ({ name }) => (
      <Link
        to="/allocations/$allocId/logs"
        params={{ allocId: alloc.ID }}
        search={{ task: name }}
        aria-label={`Read the logs of ${name}`}
      >
        Read
      </Link>
    ),
  },
  { id: 'acts', title: 'Action', cell: (task) => <RestartTask alloc={alloc} task={task} /> },
];

const RestartTask = ({ alloc, task }: { readonly alloc: AllocView; readonly task: TaskFacts }) => (
  <Confirm
    label="Restart"
    title={`Restart ${task.name} of ${alloc.Name}?`}
    run={() => client.allocations.restart(alloc.ID, task.name)}
    disabled={!isRunning(task)}
    {...(!isRunning(task) && { hint: 'It does not run.' })}
  >
    <p>
      This task alone ends and starts again in place. It has been restarted {task.state?.Restarts ?? 0} times; this one
      does not count against its restart policy.
    </p>
  </Confirm>
);

function Since({ state }: { readonly state: TaskState | undefined }) {
  const at = state?.State === 'dead' ? state.FinishedAt : state?.StartedAt;
  return at ? (
    <span style={{ whiteSpace: 'nowrap' }}>
      <Ago ms={Date.parse(at)} />
    </span>
  ) : null;
}

const wordOf = (state: TaskState | undefined): string =>
  state === undefined ? 'waiting' : state.State === 'dead' && state.Failed ? 'failed' : state.State;

function toneOf(state: TaskState | undefined): Tone {
  if (state === undefined || state.State === 'pending') return 'busy';
  if (state.State === 'running') return 'good';
  return state.Failed ? 'bad' : 'quiet';
}
