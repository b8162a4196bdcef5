/** Times in the reader's zone, and how long ago or how long still, which go on by themselves. */
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all that count seconds. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => nowMs);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const tell of listeners) tell();
  }, 1000);
  nowMs = Date.now();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const WHOLE = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

export const wholeTime = (ms: number): string => WHOLE.format(ms);

/** "3m ago", with the whole time for whoever points at it. */
export function Ago({ ms }: { readonly ms: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(ms).toISOString()} title={wholeTime(ms)}>
      {now - ms < 1000 ? 'now' : `${spanOf(now - ms)} ago`}
    </time>
  );
}

/** "in 1m 20s"; once it is over: "due". */
export function Countdown({ untilMs }: { readonly untilMs: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(untilMs).toISOString()} title={wholeTime(untilMs)}>
      {untilMs <= now ? 'due' : `in ${spanOf(untilMs - now)}`}
    </time>
  );
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** The two largest units: "2h 5m". */
export function spanOf(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1000));
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0 || (unit === 's' && parts.length === 0)) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(' ');
}
