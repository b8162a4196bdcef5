/**
 * How exec brings a task to life: writes down what is to run, sends for a launcher (`exec-shim.ts`) and waits until the
 * container's first process has reached the task, or never will.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, sleep } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import type { TaskConfig } from './driver.ts';
import type { ExecConfig } from './exec-config.ts';
import type { ExecMachine } from './exec-machine.ts';
import { execEnv, execUser, findInside, handOver } from './exec-place.ts';
import { type ExecRecords, keptOf } from './exec-records.ts';
import { ownBinds } from './exec-root.ts';
import { firstProcessScript, type Life, launcherScript, launchFile } from './exec-shim.ts';
import { runArguments } from './oci-runtime.ts';
import { containerSpec } from './oci-spec.ts';
import { isAlive, type ProcessId } from './proc.ts';
import type { RecordWatch } from './record-watch.ts';
import { ShimSpawner } from './shim-spawner.ts';

/** How long a container may take to come to be: far more than it needs on a machine that is not stuck. */
const START_DEADLINE_MS = 60_000;
const MAX_PAUSE_MS = 20;

export interface ExecLaunchRequest {
  readonly task: TaskConfig;
  readonly config: ExecConfig;
  readonly cgroup: string;
  readonly machine: ExecMachine;
  /** Aborts when nobody wants the start any more. */
  readonly unwanted: AbortSignal | undefined;
}

export class ExecLauncher {
  readonly #records: ExecRecords;
  readonly #watch: RecordWatch;
  readonly #clock: Clock;
  readonly #starting = new Set<string>();
  #spawner: ShimSpawner | undefined;

  constructor(records: ExecRecords, watch: RecordWatch, clock: Clock) {
    this.#records = records;
    this.#watch = watch;
    this.#clock = clock;
  }

  /** Resolves with the container's first process when the task runs; what a failed launch leaves is for the caller. */
  async launch(request: ExecLaunchRequest): Promise<ProcessId> {
    const { task, machine, unwanted } = request;
    this.#starting.add(task.id);
    try {
      writeLaunch(this.#records, request);
      this.#spawner ??= new ShimSpawner(this.#records.folder, machine.tools, launcherScript(machine.tools));
      this.#spawner.launch(task.id);
      return await this.#launched(task.id, unwanted);
    } finally {
      this.#starting.delete(task.id);
    }
  }

  isStarting(id: string): boolean {
    return this.#starting.has(id);
  }

  /** Resolves when the task has been reached, or never will be: a matter of milliseconds. */
  async begun(id: string, first: ProcessId): Promise<Life> {
    for (let pauseMs = 1; ; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
      // In this order: what a first process writes before it ends is seen.
      const lives = isAlive(first);
      const life = this.#records.life(id);
      if (life.task !== undefined || !lives) return life;
      await sleep(this.#clock, pauseMs);
    }
  }

  /** Tasks go on. */
  close(): void {
    this.#spawner?.close();
    this.#spawner = undefined;
  }

  async #launched(id: string, unwanted: AbortSignal | undefined): Promise<ProcessId> {
    const first = await this.#started(id, unwanted);
    const life = await this.begun(id, first);
    if (life.task === undefined) {
      throw new SerinError('driver', `the container ended before its task began: ${this.#records.complaint(id)}`);
    }
    for (const kind of ['task', 'launch'] as const) rmSync(this.#records.file(id, kind), { force: true });
    return first;
  }

  async #started(id: string, unwanted: AbortSignal | undefined): Promise<ProcessId> {
    const deadline = new AbortController();
    const timer = this.#clock.after(START_DEADLINE_MS, () => deadline.abort());
    const signal = AbortSignal.any([deadline.signal, ...(unwanted ? [unwanted] : [])]);
    const first = await this.#watch.until(`${id}.started`, () => this.#records.firstProcess(id), signal);
    timer.cancel();
    if (first === 'failed') {
      throw new SerinError('driver', `the container was not made: ${this.#records.complaint(id)}`);
    }
    const late = first ?? this.#records.cancel(id);
    if (late !== undefined && late !== 'failed') return late;
    throw new SerinError('driver', deadline.signal.aborted ? NO_CONTAINER : 'the start was given up');
  }
}

const NO_CONTAINER = `the container did not come to be within ${START_DEADLINE_MS / 1000} s`;

function writeLaunch(records: ExecRecords, { task, config, cgroup, machine }: ExecLaunchRequest): void {
  const { id } = task;
  const user = execUser(task.user);
  const own = ownBinds(task);
  const env = execEnv(task.env);
  const argv = [findInside(config.command, env, own), ...config.args];
  const { bounding, added, first } = config.capabilities;
  handOver(task, user);
  const bundle = records.file(id, 'bundle');
  mkdirSync(bundle, { recursive: true, mode: 0o700 });
  const spec = containerSpec({
    root: machine.root,
    readOnly: machine.binds,
    writable: own,
    args: [machine.tools.sh],
    capabilities: first,
    openFiles: machine.openFiles,
    cgroup,
    limits: machine.limits,
    cpuMHz: task.cpuMHz,
    memoryMB: task.memoryMB,
    memoryMaxMB: task.memoryMaxMB,
    pidsLimit: config.pidsLimit,
  });
  records.write(id, 'json', JSON.stringify(keptOf(task.user, config)));
  const inside = { id, argv, env, cwd: config.workDir, user, bounding, ambient: added };
  records.write(id, 'task', firstProcessScript(inside, machine.tools));
  const runtime = [machine.runtime.program, ...runArguments(machine.runtime, id, bundle)];
  records.write(id, 'launch', launchFile({ ...task, runtime, user }, machine.tools));
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec), { mode: 0o600 });
}
