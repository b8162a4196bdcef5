/**
 * A look at LMDB's file before LMDB maps it into memory: a file that is no database, or one that was cut short, would
 * otherwise end the process with a signal instead of a sentence, as would a damaged page (lmdb-pages.ts). Layout: two pages of metadata at the start, each with
 * a magic number, the last page in use and the transaction that wrote it.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { checkTree, type PageFile, readTree, type Tree } from './lmdb-pages.ts';

const MAGIC = 0xbeefc0de;
const META_FLAG = 0x08;
/** Offsets within a metadata page: page header of 24 bytes, then magic, version, address, map size, two tables. */
const AT = { flags: 18, magic: 24, mapSize: 40, pageSize: 48, free: 48, main: 96, lastPage: 144, transaction: 152 };
const META_BYTES = 160;
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 65_536;

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
  /** Pages to use again. */
  readonly free: Tree;
  /** Its rows are the tables. */
  readonly main: Tree;
}

/** Passes when the file is not there yet; throws one sentence's worth of why it cannot be opened. */
export async function checkDataFile(path: string): Promise<void> {
  const file = await openExisting(path);
  if (!file) return;
  try {
    const { size } = await file.stat();
    if (size === 0) return;
    const first = await readMeta(file, 0);
    if (!first) throw new Error('it is not a database');
    const second = await readMeta(file, first.pageSize);
    if (!second) throw new Error('its second page is damaged');
    const newest = second.transaction > first.transaction ? second : first;
    // A page that a transaction took and gave back is never written: the file of a sound store may end before the last one.
    checkPages({ fd: file.fd, size, scratch: Buffer.alloc(first.pageSize), lastPage: newest.lastPage }, newest);
  } finally {
    await file.close();
  }
}

function checkPages(pages: PageFile, { free, main }: Meta): void {
  checkTree(pages, free);
  for (const table of checkTree(pages, main)) checkTree(pages, table);
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readMeta(file: FileHandle, at: number): Promise<Meta | undefined> {
  const bytes = Buffer.alloc(META_BYTES);
  const { bytesRead } = await file.read(bytes, 0, META_BYTES, at);
  if (bytesRead < META_BYTES || bytes.readUInt32LE(AT.magic) !== MAGIC) return undefined;
  if ((bytes.readUInt16LE(AT.flags) & META_FLAG) === 0) return undefined;
  const pageSize = bytes.readUInt32LE(AT.pageSize);
  if (pageSize < SMALLEST_PAGE || pageSize > LARGEST_PAGE || (pageSize & (pageSize - 1)) !== 0) return undefined;
  return {
    pageSize,
    lastPage: Number(bytes.readBigUInt64LE(AT.lastPage)),
    free: readTree(bytes, AT.free),
    main: readTree(bytes, AT.main),
    transaction: Number(bytes.readBigUInt64LE(AT.transaction)),
  };
}
