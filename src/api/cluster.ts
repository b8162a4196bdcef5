/** Nodes, servers, the agent itself, and the search over everything. */
import type { IngressStatus } from '../model/ingress-status.ts';
import type { DrainSpec } from '../model/node.ts';
import type { Read, ReadOptions, Requester } from './requester.ts';
import type { AgentSelfView, AllocView, HostStatsView, MembersView, NodeStub, NodeView, SearchView } from './views.ts';

export interface NodesApi {
  list(prefix?: string, options?: ReadOptions): Promise<Read<NodeStub[]>>;
  read(id: string, options?: ReadOptions): Promise<Read<NodeView>>;
  allocations(id: string, options?: ReadOptions): Promise<Read<AllocView[]>>;
  /** What its machine is doing; fails where its agent does not answer. */
  stats(id: string): Promise<Read<HostStatsView>>;
  /** A specification begins or changes a drain, null ends it. */
  drain(id: string, request: DrainBody): Promise<NodeWritten>;
  setEligibility(id: string, eligibility: 'eligible' | 'ineligible'): Promise<NodeWritten>;
}

export interface DrainBody {
  readonly DrainSpec: DrainSpec | null;
  readonly MarkEligible: boolean;
  readonly Meta: Readonly<Record<string, string>> | null;
}

export interface NodeWritten {
  readonly EvalIDs: readonly string[] | null;
  readonly NodeModifyIndex: number;
}

export interface AgentApi {
  self(): Promise<Read<AgentSelfView>>;
  members(): Promise<Read<MembersView>>;
  /** "127.0.0.1:4647"; "" while there is none. */
  leader(): Promise<string>;
}

export interface IngressApi {
  status(): Promise<Read<IngressStatus>>;
  /** Changes what the ingresses do about one instance. */
  override(allocId: string, change: IngressChange): Promise<unknown>;
}

export type IngressChange =
  | { readonly Action: 'drain' | 'ready' }
  | { readonly Action: 'weight'; readonly Weight: number }
  | { readonly Action: 'add' | 'remove'; readonly Backend: string };

export function ingressApi({ read, write }: Requester): IngressApi {
  return {
    status: () => read('/v1/ingress/status'),
    override: (allocId, change) => write('PUT', `/v1/ingress/server/${encodeURIComponent(allocId)}`, change),
  };
}

export type SearchApi = (prefix: string, context?: string) => Promise<SearchView>;

export function nodesApi({ read, write }: Requester): NodesApi {
  return {
    list: (prefix, options) => read('/v1/nodes', options, { prefix }),
    read: (id, options) => read(`/v1/node/${encodeURIComponent(id)}`, options),
    allocations: (id, options) => read(`/v1/node/${encodeURIComponent(id)}/allocations`, options),
    stats: (id) => read('/v1/client/stats', undefined, { node_id: id }),
    drain: (id, request) => write('PUT', `/v1/node/${encodeURIComponent(id)}/drain`, { NodeID: id, ...request }),
    setEligibility: (id, Eligibility) =>
      write('PUT', `/v1/node/${encodeURIComponent(id)}/eligibility`, { NodeID: id, Eligibility }),
  };
}

export function agentApi({ read }: Requester): AgentApi {
  return {
    self: () => read('/v1/agent/self'),
    members: () => read('/v1/agent/members'),
    leader: async () => (await read<string>('/v1/status/leader')).data,
  };
}

export const searchApi =
  ({ write }: Requester): SearchApi =>
  (prefix, context = 'all') =>
    write('PUT', '/v1/search', { Prefix: prefix, Context: context });
