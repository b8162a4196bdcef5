/**
 * Placements through the whole server: from the registration of a job until its evaluation and all its allocations are
 * on the disk. Server, state and the embedded store are those of an agent; the nodes are rows that nobody runs.
 * What the event loop is late by meanwhile is what a request to the API would wait.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedNode } from '../../simulation/sim-machine.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { newUuid } from '../../src/lib/ids.ts';
import { silentLog } from '../../src/lib/log.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { Evaluation } from '../../src/model/evaluation.ts';
import type { JobRequest } from '../../src/model/job.ts';
import { Server } from '../../src/server/server.ts';
import { State } from '../../src/state/state.ts';
import { openEmbeddedStorage } from '../../src/state/storage/embedded.ts';
import { atLeast, atMost, type Figure, type Suite } from '../figure.ts';
import { type LoopDelay, watchLoopDelay } from '../loop-delay.ts';
import { median, percentile, repeat } from '../samples.ts';

const NODES = [1000, 5000];
const COUNTS = [1000, 10_000];
/** Placements in a warm-up and in all measured runs of a count: a server that has run for a minute is warm. */
const WARM_UP_PLACEMENTS = 20_000;
const MEASURED_PLACEMENTS = 50_000;
const MOST_RUNS = 15;

interface Variant {
  readonly name: string;
  readonly group: Record<string, unknown>;
  readonly maxParallel: number;
}

const PORT = { Networks: [{ Mode: 'host', DynamicPorts: [{ Label: 'http' }] }] };
const SPREAD = { Spreads: [{ Attribute: '${node.datacenter}', Weight: 100 }] };

const VARIANTS: readonly Variant[] = [
  { name: 'plain', group: {}, maxParallel: 0 },
  { name: 'plain, deployment', group: {}, maxParallel: 10 },
  { name: 'dynamic port', group: PORT, maxParallel: 0 },
  { name: 'dynamic port, deployment', group: PORT, maxParallel: 10 },
  { name: 'spread', group: SPREAD, maxParallel: 0 },
];

export const durable: Suite = {
  name: 'durable',
  about:
    'A job through the whole server until everything is on the disk: API-side registration, scheduler, plan, LMDB. As in every plan, the first hundred instances are accounted for (docs/adr/0021); peers account for all.',
  async run() {
    const figures: Figure[] = [];
    for (const nodes of NODES) for (const variant of VARIANTS) figures.push(...(await benchVariant(nodes, variant)));
    return figures;
  },
};

async function benchVariant(nodes: number, variant: Variant): Promise<Figure[]> {
  const world = await openWorld(nodes);
  try {
    const figures: Figure[] = [];
    for (const count of COUNTS) figures.push(...(await benchCount(world, nodes, variant, count)));
    return figures;
  } finally {
    await world.close();
  }
}

async function benchCount(world: DurableWorld, nodes: number, variant: Variant, count: number): Promise<Figure[]> {
  await repeat(Math.min(MOST_RUNS, WARM_UP_PLACEMENTS / count), () => timeOne(world, variant, count));
  const runs = await repeat(Math.min(MOST_RUNS, MEASURED_PLACEMENTS / count), () => timeOne(world, variant, count));
  const name = `${nodes.toLocaleString('en-US')} nodes, count ${count.toLocaleString('en-US')}, ${variant.name}`;
  const rate: Figure = {
    name,
    unit: '/s',
    measured: count / (median(runs.map((run) => run.tookMs)) / 1000),
    ...(nodes === 5000 && { budget: atLeast(30_000), peer: 'Nomad 3,000/s, in memory' }),
  };
  if (nodes !== 5000 || count !== 10_000) return [rate];
  const delays = runs.flatMap((run) => run.delay.samples);
  const late = { name: `${name}: event loop late by, p99`, unit: 'ms', measured: percentile(delays, 0.99) };
  return [rate, { ...late, budget: atMost(20) }];
}

async function timeOne(
  world: DurableWorld,
  variant: Variant,
  count: number,
): Promise<{ tookMs: number; delay: LoopDelay }> {
  const job = benchJob(variant, count);
  const watch = watchLoopDelay();
  const start = performance.now();
  const { EvalID } = await world.server.registerJob({ Job: job });
  await world.evaluated(EvalID);
  const tookMs = performance.now() - start;
  const delay = watch.stop();
  const placed = world.state.view((tx) => tx.allocsByJob('default', job.ID as string).length);
  if (placed !== count) throw new Error(`${placed} of ${count} were placed`);
  return { tookMs, delay };
}

interface DurableWorld {
  readonly server: Server;
  readonly state: State;
  evaluated(evalId: string): Promise<void>;
  close(): Promise<void>;
}

async function openWorld(nodes: number): Promise<DurableWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'serin-bench-'));
  const state = await State.open(await openEmbeddedStorage(join(folder, 'server')));
  const server = new Server({
    state,
    clock: systemClock,
    newId: newUuid,
    random: seededRandom('bench'),
    log: silentLog,
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const stop = new AbortController();
  const running = server.run(stop.signal);
  await Promise.all(Array.from({ length: nodes }, (_, at) => server.registerNode(benchNode(at))));
  return {
    server,
    state,
    evaluated: (evalId) => untilDurable(state, evalId),
    async close() {
      stop.abort();
      await running;
      await state.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function benchNode(at: number) {
  const node = simulatedNode(newUuid(), at, { cpu: 64_000, memoryMB: 262_144 });
  const resources = { ...node.NodeResources, Disk: { DiskMB: 1_000_000 } };
  return { ...node, Datacenter: `dc${(at % 5) + 1}`, NodeResources: resources };
}

async function untilDurable(state: State, evalId: string): Promise<void> {
  const never = new AbortController().signal;
  for (;;) {
    const [status, index] = state.view((tx) => [tx.evaluation(evalId)?.Status, tx.tableIndex('evals')] as const);
    await state.whenDurable(index);
    if (status === 'complete') return;
    if (status !== 'pending') throw new Error(`the evaluation is ${status}`);
    const relevant = ({ after }: { readonly after: unknown }) => (after as Evaluation | undefined)?.ID === evalId;
    await state.waitFor({ tables: ['evals'], afterIndex: index, relevant }, never);
  }
}

let jobs = 0;

function benchJob({ group, maxParallel }: Variant, count: number): JobRequest {
  const task = { Name: 'server', Driver: 'mock', Config: {}, Resources: { CPU: 100, MemoryMB: 64 } };
  return {
    ID: `bench-${jobs++}`,
    Type: 'service',
    Datacenters: ['dc*'],
    Update: { MaxParallel: maxParallel },
    Constraints: [{ LTarget: '${attr.kernel.name}', RTarget: 'linux', Operand: '=' }],
    TaskGroups: [{ Name: 'app', Count: count, Tasks: [task], ...group }],
  } as JobRequest;
}
