/** The real program as a bench uses it: `serin agent -dev` as a process, its API, and the memory of what it started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { Agent as HttpAgent, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../bin/serin.js', import.meta.url));
const START_WITHIN_MS = 30_000;

export interface BenchAgent {
  readonly pid: number;
  readonly address: string;
  readonly dataDir: string;
  /** From the start of the process to its first answer. */
  readonly readyMs: number;
  /** Drains and stops every task, the ingress and the agent. */
  stop(): Promise<void>;
}

export async function startBenchAgent(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<BenchAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'serin-bench-'));
  const dataDir = join(folder, 'data');
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const words = [PROGRAM, 'agent', '-dev', '-http-port', String(port), '-data-dir', dataDir, '-log-level', 'warn'];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...words, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const failed = once(child, 'exit').then(() => {
    rmSync(folder, { recursive: true, force: true });
    throw new Error('the agent has ended');
  });
  failed.catch(() => undefined);
  await Promise.race([firstAnswer(`${address}/v1/agent/health`), failed]);
  const readyMs = performance.now() - startedAt;
  const stop = async () => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  return { pid: child.pid!, address, dataDir, readyMs, stop };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  await once(child, 'exit');
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

const pool = new HttpAgent({ keepAlive: true });

/** Node's own client on pooled connections: what it costs is part of every figure, so it should be little. */
export function call(method: string, url: string, body?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent: pool }, (response) => resolve(read(response)));
    outgoing.once('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export async function getJson<T>(url: string): Promise<T> {
  const { status, body } = await call('GET', url);
  if (status !== 200) throw new Error(`${url}: ${status} ${body}`);
  return JSON.parse(body) as T;
}

export async function putJson<T>(url: string, body: unknown): Promise<T> {
  const reply = await call('PUT', url, body);
  if (reply.status !== 200) throw new Error(`${url}: ${reply.status} ${reply.body}`);
  return JSON.parse(reply.body) as T;
}

async function read(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}

export async function firstAnswer(url: string): Promise<void> {
  const until = performance.now() + START_WITHIN_MS;
  for (;;) {
    const reply = await call('GET', url).catch(() => undefined);
    if (reply?.status === 200) return;
    if (performance.now() > until) throw new Error(`${url} does not answer`);
    await delay(5);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The pid of the ingress that a `-dev` agent runs. */
export function ingressPid({ dataDir }: BenchAgent): number {
  const file = join(dataDir, 'ingress', 'process.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
}

/** Proportional set size: what is shared with other processes counts for its share. */
export function pssMB(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + pssOf(pid), 0);
}

function pssOf(pid: number): number {
  const [, kB] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return (Number(kB ?? 0) * 1024) / 1e6;
}

/** The supervisors of a node's raw_exec tasks, and the shell that starts them: they stand in the driver's folder. */
export function supervisorPids({ dataDir }: BenchAgent, driver = 'raw_exec'): number[] {
  const folder = join(dataDir, 'node', driver);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && workingFolder(name) === folder)
    .map(Number);
}

function workingFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}
