/**
 * Placements per second of the scheduler alone: one evaluation, one core, rows and ids included. The cluster is a view
 * over Maps, as the state's is. Nodes are of ten classes in five datacenters, and carry some load already.
 */
import { newUuid } from '../src/lib/ids.ts';
import { seededRandom } from '../src/lib/random.ts';
import type { Job, TaskGroup } from '../src/model/job.ts';
import type { Node } from '../src/model/node.ts';
import { dynamicPort, newEvaluation, newGroup, newJob, newNode } from '../src/scheduler/fixtures.ts';
import { schedule } from '../src/scheduler/schedule.ts';
import type { NodeUsage, ScheduleInput } from '../src/scheduler/types.ts';

export interface PlacementFigure {
  readonly name: string;
  readonly nodes: number;
  readonly count: number;
  readonly perSecond: number;
  /** From DESIGN.md section 9; undefined where it states none. */
  readonly budget: number | undefined;
}

interface Scenario {
  readonly name: string;
  readonly budget: number;
  readonly group: Partial<TaskGroup>;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'plain', budget: 60_000, group: {} },
  { name: 'dynamic port', budget: 40_000, group: { Networks: dynamicPort() } },
  {
    name: 'spread',
    budget: 20_000,
    group: { Spreads: [{ Attribute: '${node.datacenter}', Weight: 100, SpreadTarget: null }] },
  },
];

const NODES = [1000, 5000];
const COUNTS = [1000, 10_000];
/** The budget is for the larger cluster. */
const BUDGET_NODES = 5000;
/** The best of so many runs: the machine is shared, and what is asked is what the code can do. */
const RUNS = 5;

export function benchPlacement(runs = RUNS): PlacementFigure[] {
  return NODES.flatMap((nodes) => {
    const cluster = newCluster(nodes);
    return COUNTS.flatMap((count) => SCENARIOS.map((scenario) => measure(scenario, cluster, nodes, count, runs)));
  });
}

function measure(
  scenario: Scenario,
  cluster: ScheduleInput['cluster'],
  nodes: number,
  count: number,
  runs: number,
): PlacementFigure {
  const job = benchJob(scenario, count);
  const times = Array.from({ length: runs + 1 }, (_, run) => timeOne(job, cluster, count, run));
  const perSecond = count / (Math.min(...times.slice(1)) / 1000);
  return { name: scenario.name, nodes, count, perSecond, budget: nodes === BUDGET_NODES ? scenario.budget : undefined };
}

function timeOne(job: Job, cluster: ScheduleInput['cluster'], count: number, run: number): number {
  const input: ScheduleInput = {
    evaluation: newEvaluation(job),
    job,
    allocs: [],
    jobVersion: (version) => (version === job.Version ? job : undefined),
    deployment: undefined,
    cluster,
    nowMs: 1_795_191_330_000,
    newId: newUuid,
    random: seededRandom(`run ${run}`),
  };
  const start = performance.now();
  const plan = schedule(input);
  const took = performance.now() - start;
  if (plan.placements.length !== count) throw new Error(`${plan.placements.length} of ${count} were placed`);
  return took;
}

function benchJob({ group }: Scenario, count: number): Job {
  return newJob({
    Datacenters: ['dc*'],
    Constraints: [{ LTarget: '${attr.kernel.name}', RTarget: 'linux', Operand: '=' }],
    TaskGroups: [newGroup({ Count: count, ...group })],
  });
}

function newCluster(count: number): ScheduleInput['cluster'] {
  const nodes = Array.from({ length: count }, (_, number) => benchNode(number));
  const byId = new Map(nodes.map((node) => [node.ID, node]));
  const usage = new Map(nodes.map((node, number) => [node.ID, benchUsage(number)]));
  return { nodes: () => nodes, node: (id) => byId.get(id), usage: (id) => usage.get(id)! };
}

function benchNode(number: number): Node {
  const size = { cpu: 16_000, memoryMB: 32_768, diskMB: 200_000 };
  return newNode(number, { Datacenter: `dc${(number % 5) + 1}`, ComputedClass: `v1:${number % 10}` }, size);
}

function benchUsage(number: number): NodeUsage {
  const load = number % 8;
  return {
    cpu: load * 500,
    memoryMB: load * 1024,
    diskMB: load * 300,
    ports: new Set(Array.from({ length: load }, (_, at) => 20_000 + ((number * 37 + at * 101) % 12_000))),
    allocsByJob: new Map([['default/other', load]]),
  };
}
