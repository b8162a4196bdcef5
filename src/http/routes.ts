/** Every route of the API; docs/api.md lists the same ones, and a test compares the two. */
import type { HttpDeps } from './deps.ts';
import { ingressRoutes } from './internal/ingress.ts';
import { ingressPulseRoutes } from './internal/ingress-pulse.ts';
import { nodeAgentRoutes } from './internal/node-agent.ts';
import { agentRoutes } from './nomad/agent.ts';
import { allocationRoutes } from './nomad/allocations.ts';
import { clientAllocationRoutes } from './nomad/client-allocation.ts';
import { clientExecRoutes } from './nomad/client-exec.ts';
import { clientFileRoutes } from './nomad/client-files.ts';
import { clientLogRoutes } from './nomad/client-logs.ts';
import { clientNodeRoutes, locateNodeByState } from './nomad/client-node.ts';
import { deploymentRoutes } from './nomad/deployments.ts';
import { evaluationRoutes } from './nomad/evaluations.ts';
import { eventStreamRoutes } from './nomad/event-stream.ts';
import { jobRoutes } from './nomad/job.ts';
import { jobChangeRoutes } from './nomad/job-changes.ts';
import { jobReadRoutes } from './nomad/job-reads.ts';
import { jobsRoutes } from './nomad/jobs.ts';
import { locateByState } from './nomad/locate-alloc.ts';
import { metricsRoutes } from './nomad/metrics.ts';
import { namespaceRoutes } from './nomad/namespaces.ts';
import { nodeRoutes } from './nomad/nodes.ts';
import { searchRoutes } from './nomad/search.ts';
import { serviceRoutes } from './nomad/services.ts';
import { statusRoutes } from './nomad/status.ts';
import { systemRoutes } from './nomad/system.ts';
import { pageRoutes } from './page.ts';
import type { Route } from './route.ts';

export function allRoutes(deps: HttpDeps): readonly Route[] {
  const client = { ...deps, locate: locateByState(deps) };
  return [
    ...jobsRoutes(deps),
    ...jobRoutes(deps),
    ...jobChangeRoutes(deps),
    ...jobReadRoutes(deps),
    ...allocationRoutes(deps),
    ...clientAllocationRoutes(client),
    ...clientExecRoutes(client),
    ...clientFileRoutes(client),
    ...clientLogRoutes(client),
    ...clientNodeRoutes({ ...deps, locateNode: locateNodeByState(deps) }),
    ...evaluationRoutes(deps),
    ...deploymentRoutes(deps),
    ...nodeRoutes(deps),
    ...agentRoutes(deps),
    ...statusRoutes(deps),
    ...namespaceRoutes(deps),
    ...serviceRoutes(deps),
    ...eventStreamRoutes(deps),
    ...metricsRoutes(deps),
    ...searchRoutes(deps),
    ...systemRoutes(deps),
    ...nodeAgentRoutes(deps),
    ...ingressPulseRoutes(deps),
    ...ingressRoutes(deps),
    ...pageRoutes(deps.page),
  ];
}
