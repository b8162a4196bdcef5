/** The app of Marathon that a job is: its definition as /v2 answers it, and what it says in sentences. Pure. */
import type { Job } from '../../src/model/job.ts';

export const appId = (job: Pick<Job, 'ID'>): string => `/${job.ID}`;

const instancesOf = (job: Job): number => job.TaskGroups[0]?.Count ?? 0;

/** With the count, which the job keeps: who scales one scales the other. */
export const appDefinition = (job: Job): Readonly<Record<string, unknown>> => ({
  id: appId(job),
  ...job.Marathon?.App,
  instances: instancesOf(job),
});

export const labelsOf = (job: Job): readonly (readonly [name: string, value: string])[] =>
  Object.entries(recordOf(job.Marathon?.App['labels']))
    .map(([name, value]) => [name, String(value)] as const)
    .sort(([a], [b]) => a.localeCompare(b, 'en'));

/** In Marathon's own names. */
export function appFacts(job: Job): Readonly<Record<string, string | undefined>> {
  const { App = {}, Version } = job.Marathon ?? {};
  const dependencies = Array.isArray(App['dependencies']) ? App['dependencies'].join(', ') : '';
  return {
    id: appId(job),
    instances: String(instancesOf(job)),
    upgradeStrategy: strategyWords(recordOf(App['upgradeStrategy']), instancesOf(job)),
    killSelection: App['killSelection'] === undefined ? undefined : String(App['killSelection']),
    dependencies,
    version: Version,
  };
}

/** "at least 3 of 6 serve during an upgrade (minimumHealthCapacity 0.5), at most 2 more run (maximumOverCapacity 0.25)" */
export function strategyWords(strategy: Readonly<Record<string, unknown>>, instances: number): string {
  const minimum = shareOf(strategy['minimumHealthCapacity']);
  const over = shareOf(strategy['maximumOverCapacity']);
  const least = Math.ceil(instances * minimum);
  const most = Math.floor(instances * over);
  const more = most === 0 ? 'no more than these run' : `at most ${most} more ${most === 1 ? 'runs' : 'run'}`;
  return `at least ${least} of ${instances} serve during an upgrade (minimumHealthCapacity ${minimum}), ${more} (maximumOverCapacity ${over})`;
}

const shareOf = (value: unknown): number => (typeof value === 'number' ? value : 1);

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
