import { describe, expect, it } from 'vitest';
import { alloc } from '../fixtures.ts';
import { change, contents, storageContract } from './contract.ts';
import { MemoryRecords, openMemoryStorage } from './memory.ts';

storageContract('memory with the limits of etcd', async () => {
  const records = new MemoryRecords();
  return { open: async () => openMemoryStorage(records), dispose: async () => {} };
});

describe('an append in pieces', () => {
  const large = {
    index: 1,
    changes: Array.from({ length: 8_000 }, (_, at) => change('allocs', `a${at}`, alloc({ ID: `a${at}` }))),
  };

  it('counts only once its commit record is there, whenever the process crashes', async () => {
    const whole = new MemoryRecords();
    await openMemoryStorage(whole).append([large]);
    expect(whole.transactions).toBeGreaterThan(2);
    for (let crashAt = 1; crashAt <= whole.transactions; crashAt++) {
      const records = new MemoryRecords();
      records.faults = { before: (ordinal) => void (ordinal === crashAt && records.crash()) };
      await expect(openMemoryStorage(records).append([large])).rejects.toThrow('crashed');
      records.faults = {};
      expect((await contents(openMemoryStorage(records))).index).toBe(0);
    }
  });

  it('that was left behind is never mistaken for part of a later one, and is cleared away', async () => {
    const records = new MemoryRecords();
    records.faults = { before: (ordinal) => void (ordinal === 3 && records.crash()) };
    await expect(openMemoryStorage(records).append([large])).rejects.toThrow('crashed');
    records.faults = {};
    const storage = openMemoryStorage(records);
    await storage.load();
    expect(records.size).toBe(0);
    await storage.append([large]);
    expect(Object.keys((await contents(openMemoryStorage(records))).rows).length).toBe(8_000);
  });
});

it('refuses a transaction over the limits of etcd', async () => {
  const store = new MemoryRecords().connect();
  const many = Array.from({ length: 129 }, (_, at) => ({ put: `k${at}`, value: new Uint8Array(1) }));
  await expect(store.transact(many)).rejects.toThrow('129 operations');
  await expect(store.transact([{ put: 'k', value: new Uint8Array(1_500_001) }])).rejects.toThrow('over the store');
});
