/**
 * The typed client of an agent's API over any transport: node's, the page's, one in the same process, or a test's.
 * Reads answer `{ data, index, text }` and take `{ index, waitMs, signal }` for blocking queries.
 *
 * Errors: `ApiUnreachable` when nobody answers, `ApiError` with the agent's words when it refuses; both `SerinError`s.
 */
import {
  type AgentApi,
  agentApi,
  type IngressApi,
  ingressApi,
  type NodesApi,
  nodesApi,
  type SearchApi,
  searchApi,
} from './cluster.ts';
import { type FilesApi, filesApi } from './files.ts';
import { type JobsApi, jobsApi } from './jobs.ts';
import { createRequester, type Requester, type Scope } from './requester.ts';
import type { Transport } from './transport.ts';
import {
  type AllocationsApi,
  allocationsApi,
  type DeploymentsApi,
  deploymentsApi,
  type EvaluationsApi,
  evaluationsApi,
} from './workloads.ts';

export interface ApiClient {
  readonly address: string;
  readonly jobs: JobsApi;
  readonly allocations: AllocationsApi;
  readonly files: FilesApi;
  readonly evaluations: EvaluationsApi;
  readonly deployments: DeploymentsApi;
  readonly nodes: NodesApi;
  readonly ingress: IngressApi;
  readonly agent: AgentApi;
  readonly search: SearchApi;
  /** For what has no method of its own. */
  readonly requester: Requester;
  /** Closes idle connections, so that a process can end. */
  close(): void;
}

export function apiClientOver(transport: Transport, scope: Scope = {}): ApiClient {
  const requester = createRequester(transport, scope);
  return {
    address: transport.address,
    jobs: jobsApi(requester),
    allocations: allocationsApi(requester),
    files: filesApi(requester),
    evaluations: evaluationsApi(requester),
    deployments: deploymentsApi(requester),
    nodes: nodesApi(requester),
    ingress: ingressApi(requester),
    agent: agentApi(requester),
    search: searchApi(requester),
    requester,
    close: () => transport.close(),
  };
}
