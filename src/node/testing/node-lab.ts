/** A node agent on a virtual clock, with the mock driver and the server's twin; the machine survives its agents. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockDriver, MockMachine } from '../../drivers/mock.ts';
import { seededIds } from '../../lib/ids.ts';
import { silentLog } from '../../lib/log.ts';
import { seededRandom } from '../../lib/random.ts';
import { settle, VirtualClock } from '../../lib/virtual-clock.ts';
import type { Allocation, AllocUpdate } from '../../model/allocation.ts';
import type { ConsulApi } from '../consul/consul-api.ts';
import { fingerprintMachine, type Machine } from '../fingerprint.ts';
import { NodeAgent } from '../node-agent.ts';
import { NOTHING_RESERVED } from '../node-row.ts';
import { ServerTwin, type ServerTwinOptions } from './server-twin.ts';

export class NodeLab {
  readonly clock = new VirtualClock();
  readonly machine = new MockMachine();
  readonly twin: ServerTwin;
  readonly dir = mkdtempSync(join(tmpdir(), 'serin-node-lab-'));
  /** Ports of the machine that others listen on, and who. */
  readonly strangers = new Map<number, string>();
  /** The Consul beside the node; undefined: it has none. */
  consul: ConsulApi | undefined;
  /** The next agent is built without them. */
  withoutDrivers = false;
  /** What of this machine the test wants otherwise. */
  machineFacts: (machine: Machine) => Machine = (machine) => machine;
  readonly #newId = seededIds(seededRandom('ids'));
  #leave = new AbortController();
  #run: Promise<void> | undefined;
  #isFull = false;
  #agent: NodeAgent | undefined;

  constructor(options: ServerTwinOptions = {}) {
    this.twin = new ServerTwin(options);
  }

  get agent(): NodeAgent {
    if (this.#agent === undefined) throw new Error('no agent runs');
    return this.#agent;
  }

  async start(): Promise<NodeAgent> {
    this.#leave = new AbortController();
    this.#agent = new NodeAgent({
      dataDir: this.dir,
      connection: this.twin,
      drivers: this.withoutDrivers ? [] : [new MockDriver(this.clock, this.machine)],
      clock: this.clock,
      random: { next: () => 0 },
      newId: this.#newId,
      log: silentLog,
      name: 'one',
      datacenter: 'dc1',
      nodeClass: 'big',
      meta: { rack: 'r1' },
      reserved: NOTHING_RESERVED,
      httpAddr: '127.0.0.1:4646',
      address: '127.0.0.1',
      cpuTotalCompute: 4_000,
      version: '0.0.0',
      hostEnv: { PATH: '/usr/bin:/bin' },
      portHolder: async (port) => this.strangers.get(port),
      keepEnded: 50,
      ...(this.consul && { consul: this.consul }),
      journalWrite: (fd, bytes, offset) => this.#write(fd, bytes, offset),
      maxKillTimeoutMs: 30_000,
      fingerprint: (options) => this.machineFacts(fingerprintMachine(options)),
    });
    this.#run = this.#agent.run(this.#leave.signal);
    await this.pass(0);
    return this.#agent;
  }

  fillDisk(isFull: boolean): void {
    this.#isFull = isFull;
  }

  #write(fd: number, bytes: Buffer, offset: number): number {
    if (this.#isFull) throw new Error('ENOSPC: no space left on device, write');
    return writeSync(fd, bytes, offset);
  }

  /** The agent goes, its tasks stay. */
  async leave(): Promise<void> {
    this.#leave.abort();
    await this.#run;
  }

  /** The agent goes as by SIGKILL: what it writes on its way out was never written. */
  async crash(): Promise<void> {
    const journal = join(this.dir, 'client', 'allocs.journal');
    const written = readFileSync(journal);
    await this.leave();
    writeFileSync(journal, written);
  }

  async close(): Promise<void> {
    await this.leave();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Time passes, and whatever is due happens. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    for (let i = 0; i < 5; i++) await settle();
  }

  alloc(id: string): Allocation {
    return this.twin.alloc(id);
  }

  reportsOf(id: string): AllocUpdate[] {
    return this.twin.reports.flat().filter((update) => update.ID === id);
  }

  events(id: string, task = 'web'): string[] {
    return this.alloc(id).TaskStates?.[task]?.Events.map((event) => `${event.Type}: ${event.DisplayMessage}`) ?? [];
  }
}
