/** A signal to the tasks that run: to one of them, or to all. */
import { useId, useState } from 'react';
import type { AllocView } from '../../src/api/views.ts';
import { client } from '../client/client.ts';
import { Confirm } from '../kit/confirm.tsx';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGKILL'];

export interface SignalActionProps {
  readonly alloc: AllocView;
  /** Those that run. */
  readonly tasks: readonly string[];
}

export function SignalAction({ alloc, tasks }: SignalActionProps) {
  const [signal, setSignal] = useState('SIGHUP');
  const [task, setTask] = useState('');
  const id = useId();
  const disabled = tasks.length === 0;
  return (
    <Confirm
      label="Signal"
      title={`Signal ${alloc.Name}?`}
      run={() => client.allocations.signal(alloc.ID, signal, task)}
      disabled={disabled}
      {...(disabled && { hint: 'None of its tasks runs.' })}
    >
      <p>
        {task || `Each of its ${tasks.length} running tasks`} is sent {signal}. What it does with it is its own affair;
        when it ends, its restart policy decides what comes next.
      </p>
      <div className="row">
        <label htmlFor={`${id}signal`}>Signal</label>
        <select id={`${id}signal`} className="field" value={signal} onChange={({ target }) => setSignal(target.value)}>
          {SIGNALS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <label htmlFor={`${id}task`}>Task</label>
        <select id={`${id}task`} className="field" value={task} onChange={({ target }) => setTask(target.value)}>
          <option value="">all that run</option>
          {tasks.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
    </Confirm>
  );
}
