/** What the tasks of an allocation use of the machine, as their drivers measure it. */
import type { Driver, TaskStats } from '../drivers/driver.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import type { TaskGroup } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import { type AllocResourceUsage, UsageMeter } from './resource-usage.ts';
import { taskNamed } from './task-place.ts';
import type { TaskSequence } from './task-sequence.ts';

export interface AllocUsageDeps {
  readonly instance: { readonly group: TaskGroup };
  readonly sequence: TaskSequence;
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly node: () => Node;
  readonly clock: Clock;
}

export class AllocUsage {
  readonly #deps: AllocUsageDeps;
  readonly #meter = new UsageMeter();

  constructor(deps: AllocUsageDeps) {
    this.#deps = deps;
  }

  /** Whoever looks for the first time, or for the first time in long, waits for a second look: use is a difference. */
  async measure(): Promise<AllocResourceUsage> {
    const mhz = Number(this.#deps.node().Attributes['cpu.frequency'] ?? 0);
    const first = await this.stats();
    if (!this.#meter.isOld(first)) return this.#meter.measure(first, mhz);
    this.#meter.measure(first, mhz);
    await sleep(this.#deps.clock, BETWEEN_LOOKS_MS);
    return this.#meter.measure(await this.stats(), mhz);
  }

  /** Of the tasks that run, where their drivers can tell. */
  async stats(): Promise<Record<string, TaskStats>> {
    const { instance, sequence, drivers } = this.#deps;
    const found: Record<string, TaskStats> = {};
    for (const task of sequence.all) {
      const driver = drivers.get(taskNamed(instance.group, task.name).Driver);
      if (task.handle !== undefined && driver?.stats !== undefined) found[task.name] = await driver.stats(task.handle);
    }
    return found;
  }
}

/** Long enough for a share of the processor's time that means something, short enough to wait for. */
const BETWEEN_LOOKS_MS = 200;
