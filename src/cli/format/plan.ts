/** What `plan` prints: the diff, what the scheduler would do and why it cannot, and the command that submits exactly this. */
import type { PlanView } from '../../api/views.ts';
import { formatJobDiff } from './diff.ts';
import { formatFailedGroups } from './metrics.ts';
import type { Style } from './style.ts';

export interface PlanOptions {
  readonly verbose: boolean;
  readonly diff: boolean;
  /** The path as it was given, with the variables before it: `-var "a=b" web.hcl`. */
  readonly runArguments: string;
}

export function formatPlan(plan: PlanView, options: PlanOptions, style: Style): string {
  const diff = options.diff && plan.Diff ? `${formatJobDiff(plan.Diff, options, style)}\n\n` : '';
  const warnings = plan.Warnings ? `\n\n${formatWarnings(plan.Warnings, style)}` : '';
  return `${diff}${formatDryRun(plan, style)}${warnings}\n\n${formatModifyIndex(plan, options, style)}`;
}

/** Exit status of `plan`: 1 where allocations would be made or destroyed, 0 where not. */
export function planExitCode(plan: PlanView): 0 | 1 {
  const groups = Object.values(plan.Annotations?.DesiredTGUpdates ?? {});
  const changes = groups.some(
    (group) => group.Stop + group.Place + group.Migrate + group.DestructiveUpdate + group.Canary > 0,
  );
  return changes ? 1 : 0;
}

/** The server's warnings end in blank lines of their own. */
export const formatWarnings = (warnings: string, style: Style): string =>
  `${style.bold(style.yellow('Job Warnings:'))}\n${warnings}`;

function formatDryRun(plan: PlanView, style: Style): string {
  const failed = plan.FailedTGAllocs ?? {};
  const result =
    Object.keys(failed).length === 0
      ? style.bold(style.green('- All tasks successfully allocated.'))
      : `${style.bold(style.yellow('- WARNING: Failed to place all allocations.'))}\n${formatFailedGroups(failed, '  ')}`;
  const course = (plan.Course ?? []).map((sentence) => `- ${sentence}`);
  return [style.bold('Scheduler dry-run:'), result, ...course].join('\n');
}

function formatModifyIndex(plan: PlanView, options: PlanOptions, style: Style): string {
  return `${style.bold(`Job Modify Index: ${plan.JobModifyIndex}`)}
To submit the job with version verification run:

serin job run -check-index ${plan.JobModifyIndex} ${options.runArguments}

When running the job with the check-index flag, the job will only be run if the
job modify index given matches the server-side version. If the index has
changed, another user has modified the job and the plan's results are
potentially invalid.`;
}
