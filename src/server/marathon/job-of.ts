/** The job that an app is to be, with the app itself kept in it. */

import { type JobOptions, jobOfApp } from '../../marathon/app-to-job.ts';
import type { AppState } from '../../marathon/root.ts';
import type { JobRequest, MarathonPart } from '../../model/job.ts';

export function jobRequestOf({ app, at, restartedAt }: AppState, options: JobOptions): JobRequest {
  const { instances: _, id: __, ...App } = app;
  const Marathon: MarathonPart = {
    App: App as unknown as Record<string, unknown>,
    Version: at.version,
    LastScalingAt: at.lastScalingAt,
    LastConfigChangeAt: at.lastConfigChangeAt,
    ...(restartedAt !== undefined && { RestartedAt: restartedAt }),
  };
  return {
    ...jobOfApp(app, { ...options, version: runningVersion({ app, at, ...(restartedAt && { restartedAt }) }) }),
    Marathon,
  };
}

/** What tasks know as their app's version: it changes when they are replaced, and only then. */
export const runningVersion = ({ at, restartedAt }: AppState): string =>
  restartedAt !== undefined && restartedAt > at.lastConfigChangeAt ? restartedAt : at.lastConfigChangeAt;
