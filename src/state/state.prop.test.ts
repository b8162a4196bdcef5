import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isClientTerminal } from '../model/allocation.ts';
import { JOB_IDS, NODE_IDS, run, type Transaction, transactions } from './arbitrary-steps.ts';
import { dump, naiveSummary, naiveUsage, plainUsage } from './naive-model.ts';
import { State } from './state.ts';
import { MemoryRecords, openMemoryStorage } from './storage/memory.ts';
import type { ReadTx } from './types.ts';

const KEEP = 3;

const openOn = (records: MemoryRecords) =>
  State.open(openMemoryStorage(records, { pieceBytes: 700 }), { freezeRows: true, keepVersions: KEEP });

const snapshot = (state: State) => structuredClone(state.view((tx) => dump(tx, NODE_IDS, JOB_IDS)));

it('indexes, usage and counts are what the rows say, whatever was written and undone', async () => {
  await fc.assert(
    fc.asyncProperty(transactions, async (list) => {
      const state = await openOn(new MemoryRecords());
      for (const each of list) {
        const before = snapshot(state);
        const update = state.update((tx) => run(tx, each));
        if (each.throws) {
          await expect(update).rejects.toThrow('threw');
          expect(snapshot(state)).toEqual(before);
        }
        await update.catch(() => undefined);
        state.view(expectConsistent);
      }
    }),
    { numRuns: 200 },
  );
});

it('after a crash at any record the reopened state is one that was, and has everything acknowledged', async () => {
  const faultAt = fc.record({ at: fc.integer({ min: 1, max: 40 }), moment: fc.constantFrom('before', 'after') });
  await fc.assert(
    fc.asyncProperty(transactions, faultAt, fc.integer({ min: 1, max: 4 }), async (list, { at, moment }, breath) => {
      const records = new MemoryRecords();
      const state = await openOn(records);
      records.faults = { [moment]: (ordinal: number) => void (ordinal === at && records.crash()) };
      const { history, acknowledged } = await load(state, list, breath);
      const again = await openOn(records);
      expect(again.index).toBeGreaterThanOrEqual(acknowledged);
      expect(snapshot(again)).toEqual(history.get(again.index));
      again.view(expectConsistent);
    }),
    { numRuns: 200 },
  );
});

it('after appends that fail, before or after they got through, the state is what the store has and goes on', async () => {
  const faults = fc.array(fc.constantFrom('before', 'after', 'none', 'none'), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(transactions, faults, fc.integer({ min: 1, max: 4 }), async (list, plan, breath) => {
      const records = new MemoryRecords();
      const state = await openOn(records);
      const fail = (moment: string) => (ordinal: number) => {
        if (plan[ordinal] === moment) throw new Error('injected');
      };
      records.faults = { before: fail('before'), after: fail('after') };
      await load(state, list, breath);
      records.faults = {};
      await new Promise((resolve) => setImmediate(resolve));
      state.view(expectConsistent);
      await state.update((tx) => tx.putMeta('last', true));
      expect(snapshot(await openOn(records))).toEqual(snapshot(state));
    }),
    { numRuns: 200 },
  );
});

/** Applies all, a few in one breath; answers the state at every index that was, and the newest acknowledged one. */
async function load(state: State, list: readonly Transaction[], breath: number) {
  const history = new Map([[state.index, snapshot(state)]]);
  const updates: Promise<{ index: number }>[] = [];
  let acknowledged = 0;
  for (const [at, each] of list.entries()) {
    const update = state.update((tx) => run(tx, each));
    history.set(state.index, snapshot(state));
    updates.push(update);
    update.then(
      ({ index }) => {
        acknowledged = Math.max(acknowledged, index);
      },
      () => undefined,
    );
    if (at % breath === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.allSettled(updates);
  return { history, acknowledged };
}

function expectConsistent(tx: ReadTx): void {
  const all = [...tx.allocs()];
  for (const id of NODE_IDS) {
    expect(ids(tx.allocsByNode(id))).toEqual(ids(all.filter((each) => each.NodeID === id)));
    expect(plainUsage(tx, id)).toEqual(naiveUsage(tx, id));
  }
  for (const id of ['d1', 'd2']) {
    expect(ids(tx.allocsByDeployment(id))).toEqual(ids(all.filter((each) => each.DeploymentID === id)));
  }
  for (const id of ['e1', 'e2'])
    expect(ids(tx.allocsByEval(id))).toEqual(ids(all.filter((each) => each.EvalID === id)));
  for (const id of JOB_IDS) expectConsistentJob(tx, id);
}

function expectConsistentJob(tx: ReadTx, id: string): void {
  const allocs = [...tx.allocs()].filter((each) => each.JobID === id);
  expect(ids(tx.allocsByJob('default', id))).toEqual(ids(allocs));
  const evaluations = [...tx.evaluations()].filter((each) => each.JobID === id);
  expect(ids(tx.evaluationsByJob('default', id))).toEqual(ids(evaluations));
  const job = tx.job('default', id);
  expect(tx.jobSummary('default', id)?.Summary).toEqual(job && naiveSummary(tx, job));
  const versions = tx.jobVersions('default', id).map((each) => each.Version);
  const needed = new Set(allocs.filter((each) => !isClientTerminal(each)).map((each) => each.JobVersion));
  expect(versions, 'newest first').toEqual([...versions].sort((a, b) => b - a));
  for (const version of needed) expect(versions, 'what a live allocation names is kept').toContain(version);
  if (job) expect(versions[0]).toBe(job.Version);
  else expect(versions.length, 'nothing else of a purged job').toBe(needed.size);
}

const ids = (rows: readonly { readonly ID: string }[]) => rows.map((each) => each.ID).sort();
