/** What a job says and the data plane of a cluster's ingresses cannot do (docs/data-planes.md): the submission names it. */
import type { IngressNode } from '../model/ingress.ts';
import { ingressServices } from '../model/ingress-services.ts';
import type { Job } from '../model/job.ts';

export function dataPlaneLimits(job: Job, ingresses: readonly Pick<IngressNode, 'DataPlane'>[]): string[] {
  if (!ingresses.some(({ DataPlane }) => DataPlane === 'haproxy')) return [];
  const services = job.TaskGroups.flatMap(ingressServices).filter(({ Ingress = [] }) =>
    Ingress.some(({ Mode, IdleTimeout }) => Mode !== 'tcp' && IdleTimeout !== undefined),
  );
  return [...new Set(services.map(({ Name }) => Name))].map(
    (name) =>
      `service "${name}": idle_timeout holds for WebSockets alone where the ingress is HAProxy, which has one timeout for a silent instance: request_timeout ends an answer that pauses for longer as well`,
  );
}
