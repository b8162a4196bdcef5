/** The body of a drain: `{DrainSpec: {Deadline, IgnoreSystemJobs} | null, MarkEligible, Meta}`. */
import { SerinError } from '../../lib/errors.ts';
import type { DrainSpec } from '../../model/node.ts';
import type { DrainRequest } from '../../server/operations.ts';
import { type Body, isObject } from '../body.ts';

export function drainRequestOf(body: Body): DrainRequest {
  return {
    spec: specOf(body.DrainSpec),
    markEligible: flagOf('MarkEligible', body.MarkEligible),
    meta: metaOf(body.Meta),
  };
}

/** Clients that leave the specification out end a drain, as the wire has it. */
function specOf(value: unknown): DrainSpec | null {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw bad('DrainSpec must be an object with Deadline and IgnoreSystemJobs, or null.');
  return {
    Deadline: deadlineOf(value.Deadline),
    IgnoreSystemJobs: flagOf('DrainSpec.IgnoreSystemJobs', value.IgnoreSystemJobs),
  };
}

function deadlineOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw bad('DrainSpec.Deadline must be a number of nanoseconds; 0: no deadline, -1: everything at once.');
}

function flagOf(name: string, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw bad(`${name} must be true or false.`);
}

function metaOf(value: unknown): DrainRequest['meta'] {
  if (value === undefined || value === null) return null;
  const isText = isObject(value) && Object.values(value).every((each) => typeof each === 'string');
  if (isText) return value as Record<string, string>;
  throw bad('Meta must be an object of texts.');
}

const bad = (message: string): SerinError => new SerinError('badRequest', message);
