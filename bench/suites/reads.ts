/**
 * Reads of the API while the real agent holds 10,000 allocations, over loopback and from one process with a few
 * connections. The allocations stand on nodes that only beat their hearts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { simulatedNode } from '../../simulation/sim-machine.ts';
import { newUuid } from '../../src/lib/ids.ts';
import { type BenchAgent, call, getJson, putJson, startBenchAgent } from '../agent-process.ts';
import { atMost, type Figure, type Suite } from '../figure.ts';
import { percentile } from '../samples.ts';

const ALLOCS = 10_000;
const NODES = 20;
const JOBS = 100;
const SECONDS = 4;
const WARM_UP_SECONDS = 1;

interface Read {
  readonly name: string;
  readonly connections: number;
  readonly path: (ids: readonly string[], at: number) => string;
  /** API p99 of DESIGN.md section 9. */
  readonly p99Ms?: number;
}

const READS: readonly Read[] = [
  {
    name: 'one allocation',
    connections: 8,
    path: (ids, at) => `/v1/allocation/${ids[at % ids.length]}`,
    p99Ms: 100,
  },
  {
    name: `allocations of a job of ${ALLOCS / JOBS}`,
    connections: 4,
    path: (_, at) => `/v1/job/reads-${at % JOBS}/allocations`,
    p99Ms: 100,
  },
  { name: 'list of jobs', connections: 4, path: () => '/v1/jobs', p99Ms: 100 },
  { name: 'a page of 100 allocations', connections: 4, path: () => '/v1/allocations?per_page=100', p99Ms: 100 },
  { name: 'all 10,000 allocations as stubs', connections: 1, path: () => '/v1/allocations' },
];

export const reads: Suite = {
  name: 'reads',
  about: `Reads of the API of a real agent that holds ${ALLOCS.toLocaleString('en-US')} allocations.`,
  async run() {
    const agent = await startBenchAgent();
    const hearts = new AbortController();
    try {
      const { ended } = await fill(agent, hearts.signal);
      const ids = (await getJson<{ ID: string }[]>(`${agent.address}/v1/allocations`)).map(({ ID }) => ID);
      if (ids.length !== ALLOCS) throw new Error(`${ids.length} of ${ALLOCS} were placed`);
      const figures: Figure[] = [];
      for (const read of READS) figures.push(...(await measure(agent, read, ids)));
      hearts.abort();
      await ended;
      return figures;
    } finally {
      hearts.abort();
      await agent.stop();
    }
  },
};

async function measure({ address }: BenchAgent, read: Read, ids: readonly string[]): Promise<Figure[]> {
  const url = (at: number) => `${address}${read.path(ids, at)}`;
  await hammer(url, read.connections, WARM_UP_SECONDS);
  const times = await hammer(url, read.connections, SECONDS);
  return [
    { name: `${read.name}, reads`, unit: '/s', measured: times.length / SECONDS },
    {
      name: `${read.name}, p99`,
      unit: 'ms',
      measured: percentile(times, 0.99),
      ...(read.p99Ms !== undefined && { budget: atMost(read.p99Ms) }),
    },
  ];
}

/** Each connection asks again as soon as it has its answer. */
async function hammer(url: (at: number) => string, connections: number, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + seconds * 1000;
  let at = 0;
  const worker = async () => {
    while (performance.now() < until) {
      const startedAt = performance.now();
      const { status } = await call('GET', url(at++));
      if (status !== 200) throw new Error(`${url(0)}: ${status}`);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return times;
}

/** Resolves once everything is placed; what it answers ends with the signal. */
async function fill({ address }: BenchAgent, signal: AbortSignal): Promise<{ readonly ended: Promise<void> }> {
  const ids = Array.from({ length: NODES }, newUuid);
  const register = (id: string, at: number) => {
    const node = { ...simulatedNode(id, at, { cpu: 640_000, memoryMB: 1_000_000 }), NodeClass: 'simulated' };
    const resources = { ...node.NodeResources, Disk: { DiskMB: 10_000_000 } };
    return putJson(`${address}/v1/internal/node/register`, { ...node, NodeResources: resources });
  };
  await Promise.all(ids.map(register));
  const ended = beat(address, ids, signal);
  for (let at = 0; at < JOBS; at++) await putJson(`${address}/v1/jobs`, { Job: filler(at) });
  for (;;) {
    const [last] = await getJson<{ Status: string }[]>(`${address}/v1/job/reads-${JOBS - 1}/evaluations`);
    if (last?.Status === 'complete') return { ended };
    await delay(50);
  }
}

async function beat(address: string, ids: readonly string[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await Promise.all(ids.map((id) => putJson(`${address}/v1/internal/node/heartbeat/${id}`, {})));
    await delay(5000, undefined, { signal }).catch(() => undefined);
  }
}

function filler(at: number) {
  const task = { Name: 'server', Driver: 'mock', Config: {}, Resources: { CPU: 100, MemoryMB: 64 } };
  const constraint = { LTarget: '${node.class}', RTarget: 'simulated', Operand: '=' };
  const group = { Name: 'app', Count: ALLOCS / JOBS, Tasks: [task] };
  const id = `reads-${at}`;
  return { ID: id, Type: 'service', Datacenters: ['*'], Constraints: [constraint], TaskGroups: [group] };
}
