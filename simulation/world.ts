/**
 * The world of one simulation: the real server, scheduler and state on a virtual clock, with simulated nodes and
 * ingresses around them, and a store that survives crashes. Everything that happens follows from one seed.
 */

import { ingressTable } from '../src/agent/ingress-table.ts';
import { seededIds } from '../src/lib/ids.ts';
import { silentLog } from '../src/lib/log.ts';
import { type Random, seededRandom } from '../src/lib/random.ts';
import { settle, VirtualClock } from '../src/lib/virtual-clock.ts';
import type { Allocation } from '../src/model/allocation.ts';
import type { RoutingTable } from '../src/model/ingress.ts';
import type { Job } from '../src/model/job.ts';
import { nodeAssignment } from '../src/server/node-assignment.ts';
import { Server } from '../src/server/server.ts';
import { State } from '../src/state/state.ts';
import { MemoryRecords, openMemoryStorage } from '../src/state/storage/memory.ts';
import type { Storage } from '../src/state/storage/storage.ts';
import type { CommittedTransaction, ReadTx } from '../src/state/types.ts';
import { PLANTED_BUGS, type Planted, type PlantedBug } from './planted-bugs.ts';
import { SimIngress } from './sim-ingress.ts';
import { simulatedNode } from './sim-machine.ts';
import { SimNode } from './sim-node.ts';
import type { Fate } from './sim-runner.ts';

export interface WorldOptions {
  readonly seed: string;
  readonly nodes: number;
  readonly ingresses: number;
  /** Called for every committed transaction: where the laws look. */
  readonly onCommit: (world: World, transaction: CommittedTransaction) => void;
  /** Called for every routing table that an ingress is told, with what it was planned from. */
  readonly onTable: (tx: ReadTx, table: RoutingTable, ingressId: string) => void;
  readonly plantedBug?: PlantedBug | undefined;
  readonly onKill: (world: World, alloc: Allocation, byDeadline: boolean) => void;
}

