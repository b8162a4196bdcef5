/** What a node is told, and what wakes it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { newAlloc, newJob, newNode } from '../scheduler/fixtures.ts';
import { put, read, type TestState, testState } from './fixtures.ts';
import { nodeAssignment, touchesNode } from './node-assignment.ts';

const NODE = newNode(0).ID;
const old = newJob();
const next = newJob({ Version: 1 });

let world: TestState;
beforeEach(async () => {
  world = await testState();
  await put(world.state, { jobs: [old] });
  await put(world.state, { jobs: [next] });
});
const assignment = () => read(world, (tx) => nodeAssignment(tx, NODE));

describe('an assignment', () => {
  it('is what has not ended on the node, wanted or not, and each version that it names once', async () => {
    await put(world.state, {
      allocs: [
        newAlloc(old, 0, { ID: 'a', DesiredStatus: 'stop' }),
        newAlloc(next, 0, { ID: 'b' }),
        newAlloc(next, 1, { ID: 'c' }),
        newAlloc(next, 2, { ID: 'ended', ClientStatus: 'failed' }),
        newAlloc(next, 3, { ID: 'elsewhere', NodeID: newNode(1).ID }),
        newAlloc(newJob({ ID: 'purged' }), 0, { ID: 'orphan', DesiredStatus: 'stop' }),
      ],
    });
    const { Allocs, Jobs } = assignment();
    expect(Allocs.map((alloc) => alloc.ID).sort()).toEqual(['a', 'b', 'c', 'orphan']);
    expect(Jobs.map((job) => job.Version).sort()).toEqual([0, 1]);
  });

  it('has the index of the last change of the server, never that of a report of the node itself', async () => {
    expect(assignment().Index, 'to wait past 0 would be answered at once').toBe(1);
    await put(world.state, { allocs: [newAlloc(old, 0, { ID: 'a' })] });
    const { Index } = assignment();
    expect(Index).toBe(world.state.index);
    await world.state.update((tx) => tx.putAlloc({ ...tx.alloc('a')!, ClientDescription: 'said by the node' }));
    expect(assignment().Index).toBe(Index);
    await world.state.update((tx) => tx.putAlloc({ ...tx.alloc('a')!, DesiredStatus: 'stop' }, { serverSide: true }));
    expect(assignment().Index).toBe(world.state.index);
  });

  it('keeps its index when what has ended is still there', async () => {
    await put(world.state, { allocs: [newAlloc(old, 0, { ID: 'a', ClientStatus: 'complete' })] });
    expect(assignment()).toMatchObject({ Index: world.state.index, Allocs: [], Jobs: [] });
  });
});

describe('a change', () => {
  const row = newAlloc(old, 0, { AllocModifyIndex: 5 });
  it.each([
    ['of what is wanted wakes its node', row, { ...row, AllocModifyIndex: 9 }, true],
    ['that the node made itself does not wake it', row, { ...row, ModifyIndex: 9 }, false],
    ['on another node does not wake it', undefined, { ...row, NodeID: 'another' }, false],
    ['that brings an instance wakes it', undefined, row, true],
    ['that forgets one wakes it', row, undefined, true],
  ])('%s', (_, before, after, wakes) => {
    expect(touchesNode({ table: 'allocs', key: row.ID, before, after }, NODE)).toBe(wakes);
  });
});
