/** Times as people say them: one decimal below ten seconds, whole seconds above. */
import { formatDuration, nanosFromMs } from '../lib/duration.ts';

/** "2.5s", "28s", "4m12s". */
export function timeWords(ms: number): string {
  const step = Math.abs(ms) < 10_000 ? 100 : 1000;
  return formatDuration(nanosFromMs(Math.max(0, Math.round(ms / step) * step)));
}
