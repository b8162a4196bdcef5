/**
 * Judges a canonical job: every problem at once, as a tree whose text is the wire's (`renderErrors`), and warnings for
 * what works but is probably not meant.
 */

import { SerinError } from '../lib/errors.ts';
import { type ErrorTree, hasErrors, renderErrors, topLevelErrors, within, wrong, wrongIf } from './error-tree.ts';
import { type Job, JobTypes } from './job.ts';
import { validateAffinities, validateConstraints, validateSpreads } from './validate-constraints.ts';
import { validateGroup } from './validate-group.ts';
import { findRepeated } from './validate-network.ts';
import { validateRoutes } from './validate-routes.ts';
import { findUpdateWarnings } from './validate-update.ts';

export interface JobVerdict {
  readonly errors: ErrorTree;
  /** Complete sentences; `renderWarnings` makes the wire's text of them. */
  readonly warnings: readonly string[];
}

const CRON_FIELDS = [5, 6, 7];
const PAYLOADS = ['optional', 'required', 'forbidden'];

export function validateJob(job: Job): JobVerdict {
  return { errors: { message: '', children: findErrors(job) }, warnings: findWarnings(job) };
}

/** The error that answers a job with problems; undefined when there are none. */
export function invalidJobError(errors: ErrorTree): SerinError | undefined {
  return hasErrors(errors) ? new SerinError('invalidJob', renderErrors(errors)) : undefined;
}

function findErrors(job: Job): ErrorTree[] {
  return [
    ...validateHead(job),
    ...wrongIf(job.Datacenters.length === 0, 'Missing job datacenters'),
    ...wrongIf(job.Datacenters.includes(''), 'Job datacenter must be non-empty string'),
    ...wrongIf(job.TaskGroups.length === 0, 'Missing job task groups'),
    ...validateConstraints(job.Constraints, 'job'),
    ...validateAffinities(job.Affinities),
    ...validateSpreads(job.Spreads),
    ...findRepeatedGroups(job),
    ...job.TaskGroups.flatMap((group, at) =>
      within(`Task group ${group.Name || at + 1} validation failed`, validateGroup(group, job.Type)),
    ),
    ...validatePeriodic(job),
    ...validateParameterized(job),
    ...validateRoutes(job),
  ];
}

function validateHead(job: Job): ErrorTree[] {
  const types = Object.keys(JobTypes);
  return [
    ...wrongIf(job.ID === '', 'Missing job ID'),
    ...wrongIf(job.ID.includes(' '), 'Job ID contains a space'),
    ...wrongIf(job.ID.includes('\0'), 'Job ID contains a null character'),
    ...wrongIf(job.ID !== '' && job.Name === '', 'Missing job name'),
    ...wrongIf(job.Name.includes('\0'), 'Job Name contains a null character'),
    ...wrongIf(!types.includes(job.Type), `Invalid job type: ${JSON.stringify(job.Type)} (use ${types.join(', ')})`),
    ...wrongIf(job.Priority < 1 || job.Priority > 100, `Job priority must be between [1, 100], not ${job.Priority}`),
  ];
}

function findRepeatedGroups(job: Job): ErrorTree[] {
  return findRepeated(job.TaskGroups, (group) => group.Name).flatMap(({ item, first }) =>
    wrong(
      `Job task group ${item.Name} is defined twice, as group ${job.TaskGroups.indexOf(first) + 1} and ${job.TaskGroups.indexOf(item) + 1}`,
    ),
  );
}

function validatePeriodic(job: Job): ErrorTree[] {
  const periodic = job.Periodic as { Enabled: boolean; Spec: string; SpecType: string; TimeZone: string } | null;
  if (!periodic?.Enabled) return [];
  const fields = periodic.Spec.trim().split(/\s+/).length;
  const isCron = periodic.Spec.startsWith('@') || CRON_FIELDS.includes(fields);
  return [
    ...wrongIf(
      job.Type !== 'batch' && job.Type !== 'sysbatch',
      `Periodic can only be used with "batch" or "sysbatch" scheduler`,
    ),
    ...wrongIf(periodic.Spec === '', 'Must specify a spec'),
    ...wrongIf(
      periodic.SpecType !== 'cron',
      `Unknown periodic specification type ${JSON.stringify(periodic.SpecType)}`,
    ),
    ...wrongIf(
      periodic.Spec !== '' && !isCron,
      `Invalid cron spec ${JSON.stringify(periodic.Spec)}: it has ${fields} fields, not ${CRON_FIELDS.join(', ')}`,
    ),
    ...wrongIf(!isTimeZone(periodic.TimeZone), `Invalid time zone ${JSON.stringify(periodic.TimeZone)}`),
  ];
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return name === 'Local';
  }
}

function validateParameterized(job: Job): ErrorTree[] {
  const rule = job.ParameterizedJob as {
    Payload: string;
    MetaRequired: string[] | null;
    MetaOptional: string[] | null;
  } | null;
  if (!rule) return [];
  const both = (rule.MetaRequired ?? []).filter((key) => rule.MetaOptional?.includes(key));
  return [
    ...wrongIf(
      job.Type !== 'batch' && job.Type !== 'sysbatch',
      `Parameterized job can only be used with "batch" or "sysbatch" scheduler`,
    ),
    ...wrongIf(!PAYLOADS.includes(rule.Payload), `Unknown payload requirement: ${JSON.stringify(rule.Payload)}`),
    ...wrongIf(
      both.length > 0,
      `Required and optional meta keys should be disjoint. Following keys exist in both: ${both.join(', ')}`,
    ),
  ];
}

function findWarnings(job: Job): string[] {
  const ofGroups = job.TaskGroups.flatMap((group) =>
    within(`Group ${JSON.stringify(group.Name)} has warnings`, findUpdateWarnings(group, job)),
  );
  return [...topLevelErrors({ message: '', children: ofGroups }), ...findPromotionWarnings(job)];
}

function findPromotionWarnings(job: Job): string[] {
  const withCanaries = job.TaskGroups.filter((group) => (group.Update?.Canary ?? 0) > 0);
  const automatic = withCanaries.filter((group) => group.Update?.AutoPromote);
  const isMixed = automatic.length > 0 && automatic.length < withCanaries.length;
  return isMixed ? ['auto_promote must be true for all groups with canaries to enable automatic promotion'] : [];
}
