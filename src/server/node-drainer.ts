/**
 * Empties the nodes that drain: wait → decide → act. It marks as many instances as their group can spare; the scheduler
 * moves what is marked, and once the successors serve, the next are marked. Everything it goes by stands in the state,
 * so that a drain survives a restart of the server; what it only remembers (since when an instance is seen not to serve)
 * begins anew, which makes it wait longer and never shorter.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Service } from '../lib/service.ts';
import { Wakeup } from '../lib/wakeup.ts';
import type { Allocation } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import { forceFromMs, type Node } from '../model/node.ts';
import type { State } from '../state/state.ts';
import type { Change, ReadTx, WriteTx } from '../state/types.ts';
import { decidePool, isDrained, type PoolDecision } from './drain-decision.ts';
import { remember, type SeenById } from './drain-health.ts';
import { type DrainingPool, drainingPools } from './drain-pools.ts';
import { jobKey } from './evaluations.ts';
import { completeDrain, evaluateDrained } from './node-drain.ts';
import { trafficOfStopped } from './traffic-decision.ts';

export interface NodeDrainerOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
}

interface Look {
  readonly nodes: readonly Node[];
  readonly pools: readonly { readonly pool: DrainingPool; readonly decision: PoolDecision }[];
  readonly complete: readonly Node[];
}

export class NodeDrainer implements Service {
  readonly id = 'node-drainer';
  readonly #options: NodeDrainerOptions;
  readonly #wakeup = new Wakeup();
  /** Jobs with instances that drain: changes of others are nobody's business here. */
  #jobs: ReadonlySet<string> = new Set();
  #seen: SeenById = new Map();
  #timer: Timer | undefined;

  constructor(options: NodeDrainerOptions) {
    this.#options = options;
  }

  /** What earlier looks saw; who explains a drain needs the same. */
  get seen(): SeenById {
    return this.#seen;
  }

  observe(change: Change): void {
    if (this.#concerns(change)) this.#wakeup.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#wakeup.ring();
    while (!signal.aborted) {
      await this.#wakeup.wait(signal);
      if (!signal.aborted) await this.#step();
    }
    this.#timer?.cancel();
  }

  #concerns({ table, before, after }: Change): boolean {
    if (table === 'nodes')
      return (after as Node | undefined)?.Drain === true || (before as Node | undefined)?.Drain === true;
    if (this.#jobs.size === 0) return false;
    if (table === 'jobs') return this.#jobs.has(keyOfJob((after ?? before) as Job));
    if (table !== 'allocs') return false;
    return this.#jobs.has(jobKey((after ?? before) as Allocation)) && standsOtherwise(before, after);
  }

  async #step(): Promise<void> {
    const { state, clock } = this.#options;
    this.#timer?.cancel();
    const look = state.view((tx) => this.#look(tx, clock.nowMs()));
    this.#jobs = new Set(look.pools.map(({ pool }) => `${pool.namespace}/${pool.jobId}`));
    this.#wakeAt(Math.min(Number.POSITIVE_INFINITY, ...look.pools.map(({ decision }) => decision.wakeAtMs)));
    if (isIdle(look)) return;
    this.#tell(look);
    await state.update((tx) => this.#write(tx, look));
  }

  #look(tx: ReadTx, nowMs: number): Look {
    const nodes = tx.nodes().filter((node) => node.DrainStrategy !== null);
    const pools = drainingPools(tx, nodes);
    const instances = pools.flatMap(({ allocs, migrate, isBatch }) =>
      isBatch ? [] : allocs.map((alloc) => ({ alloc, migrate })),
    );
    this.#seen = remember(this.#seen, instances, nowMs);
    const force = new Map(nodes.map((node) => [node.ID, forceFromMs(node.DrainStrategy!)]));
    return {
      nodes,
      pools: pools.map((pool) => ({
        pool,
        decision: decidePool({ pool, forceFromMs: force, seen: this.#seen, nowMs }),
      })),
      complete: nodes.filter((node) => isDrained(node, tx.allocsByNode(node.ID), (alloc) => typeOf(tx, alloc))),
    };
  }

  #write(tx: WriteTx, { pools, complete }: Look): void {
    const context = { nowMs: this.#options.clock.nowMs(), newId: this.#options.newId };
    const moved = pools.flatMap(({ decision }) => [
      ...decision.marks.flatMap((alloc) => mark(tx, alloc, context.nowMs)),
      ...decision.stops.flatMap((alloc) => stop(tx, alloc, context.nowMs)),
    ]);
    evaluateDrained(tx, moved[0]?.NodeID ?? '', moved, context);
    for (const { ID } of complete) {
      const node = tx.node(ID);
      if (node?.DrainStrategy) completeDrain(tx, node, context.nowMs);
    }
  }

  #tell({ pools, complete }: Look): void {
    const { log } = this.#options;
    for (const { pool, decision } of pools) {
      const { jobId: job, group } = pool;
      if (decision.marks.length > 0)
        log.info({ job, group, instances: decision.marks.length }, 'instances leave draining nodes');
      if (decision.stops.length > 0)
        log.warn(
          { job, group, instances: decision.stops.length },
          'drain deadline: instances stop without a successor',
        );
    }
    for (const node of complete) log.info({ node: node.ID }, 'node drained');
  }

  #wakeAt(atMs: number): void {
    if (!Number.isFinite(atMs)) return;
    const { clock } = this.#options;
    this.#timer = clock.after(Math.max(0, atMs - clock.nowMs()), () => this.#wakeup.ring());
  }
}

