/**
 * What Serin itself adds to a rolling update: the real agent updates a service under light load, and the time of each
 * batch is read from the allocations' own times. Taken off is what nobody can save: the time from the start of such a
 * process to its first answer, and `min_healthy_time`. What is left holds the checks' waiting, the drain of the
 * predecessor and every hand-over between server, node and ingress.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { firstAnswer, freePort, getJson, putJson, startBenchAgent } from '../agent-process.ts';
import { atMost, type Figure, type Suite } from '../figure.ts';
import { startLoad } from '../load.ts';
import { median, percentile, repeat } from '../samples.ts';
import { followDrains } from './drain-times.ts';

const COUNT = 6;
const MAX_PARALLEL = 2;
const MIN_HEALTHY_MS = 500;
const UPDATES = 5;
const START_SAMPLES = 7;
const MILLISECOND = 1_000_000;

const SERVER = `
require('node:http').createServer((request, response) => {
  response.setHeader('x-version', process.env.VERSION);
  response.end('ok\\n');
}).listen(Number(process.env.NOMAD_PORT_http), '127.0.0.1');
`;

export const rolling: Suite = {
  name: 'rolling',
  about: `${UPDATES} updates of ${COUNT} instances, \`max_parallel\` ${MAX_PARALLEL}, \`min_healthy_time\` ${MIN_HEALTHY_MS} ms, under 100 requests a second.`,
  async run() {
    const startMs = median(await repeat(START_SAMPLES, startToFirstAnswer));
    const agent = await startBenchAgent();
    const listen = await freePort();
    try {
      await update(agent.address, listen, 0);
      const url = `http://127.0.0.1:${listen}/`;
      const load = startLoad({ url, connections: 4, keepAlive: 'mixed', ratePerSecond: 100 });
      const drains = followDrains(agent.address);
      const batches = (await repeat(UPDATES, (at) => update(agent.address, listen, at + 1))).flat();
      const [{ failed }, { appliedMs, drainedMs }] = [await load.stop(), drains.stop()];
      return [
        ...batchFigures(batches, startMs),
        { name: 'decision to applied, median', unit: 'ms', measured: median(appliedMs) },
        { name: 'decision to applied, p99', unit: 'ms', measured: percentile(appliedMs, 0.99), budget: atMost(100) },
        { name: 'applied to drained, p99', unit: 'ms', measured: percentile(drainedMs, 0.99), budget: atMost(100) },
        { name: 'failed requests', unit: 'requests', measured: failed, budget: atMost(0) },
      ];
    } finally {
      await agent.stop();
    }
  },
};

function batchFigures(batches: readonly number[], startMs: number): Figure[] {
  return [
    {
      name: 'a batch, over start and min_healthy_time',
      unit: 'ms',
      measured: median(batches) - startMs - MIN_HEALTHY_MS,
      budget: atMost(150),
      peer: 'Nomad adds 1,500 ms',
    },
    { name: 'a batch, whole', unit: 'ms', measured: median(batches) },
    { name: 'of that: start of the process to its first answer', unit: 'ms', measured: startMs },
  ];
}

async function startToFirstAnswer(): Promise<number> {
  const port = await freePort();
  const startedAt = performance.now();
  const env = { ...process.env, VERSION: '0', NOMAD_PORT_http: String(port) };
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: 'ignore', env });
  await firstAnswer(`http://127.0.0.1:${port}/`);
  const took = performance.now() - startedAt;
  child.kill('SIGKILL');
  await once(child, 'exit');
  return took;
}

/** Runs a version to its end; how long each of its batches took, in milliseconds. */
async function update(address: string, listen: number, version: number): Promise<number[]> {
  await putJson(`${address}/v1/jobs`, { Job: job(listen, version) });
  const endedAtMs = await untilDeployed(address, version);
  const allocs = await getJson<AllocStub[]>(`${address}/v1/job/rolling/allocations`);
  const starts = allocs.filter((alloc) => alloc.JobVersion === version).map((alloc) => alloc.CreateTime / MILLISECOND);
  const batches = [...new Set(starts)].sort((a, b) => a - b);
  return batches.map((start, at) => (batches[at + 1] ?? endedAtMs) - start);
}

interface AllocStub {
  readonly JobVersion: number;
  readonly CreateTime: number;
}

interface Deployment {
  readonly JobVersion: number;
  readonly Status: string;
}

async function untilDeployed(address: string, version: number): Promise<number> {
  for (;;) {
    const deployment = await getJson<Deployment | null>(`${address}/v1/job/rolling/deployment`);
    if (deployment?.JobVersion === version && deployment.Status === 'successful') return Date.now();
    if (deployment?.JobVersion === version && deployment.Status === 'failed') throw new Error('the update failed');
    await delay(10);
  }
}

function job(listen: number, version: number) {
  return {
    ID: 'rolling',
    Type: 'service',
    Datacenters: ['*'],
    Update: { MaxParallel: MAX_PARALLEL, MinHealthyTime: MIN_HEALTHY_MS * MILLISECOND },
    TaskGroups: [
      {
        Name: 'app',
        Count: COUNT,
        Networks: [{ Mode: 'host', DynamicPorts: [{ Label: 'http' }] }],
        Services: [service(listen)],
        Tasks: [
          {
            Name: 'server',
            Driver: 'raw_exec',
            Config: { command: process.execPath, args: ['-e', SERVER] },
            Env: { VERSION: String(version) },
            Resources: { CPU: 50, MemoryMB: 32 },
          },
        ],
      },
    ],
  };
}

function service(listen: number) {
  const [interval, timeout] = [1000 * MILLISECOND, 1000 * MILLISECOND];
  const check = { Name: 'http', Type: 'http', Path: '/', Interval: interval, Timeout: timeout };
  return { Name: 'rolling', PortLabel: 'http', Checks: [check], Ingress: [{ Listen: listen }] };
}
