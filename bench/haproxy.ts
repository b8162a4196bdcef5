/**
 * HAProxy as Serin steers it, and HAProxy alone with a configuration written by hand, one after the other in one run:
 * the same instance, the same load, and the processor time of the worker that carries the requests.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { haproxyFiles } from '../src/ingress/haproxy/files.ts';
import { HaproxyDataPlane } from '../src/ingress/haproxy/haproxy-data-plane.ts';
import { ask } from '../src/ingress/haproxy/runtime-api.ts';
import { parseProcesses } from '../src/ingress/haproxy/worker-state.ts';
import { systemClock } from '../src/lib/clock.ts';
import { silentLog } from '../src/lib/log.ts';
import { cpuSeconds, ended, firstNumber, freePort, INSTANCE, tableOf } from './ingress.ts';
import { startLoad } from './load.ts';

export interface HaproxyFigures {
  readonly managed: Speed;
  readonly alone: Speed;
}

export interface Speed {
  readonly requestsPerSecond: number;
  readonly requestsPerCoreSecond: number;
  readonly latencyP99Ms: number;
  readonly failed: number;
}

const CONNECTIONS = 32;
const WARM_UP_MS = 500;

export async function benchHaproxy(seconds = 2): Promise<HaproxyFigures> {
  const instance = spawn(process.execPath, ['-e', INSTANCE], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await firstNumber(instance);
    return { managed: await managed(port, seconds), alone: await alone(port, seconds) };
  } finally {
    await ended(instance);
  }
}

async function managed(port: number, seconds: number): Promise<Speed> {
  const dir = mkdtempSync(join(tmpdir(), 'serin-bench-haproxy-'));
  const listen = await freePort();
  const shared = { clock: systemClock, log: silentLog, onChange: () => {}, bindAddress: '127.0.0.1' };
  const plane = new HaproxyDataPlane({ ...shared, dir, stopMs: 2000 });
  const stop = new AbortController();
  const over = plane.run(stop.signal);
  try {
    plane.apply(tableOf(listen, port));
    while (Object.values(plane.statuses())[0]?.State !== 'ready') await delay(10);
    const [worker] = parseProcesses(await ask(haproxyFiles(dir).masterSocket, 'show proc'));
    return await measure(worker!.pid, listen, seconds);
  } finally {
    stop.abort();
    await over;
    rmSync(dir, { recursive: true, force: true });
  }
}

async function alone(port: number, seconds: number): Promise<Speed> {
  const dir = mkdtempSync(join(tmpdir(), 'serin-bench-haproxy-'));
  const listen = await freePort();
  writeFileSync(join(dir, 'haproxy.cfg'), byHand(listen, port));
  const haproxy: ChildProcess = spawn('haproxy', ['-db', '-f', join(dir, 'haproxy.cfg')], { stdio: 'ignore' });
  try {
    await delay(300);
    return await measure(haproxy.pid!, listen, seconds);
  } finally {
    await ended(haproxy);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What people write who run one service behind it. */
const byHand = (listen: number, port: number): string => `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option forwardfor
  option redispatch
  retries 3
frontend in
  bind 127.0.0.1:${listen}
  http-request set-header X-Forwarded-Proto http
  default_backend web
backend web
  balance leastconn
  option httpchk GET /
  server a 127.0.0.1:${port} check
`;

async function measure(pid: number, listen: number, seconds: number): Promise<Speed> {
  const load = startLoad({ url: `http://127.0.0.1:${listen}/`, connections: CONNECTIONS, keepAlive: 'always' });
  await delay(WARM_UP_MS);
  const [before, beforeCpu, startedMs] = [load.snapshot(), cpuSeconds(pid), performance.now()];
  await delay(seconds * 1000);
  const [after, afterCpu, endedMs] = [load.snapshot(), cpuSeconds(pid), performance.now()];
  await load.stop();
  const requests = after.requests - before.requests;
  return {
    requestsPerSecond: (1000 * requests) / (endedMs - startedMs),
    requestsPerCoreSecond: requests / (afterCpu - beforeCpu),
    latencyP99Ms: after.latencies.p99,
    failed: after.failed,
  };
}
