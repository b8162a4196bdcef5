/**
 * `docker`: a task is a container of an engine that speaks Docker's API (Docker, Podman). The engine supervises it, so
 * the agent may die; labels say whose container it is. The state directory has a small file per task: how far its
 * output was copied, and another for the signals that it was sent.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerInspectInfo } from 'dockerode';
import { type Clock, sleep } from '../lib/clock.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { askToEnd } from './ask-to-end.ts';
import { attachInContainer } from './docker-attach.ts';
import { checkDockerConfig } from './docker-config.ts';
import { containerOptions, DOCKER_WORLD, LABELS } from './docker-container-options.ts';
import { type Engine, engineError, isConflict, isNotFound, isUnreachable } from './docker-engine.ts';
import { execInContainer, statsOf } from './docker-exec.ts';
import { fingerprintEngine } from './docker-fingerprint.ts';
import { LogFollowers } from './docker-log-follower.ts';
import { ranOutOfMemory } from './docker-oom.ts';
import type { DockerPluginConfig } from './docker-plugin-config.ts';
import { ensureImage } from './docker-pull.ts';
import { SentSignals } from './docker-sent-signals.ts';
import { untilNotRunning } from './docker-wait.ts';
import type {
  AttachedCommand,
  AttachRequest,
  Driver,
  DriverFingerprint,
  ExecOutput,
  ExecRequest,
  ExitResult,
  StartContext,
  StopOptions,
  TaskConfig,
  TaskHandle,
  TaskStats,
  TaskStatus,
} from './driver.ts';
import { knownSignal, signalNumber } from './signals.ts';

export interface DockerDriverOptions {
  /** The driver's own folder; it is made when missing. */
  readonly stateDir: string;
  readonly plugin: DockerPluginConfig;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
}

interface DockerState {
  readonly container: string;
}

/** How long an engine that does not answer is waited for before a task counts as not found. */
const RECOVER_PATIENCE_MS = 10_000;
const RETRY_MS = 500;
const SIGKILL = 9;

const NO_CONTEXT: StartContext = { note: () => {}, signal: new AbortController().signal };

export class DockerDriver implements Driver {
  readonly name = 'docker';
  /** What an image's programs expect. */
  readonly killSignal = 'SIGTERM';
  readonly world = DOCKER_WORLD;
  readonly #plugin: DockerPluginConfig;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #owner: string;
  readonly #followers: LogFollowers;
  readonly #sent: SentSignals;
  #engine: Promise<Engine> | undefined;

  constructor({ stateDir, plugin, clock, newId, log }: DockerDriverOptions) {
    this.#plugin = plugin;
    this.#clock = clock;
    this.#log = log;
    mkdirSync(stateDir, { recursive: true });
    chmodSync(stateDir, 0o700);
    this.#owner = ownerOf(stateDir, newId);
    this.#sent = new SentSignals(stateDir);
    this.#followers = new LogFollowers({ stateDir, clock, log, engine: () => this.#connect() });
  }

