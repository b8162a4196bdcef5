import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import { alloc, deployment, evaluation, job, node, port } from './fixtures.ts';
import { State } from './state.ts';
import { openMemoryStorage } from './storage/memory.ts';
import type { WriteTx } from './types.ts';

const open = (keepVersions?: number) =>
  State.open(openMemoryStorage(), { freezeRows: true, ...(keepVersions !== undefined && { keepVersions }) });

const change = (state: State, ID: string, fields: Partial<Allocation>) =>
  state.update((tx) => tx.putAlloc({ ...tx.alloc(ID)!, ...fields }));

describe('usage', () => {
  const usage = (state: State) =>
    state.view((tx) => {
      const { cpu, memoryMB, diskMB, ports, allocsByJob } = tx.usage('node-1');
      return [cpu, memoryMB, diskMB, [...ports].sort(), Object.fromEntries(allocsByJob)];
    });
  const nothing = [0, 0, 0, [], {}];

  it('of an allocation lasts until its client status is terminal, not until it is unwanted', async () => {
    const state = await open();
    await state.update((tx) => {
      tx.putJob(job({}, [{ cpu: 200, memoryMB: 64, diskMB: 30 }]));
      tx.putAlloc(alloc({ ID: 'a', Ports: [port(20_001)] }));
    });
    const full = [200, 64, 30, [20_001], { 'default/api': 1 }];
    expect(usage(state)).toEqual(full);
    await change(state, 'a', { ClientStatus: 'running', DesiredStatus: 'stop' });
    expect(usage(state), 'a draining instance still holds its port').toEqual(full);
    await change(state, 'a', { ClientStatus: 'complete' });
    expect(usage(state)).toEqual(nothing);
  });

  it('is that of its own job version', async () => {
    const state = await open();
    await state.update((tx) => {
      tx.putJob(job({ Version: 0 }, [{ cpu: 100 }]));
      tx.putJob(job({ Version: 1 }, [{ cpu: 500 }]));
      tx.putAlloc(alloc({ ID: 'old', JobVersion: 0 }));
    });
    expect(usage(state)[0]).toBe(100);
    await change(state, 'old', { JobVersion: 1 });
    expect(usage(state)[0]).toBe(500);
  });

  it("of one that awaits its predecessor's room is what it needs beyond it, and all of it afterwards", async () => {
    const state = await open();
    await state.update((tx) => {
      tx.putJob(job({ Version: 0 }, [{ cpu: 300, memoryMB: 100, diskMB: 0 }]));
      tx.putJob(job({ Version: 1 }, [{ cpu: 400, memoryMB: 50, diskMB: 0 }]));
      tx.putAlloc(alloc({ ID: 'old', JobVersion: 0, Ports: [port(80)], ClientStatus: 'running' }));
      const waiting = { PreviousAllocation: 'old', AwaitsPrevious: true, JobVersion: 1 };
      tx.putAlloc(alloc({ ID: 'new', Ports: [port(80), port(81)], ...waiting }));
    });
    expect(usage(state)).toEqual([400, 100, 0, [80, 81], { 'default/api': 2 }]);
    await change(state, 'old', { ClientStatus: 'complete' });
    expect(usage(state)).toEqual([400, 50, 0, [80, 81], { 'default/api': 1 }]);
    await change(state, 'new', { ClientStatus: 'failed' });
    expect(usage(state)).toEqual(nothing);
  });
});

describe('the summary of a job', () => {
  const web = async (state: State) => state.view((tx) => tx.jobSummary('default', 'api'));

  it('has a group without allocations with zeroes, and counts by client status', async () => {
    const state = await open();
    await state.update((tx) => tx.putJob(job({}, [{ name: 'web' }, { name: 'db' }])));
    const zero = { Queued: 0, Complete: 0, Failed: 0, Running: 0, Starting: 0, Lost: 0 };
    expect((await web(state))!.Summary).toEqual({ web: zero, db: zero });
    await state.update((tx) => {
      for (const ID of ['a', 'b', 'c', 'd']) tx.putAlloc(alloc({ ID }));
    });
    await change(state, 'a', { ClientStatus: 'running' });
    await change(state, 'b', { ClientStatus: 'failed' });
    await change(state, 'c', { DesiredStatus: 'stop' });
    expect((await web(state))!.Summary).toEqual({ web: { ...zero, Running: 1, Failed: 1, Starting: 1 }, db: zero });
    expect((await web(state))!.ModifyIndex).toBe(5);
  });

  it('counts nothing that a purged job of the same id left behind', async () => {
    const state = await open();
    await state.update((tx) => tx.putJob(job()));
    await state.update((tx) => tx.putAlloc(alloc({ ID: 'left', ClientStatus: 'running' })));
    await state.update((tx) => tx.deleteJob('default', 'api'));
    await state.update((tx) => tx.putJob(job()));
    await change(state, 'left', { ClientStatus: 'complete' });
    expect((await web(state))!.Summary.web).toMatchObject({ Complete: 0, Running: 0 });
    await state.update((tx) => tx.putAlloc(alloc({ ID: 'own', ClientStatus: 'running' })));
    expect((await web(state))!.Summary.web).toMatchObject({ Complete: 0, Running: 1 });
    await state.update((tx) => tx.deleteAlloc('left'));
    expect((await web(state))!.Summary.web).toMatchObject({ Complete: 0, Running: 1 });
  });

  it('takes what is queued from the latest evaluation that says so', async () => {
    const state = await open();
    await state.update((tx) => tx.putJob(job()));
    const queued = async () => (await web(state))!.Summary.web!.Queued;
    await state.update((tx) => tx.putEvaluation(evaluation({ ID: 'e1', QueuedAllocations: { web: 3 } })));
    await state.update((tx) => tx.putEvaluation(evaluation({ ID: 'e2', Status: 'blocked' })));
    expect(await queued()).toBe(3);
    await state.update((tx) => tx.putEvaluation(evaluation({ ID: 'e2', QueuedAllocations: { web: 1 } })));
    expect(await queued()).toBe(1);
    await state.update((tx) => tx.deleteEvaluation('e2'));
    expect(await queued()).toBe(3);
  });

  it('counts the children of its job', async () => {
    const state = await open();
    await state.update((tx) => {
      tx.putJob(job());
      tx.putJob(job({ ID: 'api/periodic-1', ParentID: 'api', Status: 'running' }));
      tx.putJob(job({ ID: 'api/periodic-2', ParentID: 'api', Status: 'dead' }));
    });
    expect((await web(state))!.Children).toEqual({ Pending: 0, Running: 1, Dead: 1 });
  });
});

