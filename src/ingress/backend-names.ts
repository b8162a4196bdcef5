/**
 * Which backend the service of an older version belongs to. Services of one name are one backend, and so is one that was
 * renamed and kept its route: users come in by the route. Two backends could not share it, so one of the versions would
 * be cut off while both have instances.
 */
import { ingressServices } from '../model/ingress-services.ts';
import { routeKey } from '../model/ingress-ways.ts';
import type { Job } from '../model/job.ts';
import type { Service } from '../model/service.ts';

/** The name that the job as it is now has for the service. */
export function backendNames(jobs: readonly Job[]): (job: Job, service: Service) => string {
  const current = new Map<string, readonly Service[]>();
  for (const job of jobs) if (!job.Stop) current.set(jobKey(job), job.TaskGroups.flatMap(ingressServices));
  return (job, service) => {
    const services = current.get(jobKey(job)) ?? [];
    if (services.some(({ Name }) => Name === service.Name)) return service.Name;
    const routes = new Set(routesOf(service));
    return services.find((other) => routesOf(other).some((route) => routes.has(route)))?.Name ?? service.Name;
  };
}

const jobKey = ({ Namespace, ID }: Job): string => `${Namespace}/${ID}`;

const routesOf = ({ Ingress }: Service): string[] => (Ingress ?? []).map((way) => `${way.Mode} ${routeKey(way)}`);
