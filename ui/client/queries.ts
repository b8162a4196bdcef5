/**
 * What the page asks its agent, each with the key under which events find it again (`live/affected.ts`).
 * Nothing is asked again by time: `live/event-stream.ts` says what is stale.
 */
import { queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';

export const keys = {
  jobs: ['jobs'],
  job: (id: string) => ['job', id],
  deployments: ['deployments'],
  deployment: (id: string) => ['deployment', id],
  allocations: ['allocations'],
  allocation: (id: string) => ['allocation', id],
  nodes: ['nodes'],
  node: (id: string) => ['node', id],
  evaluations: ['evaluations'],
  evaluation: (id: string) => ['evaluation', id],
  ingress: ['ingress'],
} as const;

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
  nodes: () => queryOptions({ queryKey: keys.nodes, queryFn: async () => (await client.nodes.list()).data }),
  node: (id: string) =>
    queryOptions({ queryKey: [...keys.node(id), 'node'], queryFn: async () => (await client.nodes.read(id)).data }),
  nodeAllocations: (id: string) =>
    queryOptions({
      queryKey: [...keys.node(id), 'allocations'],
      queryFn: async () => (await client.nodes.allocations(id)).data,
    }),
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
