/** Small spellings that all tables share: ids, times, sizes. Times are UTC, so that two people read the same text. */
import type { Nanos } from '../../model/nanos.ts';
import { epochMsOf, ZERO_TIME } from '../../model/nanos.ts';

const SHORT_ID = 8;

/** What a formatter knows of its moment and its reader. */
export interface View {
  readonly nowMs: number;
  /** Whole ids and times instead of short ones. */
  readonly verbose: boolean;
}

export const idOf = (id: string, { verbose }: Pick<View, 'verbose'>): string => (verbose ? id : id.slice(0, SHORT_ID));

/** "2026-11-20T16:15:32Z". */
export const formatTime = (epochMs: number): string => `${new Date(Math.floor(epochMs)).toISOString().slice(0, 19)}Z`;

export const formatNanoTime = (nanos: Nanos): string => formatTime(epochMsOf(nanos));

/** A time stamp of the wire; "N/A" where nothing happened yet. */
export const formatStamp = (stamp: string | null | undefined): string =>
  stamp == null || stamp === '' || stamp === ZERO_TIME ? 'N/A' : formatTime(Date.parse(stamp));

/** "5s ago", "1m6s ago", "28s from now"; the whole time when verbose. */
export const formatWhen = (nanos: Nanos, view: View): string =>
  view.verbose ? formatNanoTime(nanos) : formatDistance(epochMsOf(nanos), view.nowMs);

const UNITS: readonly (readonly [seconds: number, letter: string])[] = [
  [365 * 24 * 3600, 'y'],
  [30 * 24 * 3600, 'mo'],
  [24 * 3600, 'd'],
  [3600, 'h'],
  [60, 'm'],
  [1, 's'],
];

/** The two largest units, both moments rounded to seconds first. */
export function formatDistance(epochMs: number, nowMs: number): string {
  const seconds = Math.round(nowMs / 1000) - Math.round(epochMs / 1000);
  return seconds < 0 ? `${largestUnits(-seconds)} from now` : `${largestUnits(seconds)} ago`;
}

function largestUnits(seconds: number): string {
  const first = UNITS.findIndex(([unit]) => seconds >= unit);
  if (first === -1) return '0s';
  const [unit, letter] = UNITS[first]!;
  const [nextUnit, nextLetter] = UNITS[first + 1] ?? [1, ''];
  const rest = nextLetter === '' ? 0 : Math.floor((seconds % unit) / nextUnit);
  return `${Math.floor(seconds / unit)}${letter}${rest > 0 ? `${rest}${nextLetter}` : ''}`;
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** "45 MiB", "1.8 GiB", "0 B": one decimal below ten. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? Number(value.toFixed(1)) : Math.round(value)} ${SIZES[power]}`;
}

export const formatMegabytes = (megabytes: number): string => formatBytes(megabytes * 1024 ** 2);

export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