describe('the versions of a job', () => {
  const versions = (state: State) => state.view((tx) => tx.jobVersions('default', 'api').map((each) => each.Version));
  const register = (tx: WriteTx, from: number, to: number) => {
    for (let Version = from; Version <= to; Version++) tx.putJob(job({ Version }));
  };

  it('are kept up to a number, newest first, stable ones and those of live allocations longest', async () => {
    const state = await open(3);
    await state.update((tx) => register(tx, 0, 2));
    expect(versions(state)).toEqual([2, 1, 0]);
    await state.update((tx) => {
      tx.touchJob({ ...tx.jobVersion('default', 'api', 0)!, Stable: true });
      tx.putAlloc(alloc({ ID: 'a', JobVersion: 1, ClientStatus: 'running' }));
      register(tx, 3, 4);
    });
    expect(versions(state)).toEqual([4, 1, 0]);
    await change(state, 'a', { ClientStatus: 'complete' });
    await state.update((tx) => register(tx, 5, 5));
    expect(versions(state)).toEqual([5, 4, 0]);
  });

  it('that a purged job leaves behind go with the last live allocation that names them', async () => {
    const state = await open();
    await state.update((tx) => {
      register(tx, 0, 1);
      tx.putAlloc(alloc({ ID: 'a', JobVersion: 0, ClientStatus: 'running' }));
    });
    await state.update((tx) => tx.deleteJob('default', 'api'));
    expect(versions(state)).toEqual([0]);
    await change(state, 'a', { ClientStatus: 'complete' });
    expect(versions(state)).toEqual([]);
  });

  it('touched do not multiply; the job and its version stay one row', async () => {
    const state = await open();
    await state.update((tx) => register(tx, 0, 0));
    await state.update((tx) => tx.touchJob({ ...tx.job('default', 'api')!, Status: 'running' }));
    state.view((tx) => {
      expect(tx.job('default', 'api')).toMatchObject({ Status: 'running', JobModifyIndex: 1, ModifyIndex: 2 });
      expect(tx.jobVersions('default', 'api')).toEqual([tx.job('default', 'api')]);
    });
  });
});

describe('lists', () => {
  it('of nodes are in the order of their ids, of deployments newest first, of evaluations oldest first', async () => {
    const state = await open();
    for (const ID of ['m', 'a', 'z']) {
      await state.update((tx) => {
        tx.putNode(node({ ID }));
        tx.putDeployment(deployment({ ID }));
        tx.putEvaluation(evaluation({ ID }));
      });
    }
    await state.update((tx) => tx.deleteNode('m'));
    const ids = (rows: readonly { ID: string }[]) => rows.map((each) => each.ID).join('');
    state.view((tx) => {
      expect(ids(tx.nodes())).toBe('az');
      expect(ids(tx.deploymentsByJob('default', 'api'))).toBe('zam');
      expect(ids(tx.evaluationsByJob('default', 'api'))).toBe('maz');
    });
  });

  it('that were handed out never change, and are the same list until a row of theirs changes', async () => {
    const state = await open();
    await state.update((tx) => tx.putAlloc(alloc({ ID: 'a' })));
    const list = state.view((tx) => tx.allocsByJob('default', 'api'));
    await state.update((tx) => tx.putAlloc(alloc({ ID: 'b', JobID: 'other' })));
    expect(state.view((tx) => tx.allocsByJob('default', 'api'))).toBe(list);
    await state.update((tx) => tx.putAlloc(alloc({ ID: 'c' })));
    expect(list.length).toBe(1);
    expect(state.view((tx) => tx.allocsByJob('default', 'api')).length).toBe(2);
  });

  it('refuse an id that no store could keep', async () => {
    const state = await open();
    await expect(state.update((tx) => tx.putJob(job({ ID: 'x'.repeat(700) })))).rejects.toThrow('is too long');
  });
});
