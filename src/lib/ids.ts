/** Ids are UUIDs, as on the wire. Making one is a parameter (`NewId`), so that the simulation repeats itself. */
import { randomUUID } from 'node:crypto';
import type { Random } from './random.ts';

export type NewId = () => string;

export const newUuid: NewId = () => randomUUID();

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
