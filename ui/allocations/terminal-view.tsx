/** A command beside a task, with a terminal: asked for first, since it acts on what is running. */
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useId, useState } from 'react';
import { Button } from '../kit/button.tsx';
import { Empty, Loading } from '../kit/note.tsx';
import { commandWords } from './command-words.ts';
import { TaskChoice } from './task-choice.tsx';
import { isRunning, tasksOf, usualTask } from './task-facts.ts';
import { useAllocation } from './use-allocation.ts';

/** Nobody loads a terminal who does not open one. */
const TerminalScreen = lazy(() => import('./terminal-screen.tsx'));

const route = getRouteApi('/allocations/$allocId/terminal');
const USUAL_COMMAND = '/bin/sh';
/** The button that the focus goes to from the terminal, which takes every key, also when its command has ended. */
const AFTER_TERMINAL = 'after-terminal';

/** What runs, or ran last. */
interface Run {
  readonly key: number;
  readonly task: string;
  readonly command: readonly string[];
  /** How it ended. */
  readonly end?: string;
}

export function TerminalView() {
  const alloc = useAllocation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [run, setRun] = useState<Run>();
  const id = useId();
  const tasks = tasksOf(alloc).filter(isRunning);
  const task = search.task ?? tasks.find(({ name }) => name === usualTask(alloc))?.name ?? tasks[0]?.name;
  const command = search.command ?? USUAL_COMMAND;
  const isOpen = run !== undefined && run.end === undefined;
  if (task === undefined || (tasks.length === 0 && run === undefined)) {
    return <Empty>None of its tasks runs. A terminal stands beside a task that does.</Empty>;
  }
  const change = (next: typeof search) => void navigate({ search: { ...search, ...next }, replace: true });
  return (
    <div className="stack">
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          setRun({ key: (run?.key ?? 0) + 1, task, command: commandWords(command) });
        }}
      >
        <TaskChoice tasks={tasks} task={task} onChange={(name) => change({ task: name })} />
        <label htmlFor={id}>Command</label>
        <input
          id={id}
          className="field mono"
          required
          disabled={isOpen}
          value={command}
          onChange={({ target }) => change({ command: target.value })}
        />
        {isOpen ? (
          <Button
            key="leave"
            id={AFTER_TERMINAL}
            onClick={() => setRun({ ...run, end: 'Disconnected; the command was killed.' })}
          >
            Disconnect
          </Button>
        ) : (
          <Button key="open" id={AFTER_TERMINAL} type="submit" kind="primary">
            {run ? 'Open again' : 'Open terminal'}
          </Button>
        )}
      </form>
      <p role="status">{run?.end}</p>
      {run && (
        <Suspense fallback={<Loading />}>
          <TerminalScreen
            key={run.key}
            allocId={alloc.ID}
            task={run.task}
            command={run.command}
            isOpen={isOpen}
            leave={() => document.getElementById(AFTER_TERMINAL)?.focus()}
            onEnd={(end) => setRun((now) => (now?.key === run.key && now.end === undefined ? { ...now, end } : now))}
          />
        </Suspense>
      )}
      <p className="soft">
        {run
          ? 'Shift+Escape leaves the terminal with the keyboard.'
          : `It runs as the task does, with its environment, and ends when this view is left.`}
      </p>
    </div>
  );
}
