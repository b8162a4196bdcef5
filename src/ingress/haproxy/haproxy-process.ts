/**
 * The HAProxy that this ingress steers: a master with its workers, in a session of their own. It outlives the ingress
 * process; the next one adopts it by pid, start time and socket, and reloads nothing.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { type Clock, sleep } from '../../lib/clock.ts';
import { messageOf, SerinError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { isAlive, type ProcessId, readStat } from '../../lib/process-id.ts';
import { type HaproxyFiles, mapFile, socketProblem } from './files.ts';
import { stepsFile } from './latencies.ts';
import { ask } from './runtime-api.ts';
import type { Silence } from './silence.ts';
import { parseProcesses, type WorkerProcess } from './worker-state.ts';

export interface HaproxyProcessOptions {
  readonly binary: string;
  readonly files: HaproxyFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly silence?: Silence;
}

const OLDEST = [2, 6] as const;
const READY_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 5;
const LARGEST_LOG = 8 * 1024 * 1024;

export class HaproxyProcess {
  readonly #options: HaproxyProcessOptions;
  #id: ProcessId | undefined;

  constructor(options: HaproxyProcessOptions) {
    this.#options = options;
    mkdirSync(options.files.dir, { recursive: true, mode: 0o700 });
  }

  get isRunning(): boolean {
    return this.#id !== undefined && isAlive(this.#id);
  }

  /** Whether one runs that an ingress before this one has started. */
  adopt(): boolean {
    this.#id = rememberedProcess(this.#options.files);
    if (!this.isRunning) return false;
    this.#options.log.info({ pid: this.#id?.pid }, 'haproxy adopted');
    return true;
  }

  /** Rejects in words if this HAProxy cannot do what is needed. */
  async judgeBinary(): Promise<void> {
    const { binary, files } = this.#options;
    const tooLong = socketProblem(files);
    if (tooLong !== undefined) throw new SerinError('config', tooLong);
    const { code, output } = await run(binary, ['-vv']);
    if (code !== 0) throw new SerinError('config', `cannot run "${binary}": ${output.trim() || `status ${code}`}`);
    const problem = binaryProblem(output);
    if (problem !== undefined) throw new SerinError('config', `"${binary}" ${problem}`);
  }

  writeMaps(maps: ReadonlyMap<string, ReadonlyMap<string, string>>): void {
    for (const [map, entries] of maps) {
      const text = [...entries].map(([key, value]) => `${key} ${value}\n`).join('');
      replaceFile(mapFile(this.#options.files, map), text);
    }
  }

  writeScript(text: string): void {
    replaceFile(this.#options.files.lua, text);
    replaceFile(this.#options.files.steps, stepsFile());
  }

  /** Has HAProxy read it; the configuration that works stays until then. Rejects with HAProxy's own words. */
  async check(config: string): Promise<void> {
    const { binary, files } = this.#options;
    replaceFile(files.nextConfig, config);
    const { code, output } = await run(binary, ['-c', '-f', files.nextConfig]);
    if (code !== 0) throw new SerinError('config', `haproxy refuses its configuration: ${firstAlert(output)}`);
    renameSync(files.nextConfig, files.config);
  }

  hasConfig(): boolean {
    return existsSync(this.#options.files.config);
  }

  /** Starts with the configuration that is on disk; resolves when its worker answers. */
  async start(): Promise<void> {
    const { binary, files, log } = this.#options;
    trimLog(files);
    const output = openSync(files.log, 'a', 0o600);
    const args = ['-W', '-db', '-S', `${files.masterSocket},mode,600`, '-f', files.config];
    const child = spawn(binary, args, { detached: true, stdio: ['ignore', output, output] });
    closeSync(output);
    child.unref();
    await spawned(child);
    this.#remember({ pid: child.pid!, start: readStat(child.pid!)?.start ?? '' });
    await this.#until(async () => (await this.workers()).some(({ isOld }) => !isOld));
    log.info({ pid: child.pid }, 'haproxy started');
  }

  /** Starts a new worker, which takes over the listeners; resolves with its pid. The old ones finish what they have. */
  async reload(): Promise<number> {
    const { files, log } = this.#options;
    trimLog(files);
    const before = new Set((await this.workers()).map(({ pid }) => pid));
    await ask(files.masterSocket, 'reload').catch(() => '');
    let fresh: WorkerProcess | undefined;
    await this.#until(async () => {
      fresh = (await this.workers()).find(({ pid, isOld }) => !isOld && !before.has(pid));
      return fresh !== undefined;
    });
    log.info({ pid: fresh!.pid, old: [...before] }, 'haproxy reloaded');
    return fresh!.pid;
  }

  async workers(): Promise<WorkerProcess[]> {
    const { files, silence } = this.#options;
    const answer = ask(files.masterSocket, 'show proc');
    return parseProcesses(await (silence === undefined ? answer : silence.of(this.#id!.pid, answer)));
  }

  /** "gently": its workers end when they have nothing in flight. */
  stop(how: 'gently' | 'now'): void {
    if (this.#id !== undefined && this.isRunning) process.kill(this.#id.pid, how === 'gently' ? 'SIGUSR1' : 'SIGTERM');
  }

  /** Ends these processes of it, however they are. Workers without their master are ended with it: nobody would know of them. */
  end(pids: readonly number[], workers: readonly number[]): void {
    const master = this.#id?.pid;
    const all = master !== undefined && pids.includes(master) ? [...workers, ...pids] : pids;
    const own = all.filter((pid) => pid === master || readStat(pid)?.parent === master);
    for (const pid of new Set(own)) process.kill(pid, 'SIGKILL');
  }

  async ended(untilMs: number): Promise<boolean> {
    while (this.isRunning && this.#options.clock.nowMs() < untilMs) await sleep(this.#options.clock, LOOK_EVERY_MS);
    return !this.isRunning;
  }

  async #until(isSo: () => Promise<boolean>): Promise<void> {
    const { clock, files } = this.#options;
    const endMs = clock.nowMs() + READY_WITHIN_MS;
    while (!(await isSo().catch(() => false))) {
      if (!this.isRunning) throw new SerinError('unavailable', `haproxy has ended: ${lastAlert(files)}`);
      if (clock.nowMs() > endMs) throw new SerinError('unavailable', `haproxy is not ready: ${lastAlert(files)}`);
      await sleep(clock, LOOK_EVERY_MS);
    }
  }

  #remember(id: ProcessId): void {
    this.#id = id;
    replaceFile(this.#options.files.process, JSON.stringify(id));
  }
}

/** Of `haproxy -vv`; undefined: it can do all that is needed. */
export function binaryProblem(output: string): string | undefined {
  const found = /version (\d+)\.(\d+)/i.exec(output);
  if (found === null) return 'does not say which version of HAProxy it is';
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    return `is HAProxy ${major}.${minor}: 2.6 or later is needed`;
  if (!/USE_LUA=1|\+LUA/.test(output))
    return 'was built without Lua, by which requests are held: use a build with USE_LUA=1';
  return undefined;
}

/** What HAProxy says first of what it does not take, without its own decoration. */
export function firstAlert(output: string): string {
  const alert = output.split('\n').find((line) => line.includes('[ALERT]'));
  return (alert ?? output.trim().split('\n')[0] ?? '')
    .replace(/^\[ALERT\]\s*(\(\d+\)\s*:)?\s*(config : )?/, '')
    .replace(/\$[156]\$\S+/g, '$…')
    .trim();
}

/** HAProxy has it open to append: what is cut off is only what it has said before. */
function trimLog({ log }: HaproxyFiles): void {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGEST_LOG) truncateSync(log, 0);
}

function lastAlert(files: HaproxyFiles): string {
  const lines = readFileSync(files.log, 'utf8').split('\n');
  const alerts = lines.filter((line) => line.includes('[ALERT]')).slice(-2);
  return alerts.length === 0 ? 'its log says nothing' : firstAlert(alerts[0]!);
}

function rememberedProcess(files: HaproxyFiles): ProcessId | undefined {
  try {
    return JSON.parse(readFileSync(files.process, 'utf8')) as ProcessId;
  } catch {
    return undefined;
  }
}

function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new SerinError('config', `haproxy cannot be started: ${error.message}`)));
  });
}

function run(binary: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(binary, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      const output = `${stdout}${stderr}`;
      resolve({ code, output: output === '' && error !== null ? messageOf(error) : output });
    });
  });
}
