/**
 * A real `serin agent -dev` in a process of its own, with its own port and data directory, and the real command line
 * against it. It can be killed and started again at any moment; whatever happens, `cleanUp` leaves nothing behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPorts, type OwnPorts } from './own-ports.ts';
import { endProcess, endProcessesOf, isRunning } from './own-processes.ts';
import type { Program } from './program.ts';
import { until } from './until.ts';

export interface CommandResult {
  readonly code: number;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** Where an agent runs, when not simply here. */
export interface AgentPlace {
  /** What its command line begins with: a program that runs another one elsewhere and becomes it. */
  readonly inside?: readonly string[];
  /** The port of its API, reached from here. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** More flags of `serin agent`. */
  readonly flags?: readonly string[];
}

export class LiveAgent {
  readonly dataDir: string;
  readonly address: string;
  readonly #program: Program;
  readonly #folder: string;
  readonly #port: number;
  readonly #place: AgentPlace;
  #ports: OwnPorts | undefined;
  #child: ChildProcess | undefined;
  #files = 0;

  private constructor(program: Program, port: number, place: AgentPlace) {
    this.#program = program;
    this.#place = place;
    this.#port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'serin-live-'));
    this.dataDir = join(this.#folder, 'data');
    this.address = `http://127.0.0.1:${port}`;
  }

  static async start(program: Program, place: AgentPlace = {}): Promise<LiveAgent> {
    const agent = new LiveAgent(program, place.port ?? (await freePort()), place);
    try {
      await agent.start();
    } catch (error) {
      await agent.cleanUp();
      throw error;
    }
    return agent;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the agent does not run');
    return pid;
  }

  get log(): string {
    return readFileSync(join(this.#folder, 'agent.log'), 'utf8');
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const { inside = [], env, flags = [] } = this.#place;
    const words = [
      'agent',
      '-dev',
      '-http-port',
      String(this.#port),
      '-data-dir',
      this.dataDir,
      '-node',
      'one',
      '-config',
      await this.#portsFile(),
      ...flags,
    ];
    const log = openSync(join(this.#folder, 'agent.log'), 'a');
    const [command = '', ...before] = [...inside, process.execPath];
    const child = spawn(command, [...before, this.#program.entry, ...words], {
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    await until('the agent answers', async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${this.log.slice(-2000)}`);
      return (await fetch(`${this.address}/v1/agent/health`)).ok;
    });
  }

  async #portsFile(): Promise<string> {
    const file = join(this.#folder, 'ports.hcl');
    this.#ports ??= await claimPorts();
    writeFileSync(file, this.#ports.config);
    return file;
  }

  /** Sends the signal and waits for the end of the process. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const pid = this.pid;
    endProcess(pid, signal);
    await until(`agent ${pid} ends on ${signal}`, () => !isRunning(pid), 60_000);
    this.#child = undefined;
  }

  async restart(): Promise<void> {
    await this.end('SIGKILL');
    await this.start();
  }

  /** The real command line in a process of its own. */
  serin(...words: readonly string[]): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.#program.entry, ...words], {
        env: { ...process.env, NOMAD_ADDR: this.address, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      const take = (chunk: Buffer): void => {
        output += chunk.toString();
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? -1, output }));
    });
  }

  /** The same, where anything but success is a mistake of the test. */
  async succeed(...words: readonly string[]): Promise<string> {
    const { code, output } = await this.serin(...words);
    if (code !== 0) throw new Error(`serin ${words.join(' ')} ended with ${code}:\n${output}`);
    return output;
  }

  /** Writes a job file and answers its path. */
  file(text: string): string {
    const path = join(this.#folder, `job-${++this.#files}.nomad.hcl`);
    writeFileSync(path, text);
    return path;
  }

  /** Makes a folder that is gone with the agent, and answers its path. */
  folder(name: string): string {
    const path = join(this.#folder, name);
    mkdirSync(path);
    return path;
  }

  /** Reads from /v1. */
  async read<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.address}/v1/${path}`);
    if (!answer.ok) throw new Error(`/v1/${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Writes to /v1 what the command line would send. */
  async write(path: string, body: object): Promise<void> {
    const answer = await fetch(`${this.address}/v1/${path}`, { method: 'PUT', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`/v1/${path}: ${answer.status} ${await answer.text()}`);
  }

  async cleanUp(): Promise<void> {
    if (this.#child?.pid !== undefined) endProcess(this.#child.pid);
    await endProcessesOf(this.#folder);
    this.#ports?.release();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A port of loopback that nobody has at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
