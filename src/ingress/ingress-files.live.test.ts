import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ingressFiles } from './ingress-files.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'serin-ingress-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('what an ingress keeps on disk', () => {
  it('is its id, the same after every restart', async () => {
    const ids = ['first', 'second'];
    const newId = () => ids.shift()!;
    expect(await ingressFiles(join(dir, 'new')).identity(newId)).toBe('first');
    expect(await ingressFiles(join(dir, 'new')).identity(newId)).toBe('first');
  });

  it('is the last table', async () => {
    const table = { Index: 9, Frontends: [] };
    await ingressFiles(dir).keepTable(table);
    expect(await ingressFiles(dir).lastTable()).toEqual(table);
  });

  it('counts as nothing when it is missing or broken', async () => {
    expect(await ingressFiles(dir).lastTable()).toBeUndefined();
    for (const text of ['', '{"Index":', '{"Index":1}', 'null']) {
      await writeFile(join(dir, 'routing-table.json'), text);
      expect(await ingressFiles(dir).lastTable()).toBeUndefined();
    }
  });
});
