import { describe, expect, it } from 'vitest';
import { alloc, evaluation, ingress, job, node } from './fixtures.ts';
import { State } from './state.ts';
import { MemoryRecords, openMemoryStorage } from './storage/memory.ts';
import type { CommittedTransaction } from './types.ts';

const never = new AbortController().signal;

async function open(records = new MemoryRecords()) {
  return { records, state: await State.open(openMemoryStorage(records), { freezeRows: true }) };
}

/** Holds every store transaction until released. */
function gate(records: MemoryRecords) {
  let release = () => {};
  const opened = new Promise<void>((resolve) => {
    release = resolve;
  });
  records.faults = { before: () => opened };
  return release;
}

describe('update', () => {
  it('is seen by the next view at once, and resolves when it is durable', async () => {
    const { state, records } = await open();
    const release = gate(records);
    const update = state.update((tx) => {
      tx.putNode(node({ ID: 'n1' }));
      return 'done';
    });
    expect(state.view((tx) => tx.node('n1')?.CreateIndex)).toBe(1);
    expect([state.index, state.durableIndex]).toEqual([1, 0]);
    release();
    expect(await update).toEqual({ index: 1, result: 'done' });
    expect(state.durableIndex).toBe(1);
  });

  it('sets the indexes of a row and of its table', async () => {
    const { state } = await open();
    await state.update((tx) => tx.putAlloc(alloc({ ID: 'a' })));
    await state.update((tx) => tx.putEvaluation(evaluation({ ID: 'e' })));
    await state.update((tx) => tx.putAlloc({ ...tx.alloc('a')!, ClientStatus: 'running' }));
    const seen = state.view((tx) => [tx.alloc('a'), tx.tableIndex('allocs'), tx.tableIndex('evals', 'nodes')]);
    expect(seen).toMatchObject([{ CreateIndex: 1, ModifyIndex: 3, AllocModifyIndex: 1 }, 3, 2]);
    await state.update((tx) => tx.putAlloc({ ...tx.alloc('a')!, DesiredStatus: 'stop' }, { serverSide: true }));
    expect(state.view((tx) => tx.alloc('a')!.AllocModifyIndex)).toBe(4);
  });

  it('that throws leaves nothing behind and gives its index to the next', async () => {
    const { state } = await open();
    await state.update((tx) => tx.putNode(node({ ID: 'n1' })));
    const broken = state.update((tx) => {
      tx.deleteNode('n1');
      tx.putJob(job());
      throw new Error('no');
    });
    await expect(broken).rejects.toThrow('no');
    expect(state.view((tx) => [tx.node('n1')?.ID, tx.job('default', 'api'), tx.index])).toEqual(['n1', undefined, 1]);
    expect((await state.update((tx) => tx.putJob(job()))).index).toBe(2);
  });

  it('that wrote nothing appends nothing, yet waits until what it read is durable', async () => {
    const { state, records } = await open();
    const release = gate(records);
    const first = state.update((tx) => tx.putNode(node({ ID: 'n1' })));
    let looked = false;
    const look = state
      .update((tx) => tx.node('n1')?.ID)
      .then((answer) => {
        looked = true;
        return answer;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect(looked).toBe(false);
    release();
    expect(await look).toEqual({ index: 1, result: 'n1' });
    await first;
    expect(records.transactions).toBe(1);
  });

  it('made while an append is under way goes out with the others in the next', async () => {
    const { state, records } = await open();
    const release = gate(records);
    const updates = [state.update((tx) => tx.putNode(node({ ID: 'n0' })))];
    await new Promise((resolve) => setImmediate(resolve));
    for (let i = 1; i <= 50; i++) updates.push(state.update((tx) => tx.putNode(node({ ID: `n${i}` }))));
    release();
    await Promise.all(updates);
    expect(records.transactions).toBe(2);
    expect(state.durableIndex).toBe(51);
  });

  it('writes one change for a key that it wrote several times', async () => {
    const { state } = await open();
    const seen = follow(state, 2);
    await state.update((tx) => {
      tx.putNode(node({ ID: 'n1', Status: 'initializing' }));
      tx.putNode(node({ ID: 'n1', Status: 'ready' }));
      tx.putNode(node({ ID: 'gone' }));
      tx.deleteNode('gone');
    });
    await state.update((tx) => {
      tx.deleteNode('n1');
      tx.putNode(node({ ID: 'n1', Status: 'down' }));
    });
    const [first, second] = await seen;
    expect(first!.changes).toMatchObject([{ key: 'n1', before: undefined, after: { Status: 'ready' } }]);
    expect(second!.changes).toMatchObject([{ key: 'n1', before: { Status: 'ready' }, after: { Status: 'down' } }]);
  });

  it('refuses a write after its callback is over, and rows refuse to be mutated', async () => {
    const { state } = await open();
    const { result: tx } = await state.update((tx) => {
      tx.putNode(node({ ID: 'n1', Attributes: { a: '1' } }));
      return tx;
    });
    expect(() => tx.putNode(node({ ID: 'n2' }))).toThrow('outside its update');
    expect(() => {
      state.view((view) => view.node('n1')!).Attributes.a = '2';
    }).toThrow(TypeError);
  });
});

describe('a failed append', () => {
  it('discards what is not durable, rejects who waited, reports once, and reads the store again', async () => {
    const { state, records } = await open();
    await state.update((tx) => tx.putNode(node({ ID: 'kept' })));
    const failures: string[] = [];
    state.onFailure = (error) => failures.push(error.message);
    records.faults = { before: () => Promise.reject(new Error('disk full')) };
    const one = state.update((tx) => tx.putNode(node({ ID: 'lost-1' })));
    const two = state.update((tx) => tx.putNode(node({ ID: 'lost-2' })));
    const reader = state.whenDurable(state.index);
    const results = await Promise.allSettled([one, two, reader]);
    expect(results.map((each) => each.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(failures).toEqual(['the change could not be stored: disk full']);
    records.faults = {};
    await new Promise((resolve) => setImmediate(resolve));
    expect(state.view((tx) => tx.nodes().map((each) => each.ID))).toEqual(['kept']);
    expect((await state.update((tx) => tx.putNode(node({ ID: 'next' })))).index).toBe(4);
    await expect(state.whenDurable(3), 'an index that was discarded never becomes durable').rejects.toThrow(
      'disk full',
    );
  });

  it('that got through after all shows what the store has', async () => {
    const { state, records } = await open();
    records.faults = { after: () => Promise.reject(new Error('timed out')) };
    await expect(state.update((tx) => tx.putNode(node({ ID: 'n1' })))).rejects.toThrow('timed out');
    await new Promise((resolve) => setImmediate(resolve));
    expect(state.view((tx) => [tx.node('n1')?.ID, tx.index])).toEqual(['n1', 1]);
  });
});

describe('a reopened state', () => {
  it('has every row, index and table index, deletions included', async () => {
    const { state, records } = await open();
    await state.update((tx) => {
      tx.putJob(job());
      tx.putNode(node({ ID: 'n1' }));
      tx.putMeta('bootstrap', { at: 1 });
      tx.putIngress(ingress({ ID: 'i1', Servers: { x: { State: 'drained', InFlight: 0 } } }));
    });
    await state.update((tx) => tx.deleteNode('n1'));
    await state.close();
    const again = (await open(records)).state;
    again.view((tx) => {
      expect([tx.index, tx.tableIndex('nodes'), tx.tableIndex('jobs'), tx.node('n1')]).toEqual([2, 2, 1, undefined]);
      expect(tx.job('default', 'api')).toBe(tx.jobVersion('default', 'api', 0));
      expect(tx.meta('bootstrap')).toEqual({ at: 1 });
      expect(tx.ingress('i1')!.Servers, 'what an ingress last said is not trusted after a restart').toEqual({});
    });
  });

  it('refuses updates once closed', async () => {
    const { state } = await open();
    await state.close();
    await expect(state.update(() => 1)).rejects.toThrow('closed');
  });
});

describe('waitFor', () => {
  it('resolves at once for what has happened, later for what has not, and at abort', async () => {
    const { state } = await open();
    await state.update((tx) => tx.putNode(node({ ID: 'n1' })));
    await state.waitFor({ tables: ['nodes'], afterIndex: 0 }, never);
    let woken = false;
    const wait = state.waitFor({ tables: ['nodes', 'jobs'], afterIndex: 1 }, never).then(() => {
      woken = true;
    });
    await state.update((tx) => tx.putEvaluation(evaluation({ ID: 'e' })));
    expect(woken).toBe(false);
    await state.update((tx) => tx.putJob(job()));
    await wait;
    const abort = new AbortController();
    const aborted = state.waitFor({ tables: ['nodes'], afterIndex: 99 }, abort.signal);
    abort.abort();
    await aborted;
  });

  it('looks only at relevant changes, past ones too', async () => {
    const { state } = await open();
    await state.update((tx) => tx.putNode(node({ ID: 'a' })));
    await state.update((tx) => tx.putNode(node({ ID: 'b' })));
    const about = (key: string) => ({
      tables: ['nodes'] as const,
      relevant: (change: { key: string }) => change.key === key,
    });
    await state.waitFor({ ...about('b'), afterIndex: 1 }, never);
    let woken = false;
    const wait = state.waitFor({ ...about('a'), afterIndex: 1 }, never).then(() => {
      woken = true;
    });
    await state.update((tx) => tx.putNode(node({ ID: 'b' })));
    expect(woken).toBe(false);
    await state.update((tx) => tx.putNode(node({ ID: 'a' })));
    await wait;
  });

  it("for one node's allocations sleeps through those of others, and looks at the past too", async () => {
    const { state } = await open();
    await state.update((tx) => tx.putAlloc(alloc({ ID: 'a', NodeID: 'n1' })));
    await state.update((tx) => tx.putAlloc(alloc({ ID: 'b', NodeID: 'n2' })));
    const about = (nodeId: string) => ({ tables: ['allocs'] as const, allocsOfNode: nodeId });
    await state.waitFor({ ...about('n2'), afterIndex: 1 }, never);
    let woken = false;
    const wait = state.waitFor({ ...about('n1'), afterIndex: 1 }, never).then(() => {
      woken = true;
    });
    await state.update((tx) => tx.putAlloc(alloc({ ID: 'c', NodeID: 'n2' })));
    expect(woken).toBe(false);
    await state.update((tx) => tx.deleteAlloc('a'));
    await wait;
  });

  it('hears of nothing before it is durable', async () => {
    const { state, records } = await open();
    const release = gate(records);
    const update = state.update((tx) => tx.putNode(node({ ID: 'n1' })));
    let woken = false;
    const wait = state.waitFor({ tables: ['nodes'], afterIndex: 0 }, never).then(() => {
      woken = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(woken).toBe(false);
    release();
    await Promise.all([update, wait]);
  });
});

describe('subscribe', () => {
  it('answers transactions in order, from the past without a gap', async () => {
    const { state } = await open();
    for (let i = 1; i <= 3; i++) await state.update((tx) => tx.putNode(node({ ID: `n${i}` })));
    const seen = follow(state, 3, 1);
    await state.update((tx) => tx.putNode(node({ ID: 'n4' })));
    expect((await seen).map((each) => each.index)).toEqual([2, 3, 4]);
  });

  it('keeps up with a burst, which is appended in parts', async () => {
    const { state, records } = await open();
    const seen = follow(state, 5_000);
    const burst = Array.from({ length: 5_000 }, (_, at) => state.update((tx) => tx.putMeta('m', at)));
    await Promise.all(burst);
    expect((await seen).map((each) => each.index)).toEqual(burst.map((_, at) => at + 1));
    expect(records.transactions).toBe(Math.ceil(5_000 / 256));
  });

  it('ends at abort, cuts off who is too slow, and says when the past is gone', async () => {
    const { state, records } = await open();
    const abort = new AbortController();
    const ended = collect(state.subscribe({}, abort.signal), 10);
    const slow = state.subscribe({ maxBehind: 2 }, never);
    for (let i = 1; i <= 3; i++) await state.update((tx) => tx.putNode(node({ ID: `n${i}` })));
    abort.abort();
    expect((await ended).length).toBe(3);
    await expect(collect(slow, 3)).rejects.toThrow('more than 2 transactions behind');
    const again = (await open(records)).state;
    await expect(collect(again.subscribe({ afterIndex: 1 }, never), 1)).rejects.toThrow('index 1 is too old');
  });
});

function follow(state: State, count: number, afterIndex?: number): Promise<CommittedTransaction[]> {
  return collect(state.subscribe(afterIndex === undefined ? {} : { afterIndex }, never), count);
}

async function collect(from: AsyncIterable<CommittedTransaction>, count: number): Promise<CommittedTransaction[]> {
  const seen: CommittedTransaction[] = [];
  for await (const each of from) if (seen.push(each) === count) break;
  return seen;
}
