/**
 * From what a client sends to the canonical job of the wire: every default filled in, job level blocks merged under the
 * groups', keys in the wire's order. What the server sets (version, indexes, status) starts at its zero.
 * A value of the wrong type is a problem; `validate.ts` judges whether the values make sense.
 */

import { readAffinity, readConstraint, readSpread } from './canonicalize-constraints.ts';
import { canonicalizeGroup } from './canonicalize-group.ts';
import { jobUpdateOf } from './canonicalize-policies.ts';
import { addImpliedConstraints } from './implied-constraints.ts';
import {
  DEFAULT_NAMESPACE,
  DEFAULT_REGION,
  type Job,
  type JobRequest,
  type JobType,
  JobTypes,
  type MarathonPart,
} from './job.ts';
import { RequestFields } from './request-fields.ts';

export interface CanonicalJob {
  readonly job: Job;
  /** One sentence each, beginning with the JSON path; empty when every value has its type. */
  readonly problems: readonly string[];
}

export const DEFAULT_PRIORITY = 50;

export function canonicalizeJob(request: JobRequest): CanonicalJob {
  const problems: string[] = [];
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    problems.push('Job: expected an object');
    return { job: readJob(new RequestFields({}, '', [])), problems };
  }
  const job = readJob(new RequestFields(request, '', problems));
  // A job level block is read once for each group that inherits it.
  return { job, problems: [...new Set(problems)] };
}

function readJob(fields: RequestFields): Job {
  const id = fields.text('ID');
  const name = fields.text('Name') || id;
  const type = readType(fields);
  const groups = fields.list('TaskGroups', (group) => canonicalizeGroup(group, { jobName: name, type, job: fields }));
  return {
    Stop: fields.boolean('Stop'),
    Region: fields.text('Region') || DEFAULT_REGION,
    Namespace: fields.text('Namespace') || DEFAULT_NAMESPACE,
    ID: id,
    ParentID: fields.text('ParentID'),
    Name: name,
    Type: type,
    Priority: fields.integer('Priority') || DEFAULT_PRIORITY,
    AllAtOnce: fields.boolean('AllAtOnce'),
    Datacenters: fields.texts('Datacenters') ?? [],
    Constraints: fields.list('Constraints', readConstraint),
    Affinities: fields.list('Affinities', readAffinity),
    Spreads: fields.list('Spreads', readSpread),
    TaskGroups: (groups ?? []).map(addImpliedConstraints),
    Update: jobUpdateOf(fields, type),
    Multiregion: fields.opaque('Multiregion'),
    Periodic: readPeriodic(fields.object('Periodic')),
    ParameterizedJob: readParameterized(fields.object('ParameterizedJob')),
    Dispatched: fields.boolean('Dispatched'),
    Payload: fields.text('Payload') || null,
    Meta: fields.textMap('Meta'),
    ConsulToken: fields.text('ConsulToken'),
    ConsulNamespace: fields.text('ConsulNamespace'),
    VaultToken: fields.text('VaultToken'),
    VaultNamespace: fields.text('VaultNamespace'),
    NomadTokenID: fields.text('NomadTokenID'),
    Status: 'pending',
    StatusDescription: '',
    Stable: false,
    Version: 0,
    SubmitTime: 0,
    CreateIndex: 0,
    ModifyIndex: 0,
    JobModifyIndex: 0,
    ...marathonOf(fields),
  };
}

/** The server alone writes it; whoever reads a job and sends it back brings it along. */
function marathonOf(fields: RequestFields): Pick<Job, 'Marathon'> {
  const part = fields.opaque('Marathon');
  return part === null ? {} : { Marathon: part as unknown as MarathonPart };
}

/** An unknown type stays as it was sent: validation names the ones that exist. */
function readType(fields: RequestFields): JobType {
  return (fields.text('Type') || JobTypes.service) as JobType;
}

function readPeriodic(fields: RequestFields | undefined): unknown {
  if (!fields) return null;
  return {
    Enabled: fields.boolean('Enabled', true),
    Spec: fields.text('Spec'),
    SpecType: fields.text('SpecType') || 'cron',
    ProhibitOverlap: fields.boolean('ProhibitOverlap'),
    TimeZone: fields.text('TimeZone') || 'UTC',
  };
}

function readParameterized(fields: RequestFields | undefined): unknown {
  if (!fields) return null;
  return {
    Payload: fields.text('Payload') || 'optional',
    MetaRequired: fields.texts('MetaRequired'),
    MetaOptional: fields.texts('MetaOptional'),
  };
}
