/** What the readiness checks of an app have found, as Marathon answers it while a deployment of the app is under way. */
import type { Allocation } from '../model/allocation.ts';
import type { MarathonApp } from './app.ts';
import { readinessName } from './services.ts';
import { taskIdOf } from './task-view.ts';

export interface ReadinessCheckResult {
  readonly name: string;
  readonly taskId: string;
  readonly ready: boolean;
  /** Where the check asks for it (`preserveLastResponse`) and there was one. */
  readonly lastResponse?: { readonly status: number; readonly contentType: string; readonly body: string };
}

/** Of those that have been looked at. */
export function readinessResults(app: MarathonApp, allocs: readonly Allocation[]): ReadinessCheckResult[] {
  return allocs.flatMap((alloc) =>
    app.readinessChecks.flatMap((check): ReadinessCheckResult[] => {
      const checks = (alloc.Services ?? []).flatMap(({ Checks }) => Checks);
      const found = checks.find(({ Check, Readiness }) => Readiness && Check === readinessName(check));
      if (!found || found.Status === 'pending') return [];
      const { Status, Response } = found;
      return [
        {
          name: check.name,
          taskId: taskIdOf(app.id, alloc.ID),
          ready: Status === 'passing',
          ...(check.preserveLastResponse &&
            Response && {
              lastResponse: { status: Response.Status, contentType: Response.ContentType, body: Response.Body },
            }),
        },
      ];
    }),
  );
}
