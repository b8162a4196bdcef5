/** What a task writes: its end first, then as it is written. */
import { getRouteApi } from '@tanstack/react-router';
import type { AllocView } from '../../src/api/views.ts';
import { client } from '../client/client.ts';
import { Empty } from '../kit/note.tsx';
import { DownloadButton } from './download-button.tsx';
import { OutputPane, type Reading } from './output-pane.tsx';
import { TaskChoice } from './task-choice.tsx';
import { tasksOf, usualTask } from './task-facts.ts';
import { useAllocation } from './use-allocation.ts';
import { type TextSource, useTextStream } from './use-text-stream.ts';

const route = getRouteApi('/allocations/$allocId/logs');

/** About as many bytes of the end as the lines that are kept. */
const FROM_END = 500_000;

export function LogsView() {
  const alloc = useAllocation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: typeof search) => void navigate({ search: { ...search, ...next }, replace: true });
  const task = search.task ?? usualTask(alloc);
  const type = search.type ?? 'stdout';
  const stream = useTextStream(task === undefined ? undefined : sourceOf(alloc, task, type));
  if (task === undefined) return <Empty>It has no tasks, so nothing writes.</Empty>;
  return (
    <OutputPane
      label={`Output of ${task}, ${type}`}
      stream={stream}
      reading={search}
      onChange={(reading: Reading) => change({ ...search, ...reading })}
      empty={`${task} has written nothing to ${type}.`}
    >
      <TaskChoice tasks={tasksOf(alloc)} task={task} onChange={(name) => change({ ...search, task: name })} />
      <label>
        <span className="visually-hidden">Stream</span>
        <select
          className="field"
          value={type}
          onChange={({ target }) => change({ ...search, type: target.value === 'stderr' ? 'stderr' : undefined })}
        >
          <option>stdout</option>
          <option>stderr</option>
        </select>
      </label>
      <DownloadButton name={`${alloc.Name}.${task}.${type}.log`} read={(signal) => whole(alloc, task, type, signal)} />
    </OutputPane>
  );
}

type Type = 'stdout' | 'stderr';

const sourceOf = (alloc: AllocView, task: string, type: Type): TextSource => ({
  name: `${alloc.ID} ${task} ${type}`,
  isFollowed: true,
  open: (signal) =>
    client.allocations.logs(alloc.ID, { task, type, follow: true, offset: FROM_END, origin: 'end' }, signal),
});

const whole = (alloc: AllocView, task: string, type: Type, signal: AbortSignal) =>
  client.allocations.logs(alloc.ID, { task, type, follow: false, offset: 0, origin: 'start' }, signal);
