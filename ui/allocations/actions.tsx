/** What can be done with an allocation as a whole; what concerns one task stands beside it. */
import { useState } from 'react';
import type { AllocView } from '../../src/api/views.ts';
import { client } from '../client/client.ts';
import { Confirm } from '../kit/confirm.tsx';
import { counted } from '../kit/words.ts';
import { ENDED, isOver, stopWords } from './consequences.ts';
import { SignalAction } from './signal-action.tsx';
import { isRunning, tasksOf } from './task-facts.ts';

export function AllocationActions({ alloc }: { readonly alloc: AllocView }) {
  const running = tasksOf(alloc).filter(isRunning);
  const hint = isOver(alloc) ? ENDED : undefined;
  return (
    <>
      <RestartAction alloc={alloc} running={running.length} />
      <SignalAction alloc={alloc} tasks={running.map(({ name }) => name)} />
      <Confirm
        label="Stop"
        kind="danger"
        title={`Stop ${alloc.Name}?`}
        run={() => client.allocations.stop(alloc.ID)}
        disabled={isOver(alloc)}
        {...(hint && { hint })}
      >
        <p>{stopWords(alloc)}</p>
      </Confirm>
    </>
  );
}

function RestartAction({ alloc, running }: { readonly alloc: AllocView; readonly running: number }) {
  const [isWhole, setWhole] = useState(false);
  const run = () => (isWhole ? client.allocations.restartAll(alloc.ID) : client.allocations.restart(alloc.ID, ''));
  const hint = isOver(alloc) ? ENDED : undefined;
  return (
    <Confirm
      label="Restart"
      title={`Restart ${alloc.Name}?`}
      run={run}
      disabled={isOver(alloc)}
      {...(hint && { hint })}
    >
      <p>
        {counted(isWhole ? tasksOf(alloc).length : running, 'task')} of this instance end and start again in place, on
        the same node with the same ports. It answers no requests until its checks pass again.
      </p>
      <label className="row">
        <input type="checkbox" checked={isWhole} onChange={({ target }) => setWhole(target.checked)} />
        Also the tasks that have done their work, in their order
      </label>
    </Confirm>
  );
}
