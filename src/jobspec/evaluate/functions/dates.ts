/** Functions on RFC 3339 time stamps. The present is no value of a job file: the same file is always the same job. */
import { msFromNanos, parseDuration } from '../../../lib/duration.ts';
import { fail, text } from '../arguments.ts';
import { define, type PureFunction } from '../function-table.ts';

export const dateFunctions: Readonly<Record<string, PureFunction>> = {
  formatdate: define('format, timestamp', (args) => formatDate(text(args, 0), stamp(text(args, 1), 1))),
  timeadd: define('timestamp, duration', (args) => {
    const nanos = parseDuration(text(args, 1)) ?? fail(1, 'this is no duration such as "1h30m"');
    const moved = stamp(text(args, 0), 0).getTime() + msFromNanos(nanos);
    return Math.abs(moved) < 8e15 ? new Date(moved).toISOString().replace('.000Z', 'Z') : fail(1, 'too far away');
  }),
};

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function stamp(value: string, at: number): Date {
  const date = new Date(value);
  if (!RFC3339.test(value) || Number.isNaN(date.getTime())) {
    return fail(at, `"${value}" is no time stamp such as "2026-01-31T10:20:30Z"`);
  }
  return date;
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const two = (value: number): string => `${value}`.padStart(2, '0');

/** In UTC; ordered so that a longer run of a letter is found first. */
const VERBS: Readonly<Record<string, (date: Date) => string>> = {
  YYYY: (date) => `${date.getUTCFullYear()}`.padStart(4, '0'),
  YY: (date) => two(date.getUTCFullYear() % 100),
  MMMM: (date) => MONTHS[date.getUTCMonth()]!,
  MMM: (date) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  MM: (date) => two(date.getUTCMonth() + 1),
  M: (date) => `${date.getUTCMonth() + 1}`,
  DD: (date) => two(date.getUTCDate()),
  D: (date) => `${date.getUTCDate()}`,
  EEEE: (date) => DAYS[date.getUTCDay()]!,
  EEE: (date) => DAYS[date.getUTCDay()]!.slice(0, 3),
  hh: (date) => two(date.getUTCHours()),
  h: (date) => `${date.getUTCHours()}`,
  HH: (date) => two(date.getUTCHours() % 12 || 12),
  H: (date) => `${date.getUTCHours() % 12 || 12}`,
  AA: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  aa: (date) => (date.getUTCHours() < 12 ? 'am' : 'pm'),
  mm: (date) => two(date.getUTCMinutes()),
  m: (date) => `${date.getUTCMinutes()}`,
  ss: (date) => two(date.getUTCSeconds()),
  s: (date) => `${date.getUTCSeconds()}`,
  ZZZZZ: () => '+00:00',
  ZZZZ: () => '+0000',
  ZZZ: () => 'UTC',
  Z: () => 'Z',
};

const RUN = /'((?:[^']|'')*)'|([A-Za-z])\2*/g;

function formatDate(format: string, date: Date): string {
  return format.replace(RUN, (run, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted.replaceAll("''", "'");
    const verb = Object.hasOwn(VERBS, run) ? VERBS[run] : undefined;
    return verb ? verb(date) : fail(0, `"${run}" is no part of a date; put text in single quotes`);
  });
}
