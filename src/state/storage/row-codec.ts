/** How the embedded store writes a row: MessagePack behind a checksum, so that damage is noticed and not loaded. */
import { crc32 } from 'node:zlib';
import { Packr } from 'msgpackr';

const CHECKSUM_BYTES = 4;
const CREATED_BYTES = 6;

const packr = new Packr({ useRecords: false });

export function encodeValue(value: unknown): Buffer {
  const body = packr.pack(value);
  const bytes = Buffer.allocUnsafe(CHECKSUM_BYTES + body.length);
  bytes.writeUInt32LE(crc32(body), 0);
  bytes.set(body, CHECKSUM_BYTES);
  return bytes;
}

/** Throws when the bytes are not what was written. */
export function decodeValue(bytes: Buffer): unknown {
  if (bytes.length <= CHECKSUM_BYTES) throw new Error('it is too short');
  const body = bytes.subarray(CHECKSUM_BYTES);
  if (crc32(body) !== bytes.readUInt32LE(0)) throw new Error('its checksum does not match');
  return packr.unpack(body);
}

/**
 * Rows stand in the order of their creation: new ones are neighbours at the end of the tree, where random ids would
 * dirty a page each (five times slower), and a load meets them in the order in which they came.
 */
export function encodeKey(createIndex: number, key: string): Buffer {
  const bytes = Buffer.allocUnsafe(CREATED_BYTES + Buffer.byteLength(key));
  bytes.writeUIntBE(createIndex, 0, CREATED_BYTES);
  bytes.write(key, CREATED_BYTES);
  return bytes;
}

export const decodeKey = (bytes: Buffer): string => bytes.toString('utf8', CREATED_BYTES);
