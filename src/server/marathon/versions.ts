/** Marathon's time stamps: what changed of an app, and when. Each change of anything has one of its own. */
import { isDeepStrictEqual } from 'node:util';
import type { MarathonApp } from '../../marathon/app.ts';
import type { AppState, Root } from '../../marathon/root.ts';
import type { MarathonPart } from '../../model/job.ts';

/** Later than that of any app and than `known`, even within one millisecond, or where the clock was set back. */
export function nextVersion(root: Root, nowMs: number, known = ''): string {
  const last = [...root.apps.values()].reduce((newest, { at }) => (at.version > newest ? at.version : newest), known);
  return new Date(Math.max(nowMs, last === '' ? 0 : Date.parse(last) + 1)).toISOString();
}

/** A change of the count alone, or none at all, is a scaling; anything else is a change of the configuration, too. */
export function changedApp(before: AppState | undefined, app: MarathonApp, version: string): AppState {
  if (!before) return { app, at: { version, lastScalingAt: version, lastConfigChangeAt: version } };
  if (isDeepStrictEqual(before.app, app)) return before;
  const isScaling = isDeepStrictEqual({ ...before.app, instances: app.instances }, app);
  const lastConfigChangeAt = isScaling ? before.at.lastConfigChangeAt : version;
  return { ...before, app, at: { version, lastScalingAt: version, lastConfigChangeAt } };
}

export const restartedApp = (before: AppState, version: string): AppState => ({
  ...before,
  at: { ...before.at, version, lastScalingAt: version },
  restartedAt: version,
});

/** Of an app that somebody scales as the job that it is. */
export function scaledPart(part: MarathonPart, nowMs: number): MarathonPart {
  const version = new Date(Math.max(nowMs, Date.parse(part.Version) + 1)).toISOString();
  return { ...part, Version: version, LastScalingAt: version };
}
