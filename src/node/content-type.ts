/** What a file seems to hold, by its name and, where that says nothing, by how it begins. */
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { extname } from 'node:path';
import { reachOf } from './inside-path.ts';

const BY_NAME: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gz': 'application/gzip',
  '.htm': 'text/html; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.log': 'text/plain; charset=utf-8',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'text/xml; charset=utf-8',
};

const LOOKED_AT_BYTES = 512;
/** A character may be cut at the end of what was looked at. */
const LONGEST_CHARACTER = 4;

/** `handle` need not be open for reading. */
export async function contentTypeOf(handle: FileHandle, name: string): Promise<string> {
  return BY_NAME[extname(name).toLowerCase()] ?? typeOf(await beginningOf(handle));
}

async function beginningOf(handle: FileHandle): Promise<Buffer | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(reachOf(handle), constants.O_RDONLY | constants.O_NONBLOCK);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOKED_AT_BYTES), 0, LOOKED_AT_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    // A file that the agent may not read still has its size and time.
    return undefined;
  } finally {
    await file?.close();
  }
}

export function typeOf(beginning: Buffer | undefined): string {
  const isText = beginning !== undefined && !beginning.includes(0) && isMostlyUtf8(beginning);
  return isText ? 'text/plain; charset=utf-8' : 'application/octet-stream';
}

function isMostlyUtf8(beginning: Buffer): boolean {
  if (beginning.length < LOOKED_AT_BYTES) return isUtf8(beginning);
  return [0, 1, 2, LONGEST_CHARACTER - 1].some((cut) => isUtf8(beginning.subarray(0, beginning.length - cut)));
}
