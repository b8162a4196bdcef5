/**
 * What a node agent needs of the server: the HTTP client gives it, and in one process with the server an in-process
 * twin. Every answer is level-triggered: missing one costs nothing but time.
 */
import type { Allocation, AllocUpdate } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import type { Node } from '../model/node.ts';

export interface NodeAssignment {
  /** The index to wait past in the next call. */
  readonly Index: number;
  /** Every allocation of the node whose client status is not terminal, and those that must stop. */
  readonly Allocs: readonly Allocation[];
  /** The job versions that the allocations name. */
  readonly Jobs: readonly Job[];
}

export interface HeartbeatAnswer {
  readonly HeartbeatTTLMs: number;
  /** The server's time; a server of before does not say. */
  readonly NowMs?: number;
}

export interface ServerConnection {
  /** Creates or replaces the node's row; answers how often it must be heard from. Rejects while no server answers. */
  register(node: Node, signal: AbortSignal): Promise<HeartbeatAnswer>;
  /** Renews the node's heartbeat. `Known: false`: the server does not know it; register again. */
  heartbeat(nodeId: string, signal: AbortSignal): Promise<HeartbeatAnswer & { readonly Known: boolean }>;
  /** Waits until something about the node's allocations is newer than `afterIndex` (0: answer at once), at most about a minute. */
  watchAllocs(nodeId: string, afterIndex: number, signal: AbortSignal): Promise<NodeAssignment>;
  /** Resolves when the report is durable: only then may the node forget it. */
  updateAllocs(nodeId: string, updates: readonly AllocUpdate[], signal: AbortSignal): Promise<void>;
}