export class World {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly nodes: SimNode[] = [];
  readonly ingresses: SimIngress[] = [];
  /** What becomes of instances, by the release that the job's `Meta` names; healthy where nothing is said. */
  readonly fates = new Map<string, Fate>();
  readonly #options: WorldOptions;
  readonly #planted: Planted;
  readonly #records = new MemoryRecords();
  readonly #newId: () => string;
  #state: State | undefined;
  #server: Server | undefined;
  #stop = new AbortController();
  /** The store was lost in a write: the process around it is about to end. */
  #fell = false;
  #isCalm = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#planted = options.plantedBug === undefined ? {} : PLANTED_BUGS[options.plantedBug].plant();
    this.random = seededRandom(options.seed);
    this.#newId = seededIds(seededRandom(`${options.seed} ids`));
  }

  get server(): Server {
    if (!this.#server) throw new Error('the server is down');
    return this.#server;
  }

  get isUp(): boolean {
    return this.#server !== undefined;
  }

  async start(): Promise<void> {
    await this.startServer();
    for (let at = 0; at < this.#options.nodes; at++) await this.addNode();
    for (let at = 0; at < this.#options.ingresses; at++) this.#addIngress(`ingress-${at}`);
    await settle();
  }

  async startServer(): Promise<void> {
    const state = await State.open(this.#storage(), { freezeRows: true });
    this.#state = state;
    this.#stop = new AbortController();
    const server = new Server({
      state,
      clock: this.clock,
      newId: this.#newId,
      random: this.random,
      log: silentLog,
      breathe: () => Promise.resolve(),
      tableIndex: (tx) => ingressTable(tx).Index,
      planted: this.#planted,
    });
    this.#server = server;
    this.#running = Promise.allSettled([server.run(this.#stop.signal), this.#follow(state, this.#stop.signal)]);
    this.#notifyAll();
    await settle();
  }

  /** The server's process ends, between any two writes; what it had not stored is gone. */
  async crashServer(): Promise<void> {
    this.#fell = false;
    this.#records.faults = {};
    this.#records.crash();
    this.#server = undefined;
    this.#state = undefined;
    this.#stop.abort();
    await this.#running;
  }

  /** The process ends in the `writes`th write from now: before it reaches the store, or after it did and before anybody hears. */
  crashAtWrite(writes: number, moment: 'before' | 'after', onCrash: () => void): void {
    let left = writes;
    const fall = () => {
      left -= 1;
      if (left > 0) return;
      this.#records.faults = {};
      this.#records.crash();
      this.#fell = true;
      onCrash();
    };
    this.#records.faults = moment === 'before' ? { before: fall } : { after: fall };
  }

  /** Every fault that people do not have to mend ends. */
  calm(): void {
    this.#isCalm = true;
    this.#records.faults = {};
    for (const node of this.nodes) node.isPartitioned = false;
    for (const ingress of this.ingresses) ingress.isPartitioned = false;
  }

  async addNode(): Promise<SimNode> {
    const row = simulatedNode(this.#newId(), this.nodes.length);
    await this.server.registerNode(row);
    const node = new SimNode({
      id: row.ID,
      clock: this.clock,
      random: this.random,
      assignment: (id) => this.#told((tx) => nodeAssignment(tx, id)),
      update: (id, updates) => this.#ask((server) => server.updateAllocs(id, updates)),
      heartbeat: (id) => this.#ask((server) => server.heartbeat(id)),
      fate: (job: Job) => this.fates.get(job.Meta?.release ?? '') ?? 'healthy',
      isCalm: () => this.#isCalm,
      isImpatient: this.#planted.isImpatient ?? false,
      onKill: (alloc, byDeadline) => this.#options.onKill(this, alloc, byDeadline),
    });
    this.nodes.push(node);
    return node;
  }

  view<T>(read: (tx: ReadTx) => T): T {
    if (!this.#state) throw new Error('the server is down');
    return this.#state.view(read);
  }

  /** Runs the next event of the world, if it is due; says whether there was one. */
  async step(untilMs: number): Promise<boolean> {
    // What the last event has set in motion comes to its end before time goes on.
    await settle();
    const ran = this.clock.runNext(untilMs);
    await settle();
    if (this.#fell) await this.crashServer();
    return ran;
  }

  async close(): Promise<void> {
    for (const ingress of this.ingresses) ingress.stop();
    for (const node of this.nodes) node.die();
    if (this.isUp) await this.crashServer();
  }

  #storage(): Storage {
    const storage = openMemoryStorage(this.#records);
    return this.#planted.storage?.(storage) ?? storage;
  }

  #addIngress(id: string): void {
    const ingress = new SimIngress({
      id,
      clock: this.clock,
      random: this.random,
      table: () =>
        this.#told((tx) => {
          const planned = ingressTable(tx);
          const table = this.#planted.table?.(planned) ?? planned;
          this.#options.onTable(tx, table, id);
          return table;
        }),
      report: (report) => this.#ask((server) => server.reportIngress(report)),
      answers: (allocId) => this.nodes.some((node) => node.answers(allocId)),
    });
    this.ingresses.push(ingress);
  }

  async #follow(state: State, signal: AbortSignal): Promise<void> {
    for await (const transaction of state.subscribe({ afterIndex: state.durableIndex }, signal)) {
      this.#options.onCommit(this, transaction);
      if (transaction.changes.some((change) => change.table === 'allocs' || change.table === 'deployments'))
        this.#notifyAll();
    }
  }

  #notifyAll(): void {
    for (const node of this.nodes) node.notify();
    for (const ingress of this.ingresses) ingress.notify();
  }

  /** What leaves the server waits until it is durable. */
  async #told<T>(read: (tx: ReadTx) => T): Promise<T> {
    const state = this.#state;
    if (!state) throw new Error('the server is down');
    const { answer, index } = state.view((tx) => ({ answer: read(tx), index: tx.index }));
    await state.whenDurable(index);
    return answer;
  }

  #ask<T>(ask: (server: Server) => Promise<T>): Promise<T> {
    return this.#server ? ask(this.#server) : Promise.reject(new Error('the server is down'));
  }
}
