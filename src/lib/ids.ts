/** Ids are UUIDs, as on the wire. Making one is a parameter (`NewId`), so that the simulation repeats itself. */
import { randomFillSync } from 'node:crypto';
import type { Random } from './random.ts';

export type NewId = () => string;

const UUID_BYTES = 16;
const entropy = Buffer.alloc(256 * UUID_BYTES);
let entropyUsed = entropy.length;

/**
 * A random UUID (version 4). The runtime's own comes as a rope of twenty pieces, which every table that it becomes a key
 * of pays for: with ten thousand placements that was a twentieth of the whole evaluation.
 */
export const newUuid: NewId = () => {
  if (entropyUsed === entropy.length) {
    randomFillSync(entropy);
    entropyUsed = 0;
  }
  const bytes = entropy.subarray(entropyUsed, entropyUsed + UUID_BYTES);
  entropyUsed += UUID_BYTES;
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return written(bytes);
};

const DIGITS = Buffer.from('0123456789abcdef');
const text = Buffer.from('00000000-0000-0000-0000-000000000000');
/** Where each byte's two digits stand. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

function written(bytes: Uint8Array): string {
  for (let at = 0; at < UUID_BYTES; at++) {
    const place = PLACES[at]!;
    text[place] = DIGITS[bytes[at]! >> 4]!;
    text[place + 1] = DIGITS[bytes[at]! & 0x0f]!;
  }
  return text.toString('latin1');
}

export function seededIds(random: Random): NewId {
  return () => {
    const hex = Array.from({ length: 32 }, () => Math.floor(random.next() * 16).toString(16)).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

/** The eight characters that tables show. */
export const shortId = (id: string): string => id.slice(0, 8);
