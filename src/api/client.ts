/**
 * The typed HTTP client of an agent's API: what the command line, a node on another machine, an ingress and the page use.
 * Reads answer `{ data, index, text }` and take `{ index, waitMs, signal }` for blocking queries.
 *
 * Errors: `ApiUnreachable` when nobody answers, `ApiError` with the agent's words when it refuses; both `SerinError`s.
 *
 * @example
 * const client = createApiClient({ address: 'http://127.0.0.1:4646' });
 * const { data, index } = await client.jobs.read('web');
 * const changed = await client.jobs.read('web', { index, waitMs: 60_000, signal });
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
import { createTransport, type Transport, type TransportOptions } from './transport.ts';
import {
  type AllocationsApi,
  allocationsApi,
  type DeploymentsApi,
  deploymentsApi,
  type EvaluationsApi,
  evaluationsApi,
} from './workloads.ts';

export type ApiClientOptions = TransportOptions & Scope;

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

export function createApiClient(options: ApiClientOptions): ApiClient {
  return apiClientOver(createTransport(options), options);
}

/** The same client over any transport: an in-process one, or a test's. */
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
