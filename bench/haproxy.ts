/**
 * HAProxy as Serin steers it, and HAProxy alone with configurations written by hand, one after the other in one run:
 * the same instance, the same load, and the processor time of the worker that carries the requests. By hand there are
 * two: the least that works, and one that keeps the same promises to users and instances (the same headers, and a
 * request sent again when its connection was just being closed, for which HAProxy copies every request).
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
  readonly plain: Speed;
}

export interface Speed {
  readonly requestsPerSecond: number;
  readonly requestsPerCoreSecond: number;
  readonly latencyP99Ms: number;
  readonly failed: number;
}

interface Runner {
  readonly pid: number;
  readonly listen: number;
  end(): Promise<void>;
}

const CONNECTIONS = 32;
const WARM_UP_MS = 200;

/** Each round asks all of them one after the other: what else the machine does meets them alike. */
export async function benchHaproxy(rounds = 7, seconds = 0.8): Promise<HaproxyFigures[]> {
  const instance = spawn(process.execPath, ['-e', INSTANCE], { stdio: ['ignore', 'pipe', 'inherit'] });
  const runners: Runner[] = [];
  try {
    const port = await firstNumber(instance);
    runners.push(await managed(port), await alone(port, SAME_PROMISES), await alone(port, PLAIN));
    const figures: HaproxyFigures[] = [];
    for (let round = 0; round < rounds; round++) figures.push(await roundOf(runners, seconds));
    return figures;
  } finally {
    for (const runner of runners) await runner.end();
    await ended(instance);
  }
}

async function roundOf([managed, alone, plain]: readonly Runner[], seconds: number): Promise<HaproxyFigures> {
  return {
    managed: await measure(managed!, seconds),
    alone: await measure(alone!, seconds),
    plain: await measure(plain!, seconds),
  };
}

async function managed(port: number): Promise<Runner> {
  const dir = mkdtempSync(join(tmpdir(), 'serin-bench-haproxy-'));
  const listen = await freePort();
  const shared = { clock: systemClock, log: silentLog, onChange: () => {}, bindAddress: '127.0.0.1' };
  const plane = new HaproxyDataPlane({ ...shared, dir, stopMs: 2000 });
  const stop = new AbortController();
  const over = plane.run(stop.signal);
  const end = async () => {
    stop.abort();
    await over;
    rmSync(dir, { recursive: true, force: true });
  };
  plane.apply(tableOf(listen, port));
  while (Object.values(plane.statuses())[0]?.State !== 'ready') await delay(10);
  const [worker] = parseProcesses(await ask(haproxyFiles(dir).masterSocket, 'show proc'));
  return { pid: worker!.pid, listen, end };
}

async function alone(port: number, lines: OwnLines): Promise<Runner> {
  const dir = mkdtempSync(join(tmpdir(), 'serin-bench-haproxy-'));
  const listen = await freePort();
  writeFileSync(join(dir, 'haproxy.cfg'), byHand(listen, port, lines));
  // In a session of its own, as the managed one is: a scheduler that groups by sessions gives them the same turns.
  const options = { stdio: 'ignore', detached: true } as const;
  const haproxy: ChildProcess = spawn('haproxy', ['-db', '-f', join(dir, 'haproxy.cfg')], options);
  await delay(300);
  const end = async () => {
    await ended(haproxy);
    rmSync(dir, { recursive: true, force: true });
  };
  return { pid: haproxy.pid!, listen, end };
}

interface OwnLines {
  readonly defaults: string;
  readonly frontend: string;
  readonly backend: string;
}

const PLAIN: OwnLines = { defaults: '', frontend: '', backend: '' };

const SAME_PROMISES: OwnLines = {
  defaults: 'retry-on conn-failure empty-response',
  frontend: `http-request del-header Proxy
  http-request del-header Forwarded
  http-request del-header X-Forwarded-For
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]`,
  backend: 'http-request disable-l7-retry if METH_POST',
};

/** What people write who run one service behind it. */
const byHand = (listen: number, port: number, own: OwnLines): string => `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option forwardfor
  option redispatch
  retries 3
  ${own.defaults}
frontend in
  bind 127.0.0.1:${listen}
  http-request set-header X-Forwarded-Proto http
  ${own.frontend}
  default_backend web
backend web
  balance leastconn
  option httpchk GET /
  ${own.backend}
  server a 127.0.0.1:${port} check
`;

async function measure({ pid, listen }: Runner, seconds: number): Promise<Speed> {
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
