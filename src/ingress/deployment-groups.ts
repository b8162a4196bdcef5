/**
 * Blue and green as marathon-lb has them: apps with one label `HAPROXY_DEPLOYMENT_GROUP` share their backends, and the old
 * one gives its place up instance by instance, as fast as instances of the new one serve. Whoever drives the change (zdd)
 * reads from the statistics which ones are drained, and stops them. All of it is asked anew for every table.
 */
import type { Allocation } from '../model/allocation.ts';
import { appLabels, deploymentGroupOf, sharedBackendKey } from '../model/backend-key.ts';
import type { Job } from '../model/job.ts';
import type { Service } from '../model/service.ts';

/** The key of the backend that a service shares; undefined: it has one of its own. */
export type SharedBackends = (job: Job, service: Service) => string | undefined;

/** What the app is in now decides for all of its versions: users come in by one backend. */
export function sharedBackends(jobs: readonly Job[]): SharedBackends {
  const current = new Map(jobs.filter(({ Stop }) => !Stop).map((job) => [jobKey(job), deploymentGroupOf(job)]));
  return (job, service) => {
    const key = jobKey(job);
    return sharedBackendKey(job, service, current.has(key) ? current.get(key) : deploymentGroupOf(job));
  };
}

/** One app of a deployment group. */
export interface Colour {
  /** Of the label `HAPROXY_DEPLOYMENT_STARTED_AT`; 0: it says nothing that is a time. */
  readonly startedAtMs: number;
  readonly createIndex: number;
  readonly lastScalingAt: string;
  /** As many as it wants. */
  readonly instances: number;
  /** As many as both together are to have; undefined: it does not say. */
  readonly target: number | undefined;
  /** It has the label `HAPROXY_DEPLOYMENT_NEW_INSTANCES`. */
  readonly saysNewInstances: boolean;
  /** Its instances that are fit for requests, by id. */
  readonly tasks: readonly string[];
  /** Those of them that every ingress sends requests to. */
  readonly serving: number;
}

/**
 * The instances of the old colour that get nothing new: never more than the new one can take over, and never so many that
 * fewer than the target are left. In order of their ids, so that the same ones stay drained while the number grows.
 *
 * | new: instances, serving | old: instances, fit | target | drained |
 * |-------------------------|---------------------|--------|---------|
 * | 1, 0                    | 2, 2                | 2      | 0       |
 * | 1, 1                    | 2, 2                | 2      | 1       |
 * | 2, 2                    | 1, 1                | 2      | 1       |
 * | 3, 2                    | 4, 4                | 4      | 2       |
 * | 3, 3                    | 4, 1                | 4      | 1       |
 * | 2, 2                    | 2, 2                | 10     | 0       |
 * | 1, 1                    | 4, 4                | none   | 1       |
 */
export function drainedTasks(colours: readonly Colour[]): readonly string[] {
  if (colours.length < 2) return [];
  const [fresh, ...old] = inOrder(colours);
  const target = fresh!.target ?? old.find(({ target: said }) => said !== undefined)?.target;
  const wanted = old.reduce((sum, { instances }) => sum + instances, 0);
  // Where nobody says how many both are to have, each new one replaces an old one.
  const excess = target === undefined ? fresh!.serving : fresh!.serving + wanted - target;
  const tasks = old.flatMap((colour) => colour.tasks).toSorted();
  return tasks.slice(0, Math.max(0, Math.min(fresh!.serving, excess)));
}

/**
 * The new one first. Just after somebody took an instance from the old one, and until the new one is scaled, the two change
 * their places: then neither has too many, and nothing is drained.
 */
function inOrder(colours: readonly Colour[]): readonly Colour[] {
  const byStart = colours.toSorted((a, b) => b.startedAtMs - a.startedAtMs || b.createIndex - a.createIndex);
  const fresh = byStart[0]!;
  if (!fresh.saysNewInstances) return byStart;
  const scaledLast = byStart.reduce((last, each) => (each.lastScalingAt > last.lastScalingAt ? each : last));
  return [scaledLast, ...byStart.filter((each) => each !== scaledLast)];
}

interface Served {
  readonly alloc: Allocation;
  readonly isReady: boolean;
}

/** The allocations that are to be drained, of all groups. */
export function drainedColours(jobs: readonly Job[], served: readonly Served[]): ReadonlySet<string> {
  const groups = new Map<string, Job[]>();
  for (const job of jobs) {
    const group = job.Stop ? undefined : deploymentGroupOf(job);
    if (group === undefined) continue;
    const key = `${job.Namespace}/${group}`;
    groups.set(key, [...(groups.get(key) ?? []), job]);
  }
  const drained = [...groups.values()]
    .filter((apps) => apps.length > 1)
    .flatMap((apps) => drainedTasks(apps.map((job) => colourOf(job, served))));
  return new Set(drained);
}

function colourOf(job: Job, served: readonly Served[]): Colour {
  const labels = appLabels(job);
  const fit = served.filter(({ alloc, isReady }) => isReady && isOf(alloc, job)).map(({ alloc }) => alloc);
  const target = Number.parseInt(labels.HAPROXY_DEPLOYMENT_TARGET_INSTANCES ?? '', 10);
  return {
    startedAtMs: timeOf(labels.HAPROXY_DEPLOYMENT_STARTED_AT),
    createIndex: job.CreateIndex,
    lastScalingAt: job.Marathon?.LastScalingAt ?? '',
    instances: job.TaskGroups.reduce((sum, { Count }) => sum + Count, 0),
    target: Number.isNaN(target) ? undefined : target,
    saysNewInstances: labels.HAPROXY_DEPLOYMENT_NEW_INSTANCES !== undefined,
    tasks: fit.map(({ ID }) => ID).sort(),
    serving: fit.filter(({ Traffic }) => Traffic?.Ready === true).length,
  };
}

/** zdd writes the time of its machine without a zone: both colours are read alike, whatever it is. */
function timeOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
  return Number.isNaN(time) ? 0 : time;
}

const jobKey = ({ Namespace, ID }: Pick<Job, 'Namespace' | 'ID'>): string => `${Namespace}/${ID}`;

const isOf = ({ Namespace, JobID }: Allocation, job: Job): boolean => JobID === job.ID && Namespace === job.Namespace;
