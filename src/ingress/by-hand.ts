/** What somebody set by hand for an instance, as the routing table has it. */
import { type Allocation, isClientTerminal, isDesiredTerminal } from '../model/allocation.ts';
import type { BackendServer } from '../model/ingress.ts';
import { addedPort } from '../model/ingress-services.ts';
import { findGroup } from '../model/job.ts';
import type { RoutingInput } from './routing-input.ts';

/** The server with the weight that it was given, and draining where it was drained: nobody is about to stop it. */
export function withOverride(server: BackendServer, { Ingress, DesiredStatus }: Allocation): BackendServer {
  if (Ingress === undefined) return server;
  const weight = Ingress.Weight === undefined ? {} : { Weight: Ingress.Weight };
  if (Ingress.Drained !== true || server.State === 'draining') return { ...server, ...weight };
  return { ...server, ...weight, State: 'draining', ...(DesiredStatus === 'run' && { IsKept: true as const }) };
}

/** An instance behind a backend that no service of its own leads to. */
export interface Guest {
  readonly backendId: string;
  readonly alloc: Allocation;
  readonly server: BackendServer;
}

export function guestsOf(added: readonly Allocation[], jobVersion: RoutingInput['jobVersion']): Guest[] {
  return added.flatMap((alloc) => {
    const isThere = !isClientTerminal(alloc) && alloc.ClientStatus !== 'pending';
    const server = isThere ? serverOf(alloc, jobVersion) : undefined;
    return server ? (alloc.Ingress?.Backends ?? []).map((backendId) => ({ backendId, alloc, server })) : [];
  });
}

function serverOf(alloc: Allocation, jobVersion: RoutingInput['jobVersion']): BackendServer | undefined {
  const job = jobVersion(alloc.Namespace, alloc.JobID, alloc.JobVersion);
  const group = job && findGroup(job, alloc.TaskGroup);
  const Port = group && addedPort(group, alloc);
  const Address = alloc.Ports.find(({ Value }) => Value === Port)?.HostIP;
  const State = stateOf(alloc);
  if (!Port || !Address || State === undefined) return undefined;
  return withOverride({ AllocID: alloc.ID, Address, Port, Version: alloc.JobVersion, State }, alloc);
}

/** As for its own services; without any, it is ready while it runs and nobody has found it unhealthy. */
function stateOf(alloc: Allocation): BackendServer['State'] | undefined {
  if (isDesiredTerminal(alloc)) return 'draining';
  const statuses = (alloc.Services ?? []).map(({ Status }) => Status);
  if (statuses.includes('draining')) return 'draining';
  const isWell = alloc.DeploymentStatus?.Healthy !== false && statuses.every((status) => status === 'passing');
  return alloc.ClientStatus === 'running' && isWell ? 'ready' : undefined;
}
