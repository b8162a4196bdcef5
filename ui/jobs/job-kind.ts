/** What kind of job it is, in one word that people filter by: its type, unless something says more. */
import type { JobStub } from '../../src/api/views.ts';

export const JobKinds = ['service', 'batch', 'system', 'sysbatch', 'periodic', 'parameterized', 'marathon'] as const;
export type JobKind = (typeof JobKinds)[number];

type Known = Pick<JobStub, 'Type'> & {
  readonly Marathon?: unknown;
  readonly Periodic?: unknown;
  readonly ParameterizedJob?: unknown;
};

export function kindOf({ Type, Marathon, Periodic, ParameterizedJob }: Known): JobKind {
  if (Marathon) return 'marathon';
  if (Periodic) return 'periodic';
  return ParameterizedJob ? 'parameterized' : Type;
}

export const kindWords: Readonly<Record<JobKind, string>> = {
  service: 'service',
  batch: 'batch',
  system: 'system',
  sysbatch: 'sysbatch',
  periodic: 'periodic',
  parameterized: 'parameterized',
  marathon: 'Marathon app',
};
