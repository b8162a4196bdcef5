/**
 * Which backend a service is a part of: the services of one name in a job are one. The apps of one deployment group (the
 * label `HAPROXY_DEPLOYMENT_GROUP` of Marathon's blue/green) are several jobs and share their backends, port by port.
 */
import { groupServices } from './ingress-services.ts';
import type { Job } from './job.ts';
import type { Service } from './service.ts';

/** The labels of the app that the job is; of other jobs none. */
export function appLabels({ Marathon }: Pick<Job, 'Marathon'>): Readonly<Record<string, string>> {
  return (Marathon?.App.labels as Record<string, string> | undefined) ?? {};
}

/** undefined: the job is in none. */
export const deploymentGroupOf = (job: Pick<Job, 'Marathon'>): string | undefined =>
  appLabels(job).HAPROXY_DEPLOYMENT_GROUP || undefined;

/** The same for two services exactly where they are one backend. */
export const backendKey = (job: Job, service: Service): string =>
  sharedBackendKey(job, service, deploymentGroupOf(job)) ?? `${job.Namespace}/${job.ID}/${service.Name}`;

/** Of a service of a job in that deployment group; undefined: in none. The blank is in no name of a job. */
export function sharedBackendKey(job: Job, service: Service, deploymentGroup: string | undefined): string | undefined {
  if (deploymentGroup === undefined) return undefined;
  const services = job.TaskGroups.flatMap(groupServices);
  return `${job.Namespace}/${deploymentGroup}/ ${services.indexOf(service)}`;
}
