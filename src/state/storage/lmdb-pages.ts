/**
 * Walks the pages that LMDB will follow, before it does: where a page is not what its parent says (zeroed by a failing
 * disk, written by somebody else) LMDB ends the process by an assertion, and we want a sentence. What rows say is
 * checked later, by their checksums. Layout of a page: number, transaction, flags, then the places of its entries, all
 * counted from the end of the header.
 */
import { readSync } from 'node:fs';

export interface Tree {
  /** The number of the page at its root; NO_PAGE: empty. */
  readonly root: bigint;
  /** How many pages lie on the way from the root to a row. */
  readonly depth: number;
}

export interface PageFile {
  readonly fd: number;
  /** In bytes. What lies beyond it would end the process when LMDB reads it from its map. */
  readonly size: number;
  /** Of the size of a page; each page that is read replaces the one before. */
  readonly scratch: Buffer;
  readonly lastPage: number;
}

const HEADER_BYTES = 24;
const AT = { flags: 18, entriesEnd: 20 };
const BRANCH = 0x01;
const LEAF = 0x02;
const NODE_BYTES = 8;
const NODE = { low: 0, high: 2, flags: 4, keySize: 6 };
const BIG_DATA = 0x01;
const SUB_TREE = 0x02;
const TREE = { depth: 6, root: 40 };
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** A tree as it stands in a metadata page, or in a row of the main tree. */
export const readTree = (bytes: Buffer, at: number): Tree => ({
  root: bytes.readBigUInt64LE(at + TREE.root),
  depth: bytes.readUInt16LE(at + TREE.depth),
});

/** Throws at the first page that is not what it should be. Answers the trees that stand in the rows of this one. */
export function checkTree(pages: PageFile, tree: Tree): Tree[] {
  const inside: Tree[] = [];
  if (tree.root === NO_PAGE) return inside;
  const open = [{ page: tree.root, level: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { page, level } = next;
    const isLeaf = level === tree.depth;
    const bytes = readPage(pages, page, isLeaf ? LEAF : BRANCH);
    for (const node of nodesOf(bytes, Number(page))) {
      const flags = bytes.readUInt16LE(node + NODE.flags);
      if (!isLeaf) open.push({ page: childOf(bytes, node), level: level + 1 });
      else if ((flags & SUB_TREE) !== 0) inside.push(readTree(bytes, dataOf(bytes, node)));
      else if ((flags & BIG_DATA) !== 0) checkBigData(pages, bytes, node);
    }
  }
  return inside;
}

/** A row that is larger than a page has pages of its own, one after the other, the first with a header. */
function checkBigData(pages: PageFile, bytes: Buffer, node: number): void {
  const length = bytes.readUInt16LE(node + NODE.low) | (bytes.readUInt16LE(node + NODE.high) << 16);
  const first = Number(bytes.readBigUInt64LE(dataOf(bytes, node)));
  checkIsThere(pages, first + Math.ceil((HEADER_BYTES + length) / bytes.length) - 1);
}

function checkIsThere({ size, scratch, lastPage }: PageFile, page: number): void {
  if (page > lastPage) throw new Error(`page ${page} is beyond the last one, ${lastPage}`);
  const needed = (page + 1) * scratch.length;
  if (size < needed) throw new Error(`it was cut short: ${size} bytes are left of at least ${needed}`);
}

/** Blocks: at the start nothing else runs, and a promise for each of some hundred thousand pages takes ten times as long. */
function readPage(pages: PageFile, page: bigint, kind: number): Buffer {
  checkIsThere(pages, Number(page));
  const { fd, scratch: bytes } = pages;
  readSync(fd, bytes, 0, bytes.length, Number(page) * bytes.length);
  const isSound = bytes.readBigUInt64LE(0) === page && (bytes.readUInt16LE(AT.flags) & (BRANCH | LEAF)) === kind;
  if (!isSound) throw new Error(`page ${page} is not what it should be`);
  return bytes;
}

function nodesOf(bytes: Buffer, page: number): number[] {
  const end = bytes.readUInt16LE(AT.entriesEnd);
  const nodes: number[] = [];
  for (let at = 0; at < end; at += 2) {
    const node =
      HEADER_BYTES + (HEADER_BYTES + at + 2 <= bytes.length ? bytes.readUInt16LE(HEADER_BYTES + at) : bytes.length);
    const fits = node + NODE_BYTES <= bytes.length && dataOf(bytes, node) <= bytes.length;
    if (!fits) throw new Error(`page ${page} names an entry beyond its end`);
    nodes.push(node);
  }
  return nodes;
}

const childOf = (bytes: Buffer, node: number): bigint =>
  BigInt(bytes.readUInt16LE(node + NODE.low)) |
  (BigInt(bytes.readUInt16LE(node + NODE.high)) << 16n) |
  (BigInt(bytes.readUInt16LE(node + NODE.flags)) << 32n);

const dataOf = (bytes: Buffer, node: number): number => node + NODE_BYTES + bytes.readUInt16LE(node + NODE.keySize);
