/** What happened to the tasks, the newest first. */
import type { TaskState } from '../../src/model/allocation.ts';
import { Panel } from '../kit/panel.tsx';
import { Ago } from '../kit/time.tsx';
import { happeningsOf, type TaskHappening } from './task-events.ts';

export interface EventsPanelProps {
  readonly states: Readonly<Record<string, TaskState>> | null | undefined;
}

export function EventsPanel({ states }: EventsPanelProps) {
  const happenings = happeningsOf(states);
  return (
    <Panel title="What happened">
      {happenings.length === 0 ? (
        <p className="soft">Nothing yet: its node has not begun.</p>
      ) : (
        <ol className="alloc-events">
          {happenings.map((happening) => (
            <Happening key={happening.key} of={happening} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

const Happening = ({ of: { task, atMs, type, words, isBad } }: { readonly of: TaskHappening }) => (
  <li data-tone={isBad ? 'bad' : undefined}>
    <span className="alloc-events-when soft">
      <Ago ms={atMs} />
    </span>
    <span>
      <strong>{task}</strong> {isBad && <span className="visually-hidden">failure: </span>}
      <span className="alloc-events-type">{type}</span>
      {words !== type && <span className="alloc-events-words">{words}</span>}
    </span>
  </li>
);