function mark(tx: WriteTx, { ID }: Allocation, nowMs: number): Allocation[] {
  const alloc = tx.alloc(ID);
  if (!alloc) return [];
  tx.putAlloc({
    ...alloc,
    DesiredTransition: { Reschedule: null, ForceReschedule: null, ...alloc.DesiredTransition, Migrate: true },
    ModifyTime: nanosOf(nowMs),
  });
  return [alloc];
}

function stop(tx: WriteTx, { ID }: Allocation, nowMs: number): Allocation[] {
  const alloc = tx.alloc(ID);
  if (alloc?.DesiredStatus !== 'run') return [];
  const row: Allocation = {
    ...alloc,
    ...trafficOfStopped(alloc),
    DesiredStatus: 'stop',
    DesiredDescription: 'alloc is being migrated',
    ModifyTime: nanosOf(nowMs),
  };
  tx.putAlloc(row, { serverSide: true });
  return [alloc];
}

const isIdle = ({ pools, complete }: Look): boolean =>
  complete.length === 0 && pools.every(({ decision }) => decision.marks.length === 0 && decision.stops.length === 0);

const typeOf = (tx: ReadTx, alloc: Allocation): string | undefined =>
  (tx.jobVersion(alloc.Namespace, alloc.JobID, alloc.JobVersion) ?? tx.job(alloc.Namespace, alloc.JobID))?.Type;

const keyOfJob = ({ Namespace, ID }: Job): string => `${Namespace}/${ID}`;

/** Nodes report a lot (every restart, every check's output) that moves no drain. */
function standsOtherwise(before: unknown, after: unknown): boolean {
  const [was, is] = [before as Allocation | undefined, after as Allocation | undefined];
  if (!was || !is) return true;
  return (
    was.ClientStatus !== is.ClientStatus ||
    was.DesiredStatus !== is.DesiredStatus ||
    was.NextAllocation !== is.NextAllocation ||
    was.DesiredTransition?.Migrate !== is.DesiredTransition?.Migrate ||
    was.DeploymentStatus !== is.DeploymentStatus ||
    was.Traffic?.Ready !== is.Traffic?.Ready ||
    statuses(was) !== statuses(is)
  );
}

const statuses = (alloc: Allocation): string => (alloc.Services ?? []).map((service) => service.Status).join();
