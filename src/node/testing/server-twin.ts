/**
 * A server as a node sees it, in one process and in memory: small, but it keeps rows, counts indexes and lets callers
 * wait as the real one does. Tests place and stop allocations and look at what the node reported.
 */
import { SerinError } from '../../lib/errors.ts';
import type { Allocation, AllocTraffic, AllocUpdate } from '../../model/allocation.ts';
import { isClientTerminal } from '../../model/allocation.ts';
import type { Job } from '../../model/job.ts';
import type { Node } from '../../model/node.ts';
import type { NodeAssignment, ServerConnection } from '../server-connection.ts';

export interface ServerTwinOptions {
  readonly heartbeatTtlMs?: number;
  /** Plays an ingress: called with what the node said of an allocation, answers what the ingresses acknowledge. */
  readonly ingress?: (alloc: Allocation) => AllocTraffic | undefined;
}

export class ServerTwin implements ServerConnection {
  readonly #options: ServerTwinOptions;
  readonly #allocs = new Map<string, Allocation>();
  readonly #jobs: Job[] = [];
  readonly #waiting = new Set<() => void>();
  #index = 1;
  node: Node | undefined;
  /** Every report, in order. */
  readonly reports: (readonly AllocUpdate[])[] = [];
  registrations = 0;
  heartbeats = 0;
  isUp = true;

  constructor(options: ServerTwinOptions = {}) {
    this.#options = options;
  }

  async register(node: Node): Promise<{ HeartbeatTTLMs: number }> {
    this.#answer();
    this.registrations++;
    this.node = node;
    return { HeartbeatTTLMs: this.#options.heartbeatTtlMs ?? 10_000 };
  }

  async heartbeat(): Promise<{ HeartbeatTTLMs: number; Known: boolean }> {
    this.#answer();
    this.heartbeats++;
    return { HeartbeatTTLMs: this.#options.heartbeatTtlMs ?? 10_000, Known: this.node !== undefined };
  }

  async watchAllocs(_nodeId: string, afterIndex: number, signal: AbortSignal): Promise<NodeAssignment> {
    this.#answer();
    await this.#until(() => this.#index > afterIndex || !this.isUp, signal);
    this.#answer();
    const Allocs = [...this.#allocs.values()].filter((alloc) => !isClientTerminal(alloc));
    return { Index: this.#index, Allocs, Jobs: this.#jobs };
  }

  async updateAllocs(_nodeId: string, updates: readonly AllocUpdate[]): Promise<void> {
    this.#answer();
    this.reports.push(updates);
    for (const update of updates) this.#takeReport(update);
    this.#wake();
  }

  place(alloc: Allocation, job: Job): void {
    if (!this.#jobs.some((each) => each.ID === job.ID && each.Version === job.Version)) this.#jobs.push(job);
    this.#change(alloc);
  }

  stop(allocId: string, changes: Partial<Allocation> = {}): void {
    this.#change({ ...this.alloc(allocId), DesiredStatus: 'stop', ...changes });
  }

  setTraffic(allocId: string, traffic: Partial<AllocTraffic>): void {
    const alloc = this.alloc(allocId);
    const before = alloc.Traffic ?? { Ready: false, Applied: false, Drained: false, Owing: [], ChangedMs: 0 };
    this.#change({ ...alloc, Traffic: { ...before, ...traffic } });
  }

  /** The server forgets it, as after the job was purged. */
  forget(allocId: string): void {
    this.#allocs.delete(allocId);
    this.#index++;
    this.#wake();
  }

  forgetNode(): void {
    this.node = undefined;
  }

  setUp(isUp: boolean): void {
    this.isUp = isUp;
    this.#wake();
  }

  alloc(allocId: string): Allocation {
    const alloc = this.#allocs.get(allocId);
    if (alloc === undefined) throw new Error(`the twin has no allocation ${allocId}`);
    return alloc;
  }

  /** Resolves when the row of an allocation is as wanted. */
  async whenAlloc(allocId: string, holds: (alloc: Allocation) => boolean, signal?: AbortSignal): Promise<Allocation> {
    await this.#until(() => holds(this.alloc(allocId)), signal ?? new AbortController().signal);
    return this.alloc(allocId);
  }

  #takeReport({ Healthy, ...update }: AllocUpdate): void {
    const alloc = this.#allocs.get(update.ID);
    if (alloc === undefined) return;
    const DeploymentStatus =
      Healthy === undefined
        ? alloc.DeploymentStatus
        : {
            Healthy: Healthy.Healthy,
            Timestamp: new Date(Healthy.TimestampMs).toISOString(),
            Canary: false,
            ModifyIndex: this.#index,
          };
    const next = { ...alloc, ...update, DeploymentStatus };
    this.#allocs.set(update.ID, next);
    const Traffic = this.#options.ingress?.(next);
    if (Traffic !== undefined && JSON.stringify(Traffic) !== JSON.stringify(next.Traffic))
      this.#change({ ...next, Traffic });
  }

  #change(alloc: Allocation): void {
    this.#index++;
    this.#allocs.set(alloc.ID, { ...alloc, AllocModifyIndex: this.#index, ModifyIndex: this.#index });
    this.#wake();
  }

  #answer(): void {
    if (!this.isUp) throw new SerinError('unavailable', 'no server answers');
  }

  #wake(): void {
    for (const each of [...this.#waiting]) each();
  }

  #until(holds: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        this.#waiting.delete(check);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      const check = () => {
        if (holds()) settle();
      };
      this.#waiting.add(check);
      signal.addEventListener('abort', settle, { once: true });
      if (signal.aborted) settle();
      else check();
    });
  }
}
