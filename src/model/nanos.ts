/**
 * The wire's times and durations: nanoseconds in a JSON number. Ours are derived from milliseconds, which survive the
 * way through a double and back; a peer's own digits below the millisecond may be rounded.
 */
import { nanosFromMs } from '../lib/duration.ts';

export type Nanos = number;

export const MILLISECOND: Nanos = 1e6;
export const SECOND: Nanos = 1e9;
export const MINUTE: Nanos = 60 * SECOND;
export const HOUR: Nanos = 60 * MINUTE;

/** A point of time of ours, in nanoseconds since the epoch. */
export const nanosOf = (epochMs: number): Nanos => nanosFromMs(Math.round(epochMs));
/** Milliseconds since the epoch of a point of time on the wire. */
export const epochMsOf = (nanos: Nanos): number => Math.round(nanos / MILLISECOND);
/** "2026-11-20T16:15:41.385Z", as time stamps that are text stand on the wire. */
export const timestampOf = (epochMs: number): string => new Date(epochMs).toISOString();
/** What the wire says for "never": the zero time of its peers. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';
