import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterAll, describe, expect, it } from 'vitest';
import { SerinError } from '../../lib/errors.ts';
import { node } from '../fixtures.ts';
import { State } from '../state.ts';
import { put, storageContract } from './contract.ts';
import { openEmbeddedStorage } from './embedded.ts';
import { encodeValue } from './row-codec.ts';

storageContract('the embedded store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'serin-state-'));
  return {
    open: () => openEmbeddedStorage(join(directory, 'server')),
    dispose: () => rm(directory, { recursive: true }),
  };
});

describe('a data directory', () => {
  it('in use by another agent names its process, and is free again once that one has closed', async () => {
    const directory = await temporary();
    const first = await openEmbeddedStorage(directory);
    await expect(openEmbeddedStorage(directory)).rejects.toThrow(
      `the data directory ${directory} is in use by process ${process.pid}; stop that agent`,
    );
    await symlink(directory, `${directory}-link`);
    await expect(openEmbeddedStorage(`${directory}-link`)).rejects.toThrow('in use');
    await first.close();
    await (await openEmbeddedStorage(directory)).close();
  });

  it('written by a newer Serin says so, and is left as it was', async () => {
    const directory = await temporary();
    await (await openEmbeddedStorage(directory)).close();
    await setFormat(directory, 9);
    for (const _ of [1, 2]) {
      await expect(openEmbeddedStorage(directory)).rejects.toThrow(
        'was written by a newer Serin (format 9); this one reads up to format 1',
      );
    }
  });

  it.each([
    ['no database', (bytes: Buffer) => Buffer.alloc(bytes.length, 'x'), 'it is not a database'],
    ['a few bytes', () => Buffer.from('hello'), 'it is not a database'],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 8_192), 'it was cut short'],
    [
      'without its second page',
      (bytes: Buffer) => Buffer.from(bytes).fill(0, 4_096, 8_192),
      'its second page is damaged',
    ],
    ['with a page of zeroes', (bytes: Buffer) => zeroLeaf(bytes), 'is not what it should be'],
    ['with a changed byte in a row', (bytes: Buffer) => flip(bytes, 'precious'), 'its checksum does not match'],
  ])('with a data file that is %s gives one sentence', async (_, damage, reason) => {
    const directory = await temporary();
    const storage = await openEmbeddedStorage(directory);
    const rows = Array.from({ length: 500 }, (_, at) => node({ ID: `n${at}`, Name: 'precious', CreateIndex: 1 }));
    await storage.append(rows.map((row) => put(1, 'nodes', row.ID, row)));
    await storage.close();
    const file = join(directory, 'state.mdb');
    await writeFile(file, damage(await readFile(file)));
    const error = await openAndLoad(directory).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SerinError);
    expect((error as Error).message).toContain(`the data file ${file} is damaged`);
    expect((error as Error).message).toContain(reason);
  });

  it('whose last pages were taken and given back without being written opens as it is', async () => {
    const directory = await temporary();
    const storage = await openEmbeddedStorage(directory);
    await storage.append([put(1, 'nodes', 'n', node({ ID: 'n', CreateIndex: 1 }))]);
    await storage.close();
    const file = join(directory, 'state.mdb');
    const bytes = await readFile(file);
    for (const lastPage of [144, 4_096 + 144]) bytes.writeBigUInt64LE(bytes.readBigUInt64LE(lastPage) + 3n, lastPage);
    await writeFile(file, bytes);
    await expect(openAndLoad(directory)).resolves.toBeUndefined();
  });

  it('that lacks a page of a row that is larger than one gives one sentence', async () => {
    const directory = await temporary();
    const storage = await openEmbeddedStorage(directory);
    await storage.append([put(1, 'nodes', 'n', node({ ID: 'n', Name: 'x'.repeat(60_000), CreateIndex: 1 }))]);
    await storage.close();
    const file = join(directory, 'state.mdb');
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.lastIndexOf('xxxx') - 30_000));
    await expect(openAndLoad(directory)).rejects.toThrow('it was cut short');
  });

  it('that cannot be made says why', async () => {
    const file = join(await temporary(), 'file');
    await writeFile(file, '');
    await expect(openEmbeddedStorage(join(file, 'data'))).rejects.toThrow(
      `the data directory ${file}/data cannot be made`,
    );
    await expect(openEmbeddedStorage(file)).rejects.toThrow(`the data directory ${file} cannot be`);
  });

  it('that may not be written says so', async () => {
    const directory = await temporary();
    await chmod(directory, 0o555);
    await asNobody(() =>
      expect(openEmbeddedStorage(directory)).rejects.toThrow(`the data directory ${directory} cannot be written`),
    );
  });
});

const made: string[] = [];

afterAll(async () => {
  for (const each of made) {
    await rm(each, { recursive: true, force: true });
    await rm(`${each}-link`, { force: true });
  }
});

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'serin-state-'));
  made.push(directory);
  return directory;
}

async function openAndLoad(directory: string): Promise<void> {
  const storage = await openEmbeddedStorage(directory);
  await State.open(storage).finally(() => storage.close());
}

async function setFormat(directory: string, format: number): Promise<void> {
  const root = open({ path: join(directory, 'state.mdb'), noSubdir: true, encoding: 'binary', keyEncoding: 'binary' });
  const head = root.openDB<Buffer, Buffer>({ name: 'head', encoding: 'binary', keyEncoding: 'binary' });
  head.putSync(Buffer.from('format'), encodeValue(format));
  await root.close();
}

function flip(bytes: Buffer, text: string): Buffer {
  const changed = Buffer.from(bytes);
  changed[changed.lastIndexOf(text)]! ^= 1;
  return changed;
}

/** A failing disk's work: the page that holds the last row is empty. */
function zeroLeaf(bytes: Buffer): Buffer {
  const at = Math.floor(bytes.lastIndexOf('precious') / 4_096) * 4_096;
  return Buffer.from(bytes).fill(0, at, at + 4_096);
}

/** Root may write everywhere, so it steps down for the length of the test. */
async function asNobody(act: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    await act();
  } finally {
    process.seteuid?.(0);
  }
}
