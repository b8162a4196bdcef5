/**
 * Requests per second of the embedded data plane: the real ingress process, told its table by a control plane in this
 * one, small keep-alive GETs to an instance that does next to nothing. What counts is the proxy's own processor time,
 * since the load and the instance share the machine with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { IngressReport, RoutingTable } from '../src/model/ingress.ts';
import { startLoad } from './load.ts';

export interface IngressBenchOptions {
  /** The built program of an ingress process. */
  readonly program: string;
  readonly connections?: number;
  readonly seconds?: number;
}

export interface IngressFigures {
  readonly requests: number;
  readonly failed: number;
  readonly requestsPerSecond: number;
  /** Requests over the seconds of processor time (user and system) that the ingress used for them. */
  readonly requestsPerCoreSecond: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
}

/** DESIGN.md section 9. */
export const INGRESS_REQUESTS_PER_CORE_BUDGET = 8000;

/** An instance that does next to nothing, on a port that it prints. */
export const INSTANCE = `
const answer = Buffer.from('HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nX-Version: 1\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n');
const server = require('node:net').createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    for (let at = bytes.indexOf('\\r\\n\\r\\n'); at !== -1; at = bytes.indexOf('\\r\\n\\r\\n', at + 4)) socket.write(answer);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

export async function benchIngress({
  program,
  connections = 32,
  seconds = 5,
}: IngressBenchOptions): Promise<IngressFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'serin-bench-ingress-'));
  const instance = spawn(process.execPath, ['-e', INSTANCE], { stdio: ['ignore', 'pipe', 'inherit'] });
  const listen = await freePort();
  const control = await startControlPlane(tableOf(listen, await firstNumber(instance)));
  const args = ['--data-dir', dataDir, '--server', control.url, '--name', 'bench', '--log-level', 'error'];
  const ingress = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    await control.isReady;
    return await measure(ingress.pid!, `http://127.0.0.1:${listen}/`, connections, seconds);
  } finally {
    await Promise.all([ended(ingress), ended(instance)]);
    control.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** A second of warm-up first: what is compiled then is not asked about. */
async function measure(pid: number, url: string, connections: number, seconds: number): Promise<IngressFigures> {
  const load = startLoad({ url, connections, keepAlive: 'always' });
  await delay(1000);
  const [before, beforeCpu, startedMs] = [load.snapshot(), cpuSeconds(pid), performance.now()];
  await delay(seconds * 1000);
  const [after, afterCpu, endedMs] = [load.snapshot(), cpuSeconds(pid), performance.now()];
  await load.stop();
  const requests = after.requests - before.requests;
  return {
    requests,
    failed: after.failed,
    requestsPerSecond: (1000 * requests) / (endedMs - startedMs),
    requestsPerCoreSecond: requests / (afterCpu - beforeCpu),
    latencyP50Ms: after.latencies.p50,
    latencyP99Ms: after.latencies.p99,
  };
}

/** Fields 14 and 15 of the process's line, in ticks of 10 ms; the name before them may hold blanks. */
export function cpuSeconds(pid: number): number {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Just enough of a server: one table, and an ear for the first report that calls the instance ready. */
async function startControlPlane(table: RoutingTable) {
  let ready: () => void;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'PUT') {
      const report = JSON.parse(Buffer.concat(chunks).toString()) as IngressReport;
      if (Object.values(report.Servers).some(({ State }) => State === 'ready')) ready();
    }
    const isWaiting = request.method === 'GET' && request.url?.includes(`index=${table.Index}&`);
    if (!isWaiting) response.end(request.method === 'GET' ? JSON.stringify(table) : '{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, isReady, close };
}

export function tableOf(listen: number, port: number): RoutingTable {
  const server = { AllocID: 'bench', Address: '127.0.0.1', Port: port, Version: 1, State: 'ready' as const };
  const backend = {
    ID: 'default/bench/bench',
    Service: 'bench',
    HoldMs: 10_000,
    DrainDeadlineMs: 60_000,
    Check: null,
    Pools: [{ Name: 'stable' as const, Weight: 100, Servers: [server] }],
  };
  return {
    Index: 1,
    Frontends: [{ Listen: listen, Mode: 'http', Routes: [{ Host: '', Path: '/', Backend: backend }] }],
  };
}

export async function firstNumber(child: ChildProcess): Promise<number> {
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return Number(line.toString());
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export async function freePort(): Promise<number> {
  const server = createNetServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
