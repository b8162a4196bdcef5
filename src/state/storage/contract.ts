/** The suite that every store passes. A harness gives each test a store of its own and opens it again as often as asked. */
import { afterEach, describe, expect, it } from 'vitest';
import { alloc, job, node } from '../fixtures.ts';
import type { Row } from '../rows.ts';
import type { Change, CommittedTransaction, Table } from '../types.ts';
import type { Storage } from './storage.ts';

export interface StorageHarness {
  open(): Promise<Storage>;
  dispose(): Promise<void>;
}

export function storageContract(name: string, makeHarness: () => Promise<StorageHarness>): void {
  describe(`${name} as a store`, () => {
    const harnesses: StorageHarness[] = [];
    const harness = async () => {
      const made = await makeHarness();
      harnesses.push(made);
      return made;
    };
    afterEach(async () => {
      for (const each of harnesses.splice(0)) await each.dispose();
    });

    it('is empty at first', async () => {
      const storage = await (await harness()).open();
      expect(await contents(storage)).toEqual({ index: 0, tableIndex: {}, rows: {} });
      await storage.close();
    });

    it('answers what was appended, before and after it is opened again', async () => {
      const stores = await harness();
      const storage = await stores.open();
      await storage.append([put(1, 'nodes', 'n1', node({ ID: 'n1' })), put(2, 'jobs', 'default/api', job())]);
      await storage.append([put(5, 'nodes', 'n2', node({ ID: 'n2', Attributes: { 'kernel.name': 'linux' } }))]);
      const expected = { index: 5, tableIndex: { jobs: 2, nodes: 5 } };
      const seen = await contents(storage);
      expect(seen).toMatchObject(expected);
      expect(Object.keys(seen.rows)).toEqual(['jobs default/api', 'nodes n1', 'nodes n2']);
      await storage.close();
      const again = await stores.open();
      expect(await contents(again)).toEqual(seen);
      await again.close();
    });

    it('replaces and removes rows, also one that was removed and made anew', async () => {
      const stores = await harness();
      const storage = await stores.open();
      const one = node({ ID: 'n1', CreateIndex: 1, ModifyIndex: 1 });
      const anew = node({ ID: 'n1', CreateIndex: 2, ModifyIndex: 2 });
      const two = node({ ID: 'n2', CreateIndex: 1, ModifyIndex: 1 });
      await storage.append([put(1, 'nodes', 'n1', one), put(1, 'nodes', 'n2', two)]);
      await storage.append([put(2, 'nodes', 'n1', anew, one), put(3, 'nodes', 'n2', undefined, two)]);
      expect(await contents(storage)).toEqual({ index: 3, tableIndex: { nodes: 3 }, rows: { 'nodes n1': anew } });
      await storage.close();
    });

    it('keeps every value as it was: long text, deep objects, nulls, large and fractional numbers', async () => {
      const stores = await harness();
      const storage = await stores.open();
      const value = {
        text: 'é\u{1f426}"\\\n'.repeat(200),
        nothing: null,
        list: [1, -1, 0.5, 2 ** 53 - 1, 1_795_000_000_123_000_000, [], {}],
        deep: { a: { b: { c: [{ d: true }] } } },
        '': 'empty key',
        'with/slash@and space': false,
      };
      const row = { Key: 'k', Value: value, CreateIndex: 1, ModifyIndex: 1 };
      await storage.append([put(1, 'meta', 'k', row)]);
      await storage.close();
      const again = await stores.open();
      expect((await contents(again)).rows['meta k']).toEqual(row);
      await again.close();
    });

    it('takes an append of many rows whole', async () => {
      const stores = await harness();
      const storage = await stores.open();
      const rows = Array.from({ length: 5_000 }, (_, at) => alloc({ ID: `alloc-${at}`, CreateIndex: 1 }));
      await storage.append([{ index: 1, changes: rows.map((row) => change('allocs', row.ID, row)) }]);
      await storage.close();
      const again = await stores.open();
      const seen = await contents(again);
      expect(Object.keys(seen.rows).length).toBe(5_000);
      expect(seen.rows['allocs alloc-4999']).toEqual(rows[4_999]);
      await again.close();
    });

    it('answers the rows of a table in the order of their creation', async () => {
      const stores = await harness();
      const storage = await stores.open();
      const ids = ['z', 'm', 'a', 'q'];
      for (const [at, ID] of ids.entries()) {
        await storage.append([put(at + 1, 'allocs', ID, alloc({ ID, CreateIndex: at + 1 }))]);
      }
      expect(Object.keys((await contents(storage)).rows)).toEqual(ids.map((id) => `allocs ${id}`));
      await storage.close();
    });

    it('answers job versions before the allocations that need them', async () => {
      const storage = await (await harness()).open();
      const changes = [change('allocs', 'a', alloc({ ID: 'a' })), change('jobVersions', 'default/api@0', job())];
      await storage.append([{ index: 1, changes }]);
      const tables: Table[] = [];
      for await (const batch of (await storage.load()).rows) tables.push(...batch.map(({ table }) => table));
      expect(tables).toEqual(['jobVersions', 'allocs']);
      await storage.close();
    });

    it('appends nothing without complaint', async () => {
      const storage = await (await harness()).open();
      await storage.append([]);
      expect((await contents(storage)).index).toBe(0);
      await storage.close();
    });
  });
}

export const change = (table: Table, key: string, after: unknown, before?: unknown): Change => ({
  table,
  key,
  before,
  after,
});

export const put = (
  index: number,
  table: Table,
  key: string,
  after: unknown,
  before?: unknown,
): CommittedTransaction => ({
  index,
  changes: [change(table, key, after, before)],
});

/** Everything in a store, with the tables in a fixed order and the rows of each as the store answers them. */
export async function contents(storage: Storage) {
  const { index, tableIndex, rows } = await storage.load();
  const all: [string, Row][] = [];
  for await (const batch of rows) for (const { table, key, row } of batch) all.push([`${table} ${key}`, row]);
  const byTable = all.sort(([a], [b]) =>
    a.split(' ')[0]! < b.split(' ')[0]! ? -1 : a.split(' ')[0] === b.split(' ')[0] ? 0 : 1,
  );
  return { index, tableIndex: Object.fromEntries([...tableIndex].sort()), rows: Object.fromEntries(byTable) };
}
