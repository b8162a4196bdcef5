/**
 * What the page asks its agent, each with the key under which events find it again (`live/affected.ts`).
 * Nothing is asked again by time: `live/event-stream.ts` says what is stale.
 */
import { queryOptions } from '@tanstack/react-query';
import type { AllocStub, NodeStub } from '../../src/api/views.ts';
import { allocRow } from '../live/alloc-row.ts';
import { client } from './client.ts';
import { keys } from './keys.ts';

export { keys } from './keys.ts';

const ALL_LEAN = ['/v1/allocations', {}, { namespace: '*', resources: true, task_states: false }] as const;

/** Below the key of a job. */
const ofJob = <T>(id: string, part: string, ask: () => Promise<{ readonly data: T }>) =>
  queryOptions({ queryKey: [...keys.job(id), part], queryFn: async () => (await ask()).data });

export const queries = {
  jobs: () => queryOptions({ queryKey: keys.jobs, queryFn: async () => (await client.jobs.list()).data }),
  job: (id: string) => ofJob(id, 'job', () => client.jobs.read(id)),
  jobSummary: (id: string) => ofJob(id, 'summary', () => client.jobs.summary(id)),
  /** As a job file; the newest version unless one is named. */
  jobHcl: (id: string, version?: number) => ofJob(id, `hcl-${version ?? ''}`, () => client.jobs.hcl(id, version)),
  /** Each version against one and the same. */
  jobVersionsAgainst: (id: string, version: number) =>
    queryOptions({
      queryKey: [...keys.job(id), 'versions', version],
      queryFn: async () =>
        (await client.jobs.versions(id, { diffs: true, against: { version: String(version) } })).data,
    }),
  jobVersions: (id: string) => ofJob(id, 'versions', () => client.jobs.versions(id, { diffs: true })),
  jobAllocations: (id: string) => ofJob(id, 'allocations', () => client.jobs.allocations(id)),
  jobEvaluations: (id: string) => ofJob(id, 'evaluations', () => client.jobs.evaluations(id)),
  jobDeployments: (id: string) => ofJob(id, 'deployments', () => client.jobs.deployments(id)),
  deployments: () =>
    queryOptions({ queryKey: keys.deployments, queryFn: async () => (await client.deployments.list()).data }),
  deployment: (id: string) =>
    queryOptions({ queryKey: keys.deployment(id), queryFn: async () => (await client.deployments.read(id)).data }),
  allocations: () =>
    queryOptions({ queryKey: keys.allocations, queryFn: async () => (await client.allocations.list()).data }),
  allocation: (id: string) =>
    queryOptions({ queryKey: keys.allocation(id), queryFn: async () => (await client.allocations.read(id)).data }),
  /** Of the whole cluster and every namespace, lean. Events change single rows of it (`live/patched-lists.ts`). */
  allocationRows: () =>
    queryOptions({
      queryKey: keys.allocationRows,
      queryFn: async () => (await client.requester.read<AllocStub[]>(...ALL_LEAN)).data.map(allocRow),
      structuralSharing: false,
    }),
  nodes: () =>
    queryOptions({
      queryKey: keys.nodes,
      queryFn: async () => (await client.requester.read<NodeStub[]>('/v1/nodes', {}, { resources: true })).data,
    }),
  node: (id: string) =>
    queryOptions({ queryKey: [...keys.node(id), 'node'], queryFn: async () => (await client.nodes.read(id)).data }),
  evaluations: () =>
    queryOptions({ queryKey: keys.evaluations, queryFn: async () => (await client.evaluations.list()).data }),
  evaluation: (id: string) =>
    queryOptions({ queryKey: keys.evaluation(id), queryFn: async () => (await client.evaluations.read(id)).data }),
  evaluationAllocations: (id: string) =>
    queryOptions({
      queryKey: [...keys.evaluation(id), 'allocations'],
      queryFn: async () => (await client.evaluations.allocations(id)).data,
    }),
  ingress: () => queryOptions({ queryKey: keys.ingress, queryFn: async () => (await client.ingress.status()).data }),
};
