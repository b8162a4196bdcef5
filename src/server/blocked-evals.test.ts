/** Who waits for room, and what wakes them. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Evaluation } from '../model/evaluation.ts';
import { nanosOf } from '../model/nanos.ts';
import { NOW_MS, newAlloc, newEvaluation, newJob, newNode } from '../scheduler/fixtures.ts';
import type { CommittedTransaction, WriteTx } from '../state/types.ts';
import { BlockedEvals, classesWithRoom, mightHelp, unblock } from './blocked-evals.ts';
import { put, read, type TestState, testState } from './fixtures.ts';

const job = newJob();
const blocked = (ID: string, fields: Partial<Evaluation> = {}): Evaluation =>
  newEvaluation(job, { ID, Status: 'blocked', StatusDescription: 'waits', ClassEligibility: {}, ...fields });

let world: TestState;
beforeEach(async () => {
  world = await testState();
  const nodes = [newNode(0, { ComputedClass: 'big' }), newNode(1, { ComputedClass: 'small' })];
  await put(world.state, { jobs: [job], nodes, allocs: [newAlloc(job, 0, { ID: 'a' })] });
});

/** The transaction that `write` becomes, as those who follow the state see it. */
async function committed(write: (tx: WriteTx) => void): Promise<CommittedTransaction> {
  const end = new AbortController();
  const following = world.state.subscribe({ afterIndex: world.state.durableIndex }, end.signal)[Symbol.asyncIterator]();
  await world.state.update(write);
  const next = await following.next();
  end.abort();
  return next.value;
}

describe('room', () => {
  const nodeOf = (tx: WriteTx, number: number) => tx.node(newNode(number).ID)!;
  it.each<[string, (tx: WriteTx) => void, string[]]>([
    [
      'appears where an instance has ended',
      (tx) => tx.putAlloc({ ...tx.alloc('a')!, ClientStatus: 'failed' }),
      ['big'],
    ],
    ['appears where an instance was forgotten that had not ended', (tx) => tx.deleteAlloc('a'), ['big']],
    [
      'does not appear where an instance was told to stop',
      (tx) => tx.putAlloc({ ...tx.alloc('a')!, DesiredStatus: 'stop' }),
      [],
    ],
    ['does not appear where an instance starts', (tx) => tx.putAlloc(newAlloc(job, 1, { ID: 'b' })), []],
    ['appears with a node that comes', (tx) => tx.putNode(newNode(2, { ComputedClass: 'new' })), ['new']],
    ['appears with a node that is changed', (tx) => tx.putNode({ ...nodeOf(tx, 1), Meta: { a: '1' } }), ['small']],
    ['does not appear on a node that is down', (tx) => tx.putNode({ ...nodeOf(tx, 1), Status: 'down' }), []],
    [
      'does not appear on one that takes nothing new',
      (tx) => tx.putNode({ ...nodeOf(tx, 1), SchedulingEligibility: 'ineligible' }),
      [],
    ],
    ['does not appear with a node that goes', (tx) => tx.deleteNode(newNode(1).ID), []],
    ['does not appear with a job', (tx) => tx.putJob({ ...job, Version: 1 }), []],
  ])('%s', async (_, write, classes) => {
    const { changes } = await committed(write);
    expect([...read(world, (tx) => classesWithRoom(tx, changes))]).toEqual(classes);
  });

  it('does not appear where an instance that has ended is forgotten', async () => {
    await put(world.state, { allocs: [newAlloc(job, 0, { ID: 'a', ClientStatus: 'complete' })] });
    const { changes } = await committed((tx) => tx.deleteAlloc('a'));
    expect(read(world, (tx) => classesWithRoom(tx, changes)).size).toBe(0);
  });
});

describe('an evaluation that waits for room', () => {
  it.each<[string, Partial<Evaluation>, string[], boolean]>([
    ['is helped by a class that it found feasible', { ClassEligibility: { big: true } }, ['big'], true],
    ['is not helped by a class that it found unfit', { ClassEligibility: { big: false } }, ['big'], false],
    ['is helped by a class that nobody has judged', { ClassEligibility: { big: false } }, ['new'], true],
    ['is helped by one of several', { ClassEligibility: { big: false, small: true } }, ['big', 'small'], true],
    ['is not helped by nothing', { ClassEligibility: {} }, [], false],
    [
      'may be helped by any node where it looks at what is unique to a node',
      { ClassEligibility: { big: false }, EscapedComputedClass: true },
      ['big'],
      true,
    ],
  ])('%s', (_, fields, classes, helped) => {
    expect(mightHelp(blocked('e', fields), new Set(classes))).toBe(helped);
  });

  it('becomes pending again, once, and only where it still waits', async () => {
    await put(world.state, { evals: [blocked('waits'), blocked('cancelled', { Status: 'canceled' })] });
    const rows = ['waits', 'cancelled', 'gone'].map((ID) => blocked(ID));
    await world.state.update((tx) => unblock(tx, rows, NOW_MS + 5));
    expect(read(world, (tx) => tx.evaluation('waits'))).toMatchObject({
      Status: 'pending',
      StatusDescription: '',
      ModifyTime: nanosOf(NOW_MS + 5),
    });
    expect(read(world, (tx) => tx.evaluation('cancelled')?.Status)).toBe('canceled');
    const { index } = world.state;
    await world.state.update((tx) => unblock(tx, rows, NOW_MS + 9));
    expect(world.state.index).toBe(index);
  });
});

describe('those who wait', () => {
  let waiting: BlockedEvals;
  beforeEach(() => {
    waiting = new BlockedEvals();
  });

  /** Who is to be woken after a transaction. */
  async function observe(write: (tx: WriteTx) => void): Promise<string[]> {
    const transaction = await committed(write);
    return read(world, (tx) => waiting.observe(tx, transaction)).map(({ ID }) => ID);
  }
  const instanceEnds = (tx: WriteTx) => tx.putAlloc({ ...tx.alloc('a')!, ClientStatus: 'complete' });

  it('are woken by room that comes, where it might help', async () => {
    const begun = await observe((tx) => {
      tx.putEvaluation(blocked('any', { SnapshotIndex: tx.index }));
      tx.putEvaluation(blocked('unfit', { SnapshotIndex: tx.index, ClassEligibility: { big: false } }));
    });
    expect(begun).toEqual([]);
    expect(await observe(instanceEnds)).toEqual(['any']);
  });

  it('are woken by room that came while they were planned: nobody else will tell them', async () => {
    const lookedAt = world.state.index;
    expect(await observe(instanceEnds)).toEqual([]);
    expect(await observe((tx) => tx.putEvaluation(blocked('late', { SnapshotIndex: lookedAt })))).toEqual(['late']);
  });

  it('are not woken by room that they knew of', async () => {
    await observe(instanceEnds);
    const lookedAt = world.state.index;
    expect(await observe((tx) => tx.putEvaluation(blocked('knew', { SnapshotIndex: lookedAt })))).toEqual([]);
  });

  it('are forgotten once they wait no more', async () => {
    await observe((tx) => tx.putEvaluation(blocked('cancelled', { SnapshotIndex: tx.index })));
    await observe((tx) => tx.putEvaluation(blocked('forgotten', { SnapshotIndex: tx.index })));
    await observe((tx) => tx.putEvaluation(blocked('cancelled', { Status: 'canceled' })));
    await observe((tx) => tx.deleteEvaluation('forgotten'));
    expect(await observe(instanceEnds)).toEqual([]);
  });
});
