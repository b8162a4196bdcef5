/**
 * Durations as people write them ("1h30m", "250ms") and as the wire carries them (nanoseconds).
 * The syntax is that of job files: decimal numbers with a unit, several in a row, an optional sign.
 */

const UNIT_NANOS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Nanoseconds, or undefined when the text is no duration ("30", "5 s", "1d"). "0" is 0. */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  let nanos = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < body.length) {
    const match = PART.exec(body);
    if (!match) return undefined;
    nanos += Number(match[1]) * UNIT_NANOS[match[2]!]!;
  }
  return body === '' ? undefined : sign * Math.round(nanos);
}

/** "1h30m0s", "1.5s", "250ms", "0s": the spelling that the wire's peers print. */
export function formatDuration(nanos: number): string {
  if (nanos === 0) return '0s';
  if (nanos < 0) return `-${formatDuration(-nanos)}`;
  if (nanos < 1e3) return `${nanos}ns`;
  if (nanos < 1e6) return `${trim(nanos / 1e3)}µs`;
  if (nanos < 1e9) return `${trim(nanos / 1e6)}ms`;
  const hours = Math.floor(nanos / 3600e9);
  const minutes = Math.floor((nanos % 3600e9) / 60e9);
  const seconds = `${trim((nanos % 60e9) / 1e9)}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

export const nanosFromMs = (ms: number): number => ms * 1e6;
export const msFromNanos = (nanos: number): number => nanos / 1e6;

function trim(value: number): string {
  return Number(value.toFixed(9)).toString();
}
