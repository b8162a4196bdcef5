/**
 * The machine under this node: what it is, and what becomes of it. Engines come and go, disks fill up: what changed is
 * told to the server, and what nobody knows any more of earlier tasks is removed.
 */
import type { Driver } from '../drivers/driver.ts';
import { sleep } from '../lib/clock.ts';
import { formatDuration, nanosFromMs } from '../lib/duration.ts';
import { messageOf } from '../lib/errors.ts';
import type { Node } from '../model/node.ts';
import type { AllocRunner } from './alloc-runner.ts';
import { type ConsulSync, consulAttributes } from './consul/consul-sync.ts';
import { fingerprintMachine } from './fingerprint.ts';
import { HostMeter, type HostStats } from './host-stats.ts';
import type { NodeAgentOptions } from './node-agent-options.ts';
import { diskWords, nodeChanges } from './node-changes.ts';
import { describeNode, driverWords } from './node-row.ts';

export interface MachineWatchDeps {
  readonly options: NodeAgentOptions;
  readonly identity: { readonly id: string; readonly secretId: string };
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly consul: ConsulSync | undefined;
  readonly runners: () => readonly AllocRunner[];
  /** The node is not what the server was told. */
  readonly changed: () => void;
}

const LOOK_AT_MACHINE_MS = 15_000;

export class MachineWatch {
  readonly #deps: MachineWatchDeps;
  readonly #host: HostMeter;
  #node: Node | undefined;

  constructor(deps: MachineWatchDeps) {
    this.#deps = deps;
    this.#host = new HostMeter(deps.options.clock);
  }

  /** As the server was told last; undefined until the first fingerprint. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** What the server is told, and compared with from now on. */
  async describe(): Promise<Node> {
    this.#node = await this.#look();
    return this.#node;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { options, runners, changed } = this.#deps;
    while (!signal.aborted) {
      await this.#sweep();
      await sleep(options.clock, LOOK_AT_MACHINE_MS, signal);
      if (signal.aborted) return;
      this.#host.look();
      for (const runner of runners()) runner.lookAround();
      if (await this.#hasChanged()) changed();
    }
  }

  /** What the machine is doing, tasks and all. */
  hostStats(): HostStats {
    const { Cpu } = this.#node?.NodeResources ?? { Cpu: { CpuShares: 0, TotalCpuCores: 1 } };
    return this.#host.measure(this.#deps.options.dataDir, Cpu.CpuShares / Math.max(1, Cpu.TotalCpuCores));
  }

  async #hasChanged(): Promise<boolean> {
    const before = this.#node;
    const now = await this.#look();
    const changed = before === undefined ? [] : nodeChanges(before, now);
    if (changed.length === 0) return false;
    const { log } = this.#deps.options;
    log.info({ changed, drivers: driverWords(now), disk: diskWords(now) }, 'the machine changed');
    return true;
  }

  async #look(): Promise<Node> {
    const { options, identity, drivers, consul } = this.#deps;
    const { name, datacenter, nodeClass, meta, reserved, httpAddr, clock } = options;
    const tlsEnabled = options.tlsEnabled ?? false;
    const maxKillTimeout = formatDuration(nanosFromMs(options.maxKillTimeoutMs));
    const description = { name, datacenter, nodeClass, meta, reserved, httpAddr, tlsEnabled, maxKillTimeout };
    const found = (options.fingerprint ?? fingerprintMachine)(options);
    const machine = { ...found, attributes: { ...found.attributes, ...(await consulAttributes(consul)) } };
    return describeNode({ ...identity, ...description }, machine, drivers.values(), clock.nowMs());
  }

  async #sweep(): Promise<void> {
    const { options, drivers, runners } = this.#deps;
    const isKnown = (taskId: string) => runners().some((runner) => runner.hasStart(taskId));
    for (const driver of drivers.values()) {
      await driver.sweep?.(isKnown).catch((error) => {
        options.log.warn({ driver: driver.name, error: messageOf(error) }, 'remains of tasks cannot be removed');
      });
    }
  }
}
