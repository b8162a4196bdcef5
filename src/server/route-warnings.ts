/** A registration that would take a way in away says so: clients that do not know the `ingress` block drop it silently. */
import { ingressServices } from '../model/ingress-services.ts';
import type { Job } from '../model/job.ts';
import type { ReadTx } from '../state/types.ts';

export function routeWarnings(tx: ReadTx, current: Job | undefined, next: Job): string[] {
  return [...removedRoutes(current, next), ...takenRoutes(tx, next)];
}

function removedRoutes(current: Job | undefined, next: Job): string[] {
  if (!current || current.Stop) return [];
  const kept = new Set(routesOf(next).map((route) => route.key));
  return routesOf(current)
    .filter((route) => !kept.has(route.key))
    .map((route) => `service "${route.service}" no longer listens on ${route.key}: requests there will be refused`);
}

function takenRoutes(tx: ReadTx, next: Job): string[] {
  const wanted = new Map(routesOf(next).map((route) => [route.key, route]));
  if (wanted.size === 0) return [];
  const warnings: string[] = [];
  for (const job of tx.jobs()) {
    if (job.Stop || (job.ID === next.ID && job.Namespace === next.Namespace)) continue;
    for (const route of routesOf(job)) {
      if (wanted.has(route.key)) {
        warnings.push(
          `job "${job.ID}" already listens on ${route.key} with service "${route.service}" and keeps it; choose another port, host or path`,
        );
      }
    }
  }
  return warnings;
}

function routesOf(job: Job): { readonly key: string; readonly service: string }[] {
  const routes = new Map<string, { key: string; service: string }>();
  for (const group of job.TaskGroups) {
    for (const service of ingressServices(group)) {
      for (const { Listen, Host, Path } of service.Ingress ?? []) {
        const key = `:${Listen}${Host === '' && Path === '/' ? '' : ` ${Host}${Path}`}`;
        routes.set(key, { key, service: service.Name });
      }
    }
  }
  return [...routes.values()];
}
