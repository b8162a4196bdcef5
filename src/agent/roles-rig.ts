/**
 * A cluster for live tests: agents with configuration files of their own, on loopback addresses of their own, and the
 * real command line against any of them. `cleanUp` leaves nothing behind, whatever has happened.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { claimPorts, type OwnPorts } from './testing/own-ports.ts';
import { endProcess, endProcessesOf, isRunning } from './testing/own-processes.ts';
import type { Program } from './testing/program.ts';
import { until } from './testing/until.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Cluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'serin-roles-'));
  readonly #program: Program;
  readonly #files = { count: 0 };
  readonly #ports: OwnPorts[] = [];

  constructor(program: Program) {
    this.#program = program;
  }

  /** An agent that is configured but not started. */
  agent(name: string, address: string, config: string): RoleAgent {
    return new RoleAgent(this, name, address, config);
  }

  file(text: string, name = `file-${++this.#files.count}.hcl`): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** A configuration file with dynamic ports that no other agent gives. */
  async ownPorts(name: string): Promise<string> {
    const ports = await claimPorts();
    this.#ports.push(ports);
    return this.file(ports.config, `${name}.ports.hcl`);
  }

  spawn(words: readonly string[], output: number): ChildProcess {
    return spawn(process.execPath, [this.#program.entry, ...words], {
      detached: true,
      stdio: ['ignore', output, output],
      cwd: this.folder,
    });
  }

  /** Runs the real command line to its end. */
  run(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.#program.entry, ...words], {
        env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: this.folder,
      });
      const texts = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk: Buffer) => {
        texts.stdout += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        texts.stderr += chunk.toString();
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? -1, ...texts }));
    });
  }

  async cleanUp(): Promise<void> {
    await endProcessesOf(this.folder);
    for (const ports of this.#ports) ports.release();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class RoleAgent {
  readonly dataDir: string;
  /** "http://127.0.0.2:4646" */
  readonly address: string;
  readonly configFile: string;
  readonly #cluster: Cluster;
  readonly #logFile: string;
  #portsFile: string | undefined;
  #child: ChildProcess | undefined;

  constructor(cluster: Cluster, name: string, address: string, config: string) {
    this.#cluster = cluster;
    this.address = address;
    this.dataDir = join(cluster.folder, name);
    this.#logFile = join(cluster.folder, `${name}.log`);
    this.configFile = join(cluster.folder, `${name}.hcl`);
    mkdirSync(this.dataDir);
    this.configure(config);
  }

  /** Holds from its next start on. */
  configure(config: string): void {
    const { hostname, port } = new URL(this.address);
    const name = basename(this.dataDir);
    const own = `name = "${name}"\ndata_dir = "${this.dataDir}"\nbind_addr = "${hostname}"\nports { http = ${port} }`;
    writeFileSync(this.configFile, `${own}\n${config}`);
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the agent does not run');
    return pid;
  }

  get log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** Resolves when it says that it has started. */
  async start(): Promise<void> {
    this.#portsFile ??= await this.#cluster.ownPorts(basename(this.dataDir));
    const log = openSync(this.#logFile, 'a');
    const before = this.log.length;
    const child = this.#cluster.spawn(['agent', '-config', this.configFile, '-config', this.#portsFile], log);
    closeSync(log);
    this.#child = child;
    await until(`${this.address} starts`, () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${this.log.slice(-2000)}`);
      return this.log.slice(before).includes('agent started!');
    });
  }

  /** Sends the signal and waits for the end of the process. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const pid = this.pid;
    endProcess(pid, signal);
    await until(`agent ${pid} ends on ${signal}`, () => !isRunning(pid));
    this.#child = undefined;
  }

  serin(...words: readonly string[]): Promise<Ended> {
    return this.#cluster.run(words, { NOMAD_ADDR: this.address });
  }

  /** The same, where anything but success is a mistake of the test. */
  async succeed(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.serin(...words);
    if (code !== 0) throw new Error(`serin ${words.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  async read<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.address}/v1/${path}`);
    if (!answer.ok) throw new Error(`/v1/${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}
