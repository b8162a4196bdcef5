/** The deadline that an app may ask for: Marathon itself waits for as long as it takes. */
import { parseDuration } from '../lib/duration.ts';
import type { MarathonApp } from './app.ts';

/** Within this time another instance must become healthy and ready, or the deployment fails. */
export const PROGRESS_DEADLINE = 'SERIN_PROGRESS_DEADLINE';

/** In nanoseconds; undefined: there is none, or nobody can read it (see `deadlineProblem`). */
export function progressDeadlineOf({ labels }: Pick<MarathonApp, 'labels'>): number | undefined {
  const text = labels[PROGRESS_DEADLINE];
  const nanos = text === undefined ? undefined : parseDuration(text);
  return nanos !== undefined && nanos > 0 ? nanos : undefined;
}

export function deadlineProblem(app: Pick<MarathonApp, 'labels'>): string | undefined {
  const text = app.labels[PROGRESS_DEADLINE];
  if (text === undefined || progressDeadlineOf(app) !== undefined) return undefined;
  return `got ${JSON.stringify(text)}, expected a time such as 10m`;
}
