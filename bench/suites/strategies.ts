/**
 * Updates by each strategy through each data plane, under requests that take a while: from the decision to stop an
 * instance until every ingress sends it nothing new (applied) and until nothing is in flight to it (drained), how long
 * that is over the longest request, and how many of the instances that are wanted do not serve at the worst moment.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BenchAgent, freePort, getJson, putJson, startBenchAgent } from '../agent-process.ts';
import { atMost, type Figure, type Suite } from '../figure.ts';
import { startLoad } from '../load.ts';
import { median, percentile } from '../samples.ts';
import { followDrains } from './drain-times.ts';

const COUNT = 4;
const MAX_PARALLEL = 1;
const SLOW_MS = 250;
const ROUNDS = 4;
const MILLISECOND = 1_000_000;

const STRATEGIES = {
  rolling: { MaxParallel: MAX_PARALLEL },
  canary: { MaxParallel: MAX_PARALLEL, Canary: 1 },
  'blue/green': { MaxParallel: MAX_PARALLEL, Canary: COUNT },
  max_surge: { MaxParallel: MAX_PARALLEL, MaxSurge: 2 },
} as const;
type Strategy = keyof typeof STRATEGIES;

const SERVER = `
require('node:http').createServer((request, response) => {
  response.setHeader('x-version', process.env.VERSION);
  setTimeout(() => response.end('ok\\n'), request.url === '/slow' ? ${SLOW_MS} : 0);
}).listen(Number(process.env.NOMAD_PORT_http), '127.0.0.1');
`;

export const strategies: Suite = {
  name: 'strategies',
  about: `${ROUNDS} updates of ${COUNT} instances by each strategy, \`max_parallel\` ${MAX_PARALLEL}, through each data plane, under requests of ${SLOW_MS} ms over 16 connections and quick ones over 4.`,
  async run(): Promise<Figure[]> {
    return [...(await figuresOf('embedded')), ...(await figuresOf('haproxy'))];
  },
};

async function figuresOf(plane: 'embedded' | 'haproxy'): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'serin-bench-strategies-'));
  const config = join(folder, 'plane.hcl');
  writeFileSync(config, `ingress {\n  enabled = true\n  data_plane = "${plane}"\n}\n`);
  const agent = await startBenchAgent(['-config', config]);
  try {
    return await underLoad(plane, agent);
  } finally {
    await agent.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function underLoad(plane: string, agent: BenchAgent): Promise<Figure[]> {
  const listen = await freePort();
  let version = 0;
  await update(agent, listen, version, 'rolling');
  const slow = startLoad({ url: `http://127.0.0.1:${listen}/slow`, connections: 16, keepAlive: 'mixed' });
  const quick = startLoad({
    url: `http://127.0.0.1:${listen}/`,
    connections: 4,
    keepAlive: 'mixed',
    ratePerSecond: 80,
  });
  const drains = followDrains(agent.address, COUNT);
  // From here on all that serve are known.
  await update(agent, listen, ++version, 'rolling');
  const dips = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++)
    for (const strategy of Object.keys(STRATEGIES) as Strategy[]) {
      drains.takeDip();
      await update(agent, listen, ++version, strategy);
      dips.set(strategy, Math.max(dips.get(strategy) ?? 0, drains.takeDip()));
    }
  const failed = (await slow.stop()).failed + (await quick.stop()).failed;
  const { appliedMs, drainedMs } = drains.stop();
  const over = drainedMs.map((ms) => Math.max(0, ms - SLOW_MS));
  return [
    { name: `${plane}: decision to applied, p50`, unit: 'ms', measured: median(appliedMs) },
    {
      name: `${plane}: decision to applied, p99`,
      unit: 'ms',
      measured: percentile(appliedMs, 0.99),
      budget: atMost(100),
    },
    { name: `${plane}: applied to drained, p50`, unit: 'ms', measured: median(drainedMs) },
    { name: `${plane}: applied to drained, p99`, unit: 'ms', measured: percentile(drainedMs, 0.99) },
    {
      name: `${plane}: applied to drained, over the longest request in flight (${SLOW_MS} ms), p99`,
      unit: 'ms',
      measured: percentile(over, 0.99),
      budget: atMost(100),
    },
    ...[...dips].map(([strategy, dip]) => ({
      name: `${plane}: capacity dip of ${strategy}`,
      unit: 'instances',
      measured: dip,
      budget: atMost(MAX_PARALLEL),
    })),
    { name: `${plane}: failed requests`, unit: 'requests', measured: failed, budget: atMost(0) },
    { name: `${plane}: instances stopped`, unit: 'instances', measured: appliedMs.length },
  ];
}

interface Deployment {
  readonly ID: string;
  readonly JobVersion: number;
  readonly Status: string;
  readonly StatusDescription: string;
  readonly TaskGroups: Record<string, { DesiredCanaries: number; HealthyAllocs: number; Promoted: boolean }>;
}

async function update(agent: BenchAgent, listen: number, version: number, strategy: Strategy): Promise<void> {
  await putJson(`${agent.address}/v1/jobs`, { Job: job(listen, version, strategy) });
  for (;;) {
    const known = await getJson<Deployment | null>(`${agent.address}/v1/job/strategies/deployment`);
    if (known?.JobVersion === version) {
      if (known.Status === 'successful') break;
      if (known.Status === 'failed') throw new Error(`the update failed: ${known.StatusDescription}`);
      await promote(agent, known);
    }
    await delay(10);
  }
  // What is left of the older ones stops.
  while ((await running(agent)).some((each) => each !== version)) await delay(10);
}

async function promote(agent: BenchAgent, { ID, TaskGroups }: Deployment): Promise<void> {
  const { DesiredCanaries = 0, HealthyAllocs = 0, Promoted = false } = TaskGroups.app ?? {};
  if (DesiredCanaries === 0 || Promoted || HealthyAllocs < DesiredCanaries) return;
  await putJson(`${agent.address}/v1/deployment/promote/${ID}`, { DeploymentID: ID, All: true });
}

async function running({ address }: BenchAgent): Promise<number[]> {
  const all = await getJson<{ JobVersion: number; ClientStatus: string }[]>(`${address}/v1/job/strategies/allocations`);
  return all.filter(({ ClientStatus }) => ClientStatus === 'running').map(({ JobVersion }) => JobVersion);
}

function job(listen: number, version: number, strategy: Strategy) {
  const [interval, timeout] = [1000 * MILLISECOND, 1000 * MILLISECOND];
  const check = { Name: 'http', Type: 'http', Path: '/', Interval: interval, Timeout: timeout };
  const ingress = { Listen: listen, DrainDeadline: 30_000 * MILLISECOND };
  return {
    ID: 'strategies',
    Type: 'service',
    Datacenters: ['*'],
    Update: { MinHealthyTime: 100 * MILLISECOND, ...STRATEGIES[strategy] },
    TaskGroups: [
      {
        Name: 'app',
        Count: COUNT,
        Networks: [{ Mode: 'host', DynamicPorts: [{ Label: 'http' }] }],
        Services: [{ Name: 'strategies', PortLabel: 'http', Checks: [check], Ingress: [ingress] }],
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
