import { describe, expect, it } from 'vitest';
import { keys } from '../client/keys.ts';
import { allocRow } from './alloc-row.ts';
import type { StreamEvent } from './event.ts';
import { patchesOf, patchRows, type Row } from './patched-lists.ts';

const allocEvent = (id: string, index: number, fields: object = {}): StreamEvent => ({
  Topic: 'Allocation',
  Type: 'AllocationUpdated',
  Key: id,
  FilterKeys: null,
  Index: index,
  Payload: {
    Allocation: {
      ID: id,
      Namespace: 'default',
      JobID: 'web',
      ClientStatus: 'running',
      ModifyIndex: index,
      Metrics: { NodesEvaluated: 3 },
      ...fields,
    },
  },
});

const stub = (id: string, ModifyIndex: number, fields: object = {}): Row =>
  ({ ID: id, ModifyIndex, ClientStatus: 'pending', ClientDescription: '', JobID: 'web', ...fields }) as Row;

const listPatch = (events: readonly StreamEvent[], key: readonly unknown[]) => {
  const patch = patchesOf(events).find((each) => JSON.stringify(each.key) === JSON.stringify(key));
  if (!patch) throw new Error(`nothing changes ${JSON.stringify(key)}`);
  return patch;
};

const ofWeb = [...keys.job('web'), 'allocations'];

describe('patchesOf', () => {
  it('gathers the events of a list, of one job and of all', () => {
    const events = [allocEvent('a', 5), allocEvent('b', 5), allocEvent('c', 5, { JobID: 'db' })];
    expect(patchesOf(events).map(({ key, events: of }) => [key, of.length])).toEqual([
      [keys.allocationRows, 3],
      [keys.allocations, 3],
      [ofWeb, 2],
      [[...keys.job('db'), 'allocations'], 1],
    ]);
  });

  it('knows no list for what events do not carry whole', () => {
    expect(patchesOf([{ ...allocEvent('a', 5), Topic: 'Deployment' }])).toEqual([]);
  });
});

describe('patchRows', () => {
  it('changes a row in its place, in the form of an entry, and leaves the others as they are', () => {
    const rows = [stub('a', 1), stub('b', 2), stub('c', 3)];
    const { rows: next, isUnsure } = patchRows(rows, listPatch([allocEvent('b', 7)], ofWeb));
    expect(next).toEqual([
      rows[0],
      { ID: 'b', ModifyIndex: 7, ClientStatus: 'running', ClientDescription: '', JobID: 'web' },
      rows[2],
    ]);
    expect([next[0], next[2]].every((row, at) => row === rows[at * 2])).toBe(true);
    expect(isUnsure).toBe(false);
  });

  it('adds new rows at the end, and of two events of one row keeps the later', () => {
    const events = [allocEvent('b', 7, { ClientStatus: 'pending' }), allocEvent('b', 8)];
    const { rows } = patchRows([stub('a', 1)], listPatch(events, ofWeb));
    expect(rows.map((row) => [row.ID, row.ModifyIndex])).toEqual([
      ['a', 1],
      ['b', 8],
    ]);
  });

  it('keeps a row that is newer than the event, and the very list where nothing changes', () => {
    const rows = [stub('a', 9)];
    expect(patchRows(rows, listPatch([allocEvent('a', 8)], ofWeb)).rows).toBe(rows);
  });

  it('asks again for a list from which a row was removed: such a row is older than its event', () => {
    const gone = allocEvent('a', 9, { ModifyIndex: 4 });
    expect(patchRows([stub('a', 4)], listPatch([gone], ofWeb)).isUnsure).toBe(true);
    expect(patchRows([stub('b', 4)], listPatch([gone], ofWeb)).isUnsure).toBe(false);
  });

  it('asks again where an empty list does not say what an entry looks like', () => {
    expect(patchRows([], listPatch([allocEvent('a', 9)], ofWeb))).toEqual({ rows: [], isUnsure: true });
  });

  it('leaves other namespaces out of lists of one', () => {
    const rows = [stub('a', 1)];
    const other = allocEvent('b', 9, { Namespace: 'other' });
    expect(patchRows(rows, listPatch([other], ofWeb))).toEqual({ rows, isUnsure: false });
    expect(patchRows(rows, listPatch([other], keys.allocationRows)).rows).toHaveLength(2);
  });

  it('says of the rows of the whole cluster the same as their list does', () => {
    const resources = {
      Tasks: { server: { Cpu: { CpuShares: 100 }, Memory: { MemoryMB: 64 } } },
      Shared: { DiskMB: 300 },
    };
    const fields = { JobType: 'service', JobVersion: 2, AllocatedResources: resources };
    const event = allocEvent('a', 5, fields);
    const [row] = patchRows([], listPatch([event], keys.allocationRows)).rows;
    expect(row).toEqual(allocRow(event.Payload['Allocation'] as never));
    expect(row).toMatchObject({ jobType: 'service', asked: { cpuMHz: 100, memoryMB: 64, diskMB: 300 } });
  });
});