  fingerprint(): Promise<DriverFingerprint> {
    return fingerprintEngine(this.#plugin, () => this.#connect(), this.#clock);
  }

  validateConfig(config: Readonly<Record<string, unknown>>): readonly string[] {
    return checkDockerConfig(config, this.#plugin);
  }

  async start(task: TaskConfig, context: StartContext = NO_CONTEXT): Promise<TaskHandle> {
    const problems = this.validateConfig(task.config);
    if (problems.length > 0) throw new SerinError('driver', problems.join('; '));
    const options = containerOptions(task, this.#plugin, this.#owner);
    const engine = await this.#connect();
    await ensureImage(task, { engine, plugin: this.#plugin, clock: this.#clock, context });
    this.#followers.prepare(task.id, task, options.Tty === true);
    try {
      const container = await this.#create(engine, task, options);
      await this.#run(container, context.signal);
      this.#followers.follow(task.id, container.id);
      return this.#handle(task.id, container.id);
    } catch (error) {
      await this.#followers.forget(task.id);
      throw error;
    }
  }

  async wait(handle: TaskHandle, signal: AbortSignal): Promise<ExitResult | undefined> {
    const { container } = stateOf(handle);
    this.#followers.follow(handle.taskId, container);
    const result = await this.#ended(handle, signal);
    // Once it is known how it ended, its container may be removed, and its log with it.
    if (result !== undefined) await this.#followers.finished(handle.taskId);
    return result;
  }

  async stop(handle: TaskHandle, options: StopOptions): Promise<void> {
    const signal = (name: string) => this.#persist(() => this.signal(handle, name));
    const ended = (by: AbortSignal) => this.#ended(handle, by);
    if ((await askToEnd(this.#clock, { signal, ended }, options)) !== undefined) return;
    await signal('SIGKILL');
    await this.#ended(handle, undefined);
  }

  async signal(handle: TaskHandle, signal: string): Promise<void> {
    const name = knownSignal(signal);
    this.#sent.note(handle.taskId, signalNumber(name));
    try {
      const engine = await this.#connect();
      await engine.getContainer(stateOf(handle).container).kill({ signal: name });
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) return;
      // Podman has no status of its own for a container that has ended.
      if (!isUnreachable(error) && (await this.inspect(handle)).state !== 'running') return;
      throw this.#error(`cannot send ${name}`, error);
    }
  }

  async recover(taskId: string, handle: TaskHandle | undefined): Promise<TaskHandle | undefined> {
    if (handle !== undefined) {
      this.#followers.follow(taskId, stateOf(handle).container);
      return handle;
    }
    const found = await this.#find(taskId);
    if (found === undefined) return undefined;
    if (found.State.Status === 'created') {
      await this.#remove(found.Id);
      return undefined;
    }
    this.#followers.follow(taskId, found.Id);
    return this.#handle(taskId, found.Id);
  }

  async inspect(handle: TaskHandle): Promise<TaskStatus> {
    const info = await this.#inspect(stateOf(handle).container);
    if (info === undefined) return { state: 'gone' };
    if (info.State.Running) return { state: 'running', pids: info.State.Pid > 0 ? [info.State.Pid] : [] };
    return { state: 'exited', result: await this.#resultOf(handle.taskId, info) };
  }

  async destroy(handle: TaskHandle): Promise<void> {
    const { container } = stateOf(handle);
    try {
      if (this.#plugin.removesContainers) await this.#remove(container);
      else await this.stop(handle, { signal: 'SIGKILL', timeoutMs: 0 });
    } catch (error) {
      // A later sweep removes it.
      this.#log.warn({ container, error: messageOf(error) }, 'container cannot be removed now');
    }
    await this.#followers.forget(handle.taskId);
    this.#sent.forget(handle.taskId);
  }

  readonly exec = async (handle: TaskHandle, request: ExecRequest, signal: AbortSignal): Promise<ExecOutput> => {
    try {
      const engine = await this.#connect();
      return await execInContainer(engine, stateOf(handle).container, request, this.#clock, signal);
    } catch (error) {
      throw this.#error(`cannot run ${request.command} in the container`, error);
    }
  };

  readonly attach = async (
    handle: TaskHandle,
    request: AttachRequest,
    signal: AbortSignal,
  ): Promise<AttachedCommand> => {
    try {
      return await attachInContainer(await this.#connect(), stateOf(handle).container, request, this.#clock, signal);
    } catch (error) {
      throw this.#error(`cannot run ${request.command} in the container`, error);
    }
  };

  readonly stats = async (handle: TaskHandle): Promise<TaskStats> => {
    try {
      const container = (await this.#connect()).getContainer(stateOf(handle).container);
      const [stats, info] = await Promise.all([
        container.stats({ stream: false, 'one-shot': true }),
        container.inspect(),
      ]);
      return statsOf(stats, info.State.Pid, this.#clock.nowMs());
    } catch (error) {
      throw this.#error('cannot measure the container', error);
    }
  };

  readonly sweep = async (isKnown: (taskId: string) => boolean): Promise<void> => {
    if (!this.#plugin.removesDangling || !existsSync(this.#plugin.socketPath)) return;
    const engine = await this.#connect();
    const own = await engine.listContainers({ all: true, filters: { label: [`${LABELS.owner}=${this.#owner}`] } });
    // Asked only now: what was started meanwhile is known by then.
    for (const { Id, Labels, Names } of own) {
      if (isKnown(Labels[LABELS.taskId] ?? '')) continue;
      if (!this.#plugin.removesContainers && !(await this.#inspect(Id))?.State.Running) continue;
      this.#log.info({ container: Id, name: Names[0] }, 'container of ours that no allocation knows removed');
      await this.#remove(Id);
    }
  };

  /** Lets go of the engine; containers go on. */
  async close(): Promise<void> {
    await this.#followers.close();
  }

  /** The library is loaded when the first engine is there to be asked. */
  #connect(): Promise<Engine> {
    this.#engine ??= import('./docker-connect.ts').then(({ connectEngine }) => connectEngine(this.#plugin.socketPath));
    return this.#engine;
  }

  async #create(engine: Engine, task: TaskConfig, options: ReturnType<typeof containerOptions>) {
    try {
      return await engine.createContainer(options);
    } catch (error) {
      await this.#freeName(engine, task, options.name ?? '', error);
    }
    try {
      return await engine.createContainer(options);
    } catch (error) {
      throw this.#error('cannot create the container', error);
    }
  }

  /**
   * An earlier start of the same task may have left its container; anybody else's stays. Engines do not agree on the
   * status of a name that is taken, so it is looked for.
   */
  async #freeName(engine: Engine, task: TaskConfig, name: string, failure: unknown): Promise<void> {
    const holder = await engine
      .getContainer(name)
      .inspect()
      .catch(() => undefined);
    if (holder === undefined) throw this.#error('cannot create the container', failure);
    const { Labels = {}, Image } = holder.Config;
    if (Labels[LABELS.owner] === this.#owner && Labels[LABELS.allocId] === task.allocId) return this.#remove(holder.Id);
    throw new SerinError(
      'driver',
      `cannot create the container: the name "${name}" is taken by container ${holder.Id.slice(0, 12)} (${Image}), which is not of this agent: remove or rename that one`,
    );
  }

  async #run(container: ReturnType<Engine['getContainer']>, signal: AbortSignal): Promise<void> {
    try {
      if (signal.aborted) throw new SerinError('driver', 'the start is not wanted any more');
      await container.start();
    } catch (error) {
      await this.#remove(container.id).catch(() => {});
      throw this.#error('cannot start the container', error);
    }
  }

  /** undefined once the signal aborts. While no engine answers, nobody knows. */
  async #ended(handle: TaskHandle, signal: AbortSignal | undefined): Promise<ExitResult | undefined> {
    const { container } = stateOf(handle);
    while (signal?.aborted !== true) {
      try {
        const info = await this.#inspect(container);
        if (info === undefined) return GONE;
        if (!info.State.Running) return await this.#resultOf(handle.taskId, info);
        await untilNotRunning(await this.#connect(), container, signal);
      } catch (error) {
        if (signal?.aborted) return undefined;
        if (!isUnreachable(rootOf(error)) && !isNotFound(rootOf(error))) throw error;
        await sleep(this.#clock, RETRY_MS, signal);
      }
    }
    return undefined;
  }

  async #resultOf(taskId: string, info: ContainerInspectInfo): Promise<ExitResult> {
    const { ExitCode: exitCode } = info.State;
    const signal = exitCode - 128;
    const wasSent = this.#sent.has(taskId, signal);
    const oomKilled = info.State.OOMKilled || (signal === SIGKILL && !wasSent && (await this.#ranOutOfMemory(info)));
    const isSignalled = wasSent || (oomKilled && signal === SIGKILL);
    return { exitCode, signal: isSignalled ? signal : 0, oomKilled };
  }

  async #ranOutOfMemory(info: ContainerInspectInfo): Promise<boolean> {
    return ranOutOfMemory(await this.#connect(), info, this.#clock.nowMs()).catch(() => false);
  }

  async #inspect(container: string): Promise<ContainerInspectInfo | undefined> {
    try {
      return await (await this.#connect()).getContainer(container).inspect();
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw this.#error('cannot look at the container', error);
    }
  }

  /** The container of that start; waits for an engine that does not answer, but not for ever. */
  async #find(taskId: string): Promise<ContainerInspectInfo | undefined> {
    const label = [`${LABELS.owner}=${this.#owner}`, `${LABELS.taskId}=${taskId}`];
    const untilMs = this.#clock.nowMs() + RECOVER_PATIENCE_MS;
    for (;;) {
      try {
        const [found] = await (await this.#connect()).listContainers({ all: true, filters: { label } });
        return found && (await this.#inspect(found.Id));
      } catch (error) {
        if (this.#clock.nowMs() >= untilMs) {
          this.#log.warn({ error: messageOf(error) }, 'a task cannot be looked for');
          return undefined;
        }
        await sleep(this.#clock, RETRY_MS);
      }
    }
  }

  async #remove(container: string): Promise<void> {
    try {
      await (await this.#connect()).getContainer(container).remove({ force: true, v: true });
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw this.#error('cannot remove the container', error);
      // Somebody removes it already.
      await this.#gone(container);
    }
  }

  async #gone(container: string): Promise<void> {
    while ((await this.#inspect(container)) !== undefined) await sleep(this.#clock, RETRY_MS / 10);
  }

  /** What must happen happens when the engine answers again. */
  async #persist(act: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await act();
      } catch (error) {
        if (!isUnreachable(rootOf(error))) throw error;
        await sleep(this.#clock, RETRY_MS);
      }
    }
  }

  #handle(taskId: string, container: string): TaskHandle {
    return { driver: this.name, taskId, startedMs: this.#clock.nowMs(), state: { container } };
  }

  #error(what: string, error: unknown): SerinError {
    return engineError(what, error, this.#plugin.socketPath);
  }
}

const GONE: ExitResult = {
  exitCode: -1,
  signal: 0,
  oomKilled: false,
  unknown: 'exit status unknown: the container was removed by somebody else',
};

const stateOf = (handle: TaskHandle): DockerState => handle.state as unknown as DockerState;

const rootOf = (error: unknown): unknown => (error instanceof SerinError ? (error.cause ?? error) : error);

/** The name of this data directory among an engine's containers, made the first time. */
function ownerOf(stateDir: string, newId: NewId): string {
  const file = join(stateDir, 'owner');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const owner = newId();
  writeFileSync(`${file}.new`, owner, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return owner;
}
