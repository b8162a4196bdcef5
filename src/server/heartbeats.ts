/**
 * Node heartbeats: a node that is not heard from in time is down, its allocations are lost and replaced.
 * Heartbeats live in memory only. After a start every node gets a full grace period, since it was the server that was
 * away: nobody is declared lost for that.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Service } from '../lib/service.ts';
import { isClientTerminal } from '../model/allocation.ts';
import type { Node, NodeStatus } from '../model/node.ts';
import type { State } from '../state/state.ts';
import type { WriteTx } from '../state/types.ts';
import { newEvaluation } from './evaluations.ts';
import { withEvent } from './node-events.ts';

/** A node is asked to be heard from every `ttlMs`, and is down when it was silent for this and the grace. */
export interface HeartbeatTimes {
  readonly ttlMs: number;
  readonly graceMs: number;
}

export const DEFAULT_HEARTBEAT: HeartbeatTimes = { ttlMs: 10_000, graceMs: 10_000 };

export interface HeartbeatsOptions {
  readonly heartbeat?: HeartbeatTimes;
  readonly state: State;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
}

export class Heartbeats implements Service {
  readonly id = 'heartbeats';
  /** How often a node is asked to be heard from. */
  readonly ttlMs: number;
  readonly #silenceMs: number;
  readonly #options: HeartbeatsOptions;
  readonly #timers = new Map<string, Timer>();
  #pending: Promise<unknown> = Promise.resolve();

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
    const { ttlMs, graceMs } = options.heartbeat ?? DEFAULT_HEARTBEAT;
    this.ttlMs = ttlMs;
    this.#silenceMs = ttlMs + graceMs;
  }

  async run(signal: AbortSignal): Promise<void> {
    const nodes = this.#options.state.view((tx) => tx.nodes().filter((node) => node.Status !== 'down'));
    for (const node of nodes) this.renew(node.ID);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const timer of this.#timers.values()) timer.cancel();
    await this.#pending;
  }

  /** The node was heard from. */
  renew(nodeId: string): void {
    this.#timers.get(nodeId)?.cancel();
    const timer = this.#options.clock.after(this.#silenceMs, () => this.#miss(nodeId));
    this.#timers.set(nodeId, timer);
  }

  forget(nodeId: string): void {
    this.#timers.get(nodeId)?.cancel();
    this.#timers.delete(nodeId);
  }

  #miss(nodeId: string): void {
    const { state, clock, newId, log } = this.#options;
    this.#timers.delete(nodeId);
    log.warn({ node: nodeId }, 'node missed its heartbeat');
    const marked = state.update((tx) => {
      const node = tx.node(nodeId);
      if (node) setNodeStatus(tx, node, 'down', 'Node heartbeat missed', { nowMs: clock.nowMs(), newId });
    });
    this.#pending = Promise.all([
      this.#pending,
      marked.catch((error) => log.error({ node: nodeId, error }, 'node not marked down')),
    ]);
  }
}

/** Writes a node's status, keeps the event, and evaluates every job that has instances there. */
export function setNodeStatus(
  tx: WriteTx,
  node: Node,
  status: NodeStatus,
  message: string,
  context: { readonly nowMs: number; readonly newId: NewId },
): void {
  tx.putNode({
    ...node,
    Status: status,
    StatusUpdatedAt: Math.floor(context.nowMs / 1000),
    Events: withEvent(node, message, context.nowMs),
  });
  evaluateNodeJobs(tx, node.ID, context);
}

/** One evaluation for every job that has instances on the node. */
export function evaluateNodeJobs(
  tx: WriteTx,
  nodeId: string,
  context: { readonly nowMs: number; readonly newId: NewId },
): string[] {
  const jobs = new Map<string, ReturnType<typeof tx.job>>();
  for (const alloc of tx.allocsByNode(nodeId)) {
    if (isClientTerminal(alloc)) continue;
    jobs.set(`${alloc.Namespace}/${alloc.JobID}`, tx.job(alloc.Namespace, alloc.JobID));
  }
  const ids: string[] = [];
  for (const job of jobs.values()) {
    if (!job) continue;
    const evaluation = newEvaluation(job, { trigger: 'node-update', nodeId, ...context });
    tx.putEvaluation(evaluation);
    ids.push(evaluation.ID);
  }
  return ids;
}
