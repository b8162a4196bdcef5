/** Reads what every worker has: its rows each time, its configuration once, its maps when they may have changed. */

import type { Clock } from '../../lib/clock.ts';
import { isSame, readStat } from '../../lib/process-id.ts';
import type { WorkerView } from './difference.ts';
import type { HaproxyFiles } from './files.ts';
import { LATENCY_TABLE, type LatencyEntry, parseLatencies } from './latencies.ts';
import { askWorker } from './runtime-api.ts';
import type { Silence } from './silence.ts';
import { hasStats, isStopping, parseDescription, parseMap, parseStats, type WorkerProcess } from './worker-state.ts';

export interface Worker extends WorkerView, WorkerProcess {
  /** The `layoutId` of what it runs. */
  readonly layoutId: string;
  /** How long answers took; undefined: not asked for this time. */
  readonly latencies: readonly LatencyEntry[] | undefined;
}

interface Known {
  readonly layoutId: string;
  /** Nobody's successor has come yet, and it takes nothing new all the same. */
  readonly isStopping: boolean;
  timedMs: number;
  maps: ReadonlyMap<string, ReadonlyMap<string, string>> | undefined;
}

export class WorkerReader {
  readonly #files: HaproxyFiles;
  readonly #silence: Silence;
  readonly #clock: Clock;
  #known = new Map<number, Known>();
  #isBlind = false;

  constructor(files: HaproxyFiles, { silence, clock }: { readonly silence: Silence; readonly clock: Clock }) {
    this.#files = files;
    this.#silence = silence;
    this.#clock = clock;
  }

  /** An old worker runs of which the last look has seen nothing: who knows what it has in flight. */
  get isBlind(): boolean {
    return this.#isBlind;
  }

  /** The workers of the last look. */
  get pids(): number[] {
    return [...this.#known.keys()];
  }

  /** Old workers that end meanwhile are left out, and a new one that does not answer yet. */
  async read(processes: readonly WorkerProcess[]): Promise<Worker[]> {
    const workers: Worker[] = [];
    let isBlind = false;
    for (const process of processes) {
      const worker = await this.#readOne(process).catch((error: unknown) => {
        if (process.isOld) return undefined;
        throw error;
      });
      if (worker !== undefined) workers.push(worker);
      else if (process.isOld && runs(process.pid)) isBlind = true;
    }
    this.#isBlind = isBlind;
    const alive = new Set(processes.map(({ pid }) => pid));
    this.#known = new Map([...this.#known].filter(([pid]) => alive.has(pid)));
    return workers;
  }

  /** Its maps were written to. */
  forgetMaps(pid: number): void {
    const known = this.#known.get(pid);
    if (known !== undefined) known.maps = undefined;
  }

  async #readOne(process: WorkerProcess): Promise<Worker | undefined> {
    const known = this.#known.get(process.pid) ?? (await this.#meet(process.pid));
    const isTimed = this.#clock.nowMs() - known.timedMs >= TIMES_EVERY_MS;
    const commands = [SHOW_STAT, ...(isTimed ? [`show table ${LATENCY_TABLE}`] : [])];
    const text = await this.#ask(process.pid, commands, process.isOld ? OLD_ANSWERS_WITHIN_MS : undefined);
    // It ends, or does not answer yet: taken for one without frontends it would be replaced by one that has none.
    if (!hasStats(text) || known.layoutId === '') return undefined;
    const rows = parseStats(text);
    if (rows.length === 0 && process.isOld) return undefined;
    known.maps ??= await this.#readMaps(process.pid);
    if (isTimed) known.timedMs = this.#clock.nowMs();
    const latencies = isTimed ? parseLatencies(text) : undefined;
    const isOld = process.isOld || known.isStopping;
    return { ...process, isOld, rows, maps: known.maps, layoutId: known.layoutId, latencies };
  }

  async #meet(pid: number): Promise<Known> {
    const info = await this.#ask(pid, ['show info']);
    const [layoutId, stops] = [parseDescription(info), isStopping(info)];
    const known = { layoutId, isStopping: stops, maps: undefined, timedMs: 0 };
    if (known.layoutId !== '') this.#known.set(pid, known);
    return known;
  }

  async #readMaps(pid: number): Promise<Map<string, ReadonlyMap<string, string>>> {
    const maps = new Map<string, ReadonlyMap<string, string>>();
    for (const [, id, path] of (await this.#ask(pid, ['show map'])).matchAll(/^(\d+) \((.+?)\) /gm)) {
      const name = path!.startsWith(`${this.#files.dir}/`) ? path!.slice(this.#files.dir.length + 1) : undefined;
      if (name?.endsWith('.map')) maps.set(name.slice(0, -4), parseMap(await this.#ask(pid, [`show map #${id}`])));
    }
    return maps;
  }

  #ask(pid: number, commands: readonly string[], withinMs?: number): Promise<string> {
    return this.#silence.of(pid, askWorker(this.#files.masterSocket, pid, commands, withinMs));
  }
}

/** Of all frontends, backends and servers. */
const SHOW_STAT = 'show stat -1 7 -1';
/** While much happens it is asked every few milliseconds: not for this. */
const TIMES_EVERY_MS = 200;
/** One that is frozen keeps nobody from steering the current one. */
const OLD_ANSWERS_WITHIN_MS = 1000;

function runs(pid: number): boolean {
  const stat = readStat(pid);
  return stat !== undefined && isSame(stat, stat);
}
