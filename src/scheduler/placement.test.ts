/** Where instances go, and what is said when they cannot go anywhere. */
import { describe, expect, it } from 'vitest';
import type { TaskGroup } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import {
  dynamicPort,
  inputOf,
  newAlloc,
  newGroup,
  newJob,
  newNode,
  newNodes,
  newTask,
  staticPort,
} from './fixtures.ts';
import { EXPLAINED } from './place/group-placer.ts';
import { schedule } from './schedule.ts';

const web = (group: Partial<TaskGroup>, job: Partial<ReturnType<typeof newJob>> = {}) =>
  newJob({ TaskGroups: [newGroup(group)], ...job });
const sized = (CPU: number, MemoryMB: number) => [newTask({ Resources: { ...newTask().Resources, CPU, MemoryMB } })];
const constraint = (LTarget: string, Operand: string, RTarget: string) => ({ LTarget, Operand, RTarget });
const plan = (group: Partial<TaskGroup>, nodes: readonly Node[], seed = 'seed') =>
  schedule(inputOf({ job: web(group), nodes, seed }));
const countBy = (values: readonly string[]) => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};

describe('what cannot be placed', () => {
  it('says which dimension was too small, and what the tasks had asked for', () => {
    const result = plan({ Count: 6, Tasks: sized(100, 20_000) }, newNodes(1, { memoryMB: 65_536 }));
    expect(result.placements).toHaveLength(3);
    expect(result.queued).toEqual({ app: 3 });
    expect(result.heldBack).toEqual({ app: { reason: 'capacity', count: 3 } });
    expect(result.failedGroups.app).toMatchObject({
      NodesEvaluated: 1,
      NodesFiltered: 0,
      NodesAvailable: { dc1: 1 },
      NodesExhausted: 1,
      DimensionExhausted: { memory: 1 },
      ResourcesExhausted: { server: { CPU: 0, MemoryMB: 60_000 } },
      CoalescedFailures: 2,
    });
    expect(result.classEligibility).toEqual({ 'v1:1': true });
    expect(result.deployment?.TaskGroups.app?.DesiredTotal).toBe(6);
  });

  it('says which constraint excluded how many nodes', () => {
    const result = plan({ Count: 2, Constraints: [constraint('${attr.kernel.name}', '=', 'plan9')] }, newNodes(1));
    expect(result.placements).toEqual([]);
    expect(result.failedGroups.app).toMatchObject({
      NodesEvaluated: 1,
      NodesFiltered: 1,
      ConstraintFiltered: { '${attr.kernel.name} = plan9': 1 },
      NodesExhausted: 0,
      CoalescedFailures: 1,
    });
    expect(result.classEligibility).toEqual({ 'v1:1': false });
    expect(result.deployment).toBeDefined();
  });

  it('says that no host is left that has none', () => {
    const result = plan({ Count: 3, Constraints: [constraint('', 'distinct_hosts', 'true')] }, newNodes(1));
    expect(result.placements).toHaveLength(1);
    expect(result.failedGroups.app).toMatchObject({ ConstraintFiltered: { distinct_hosts: 1 }, CoalescedFailures: 1 });
  });

  it('says that there are no nodes in the datacenter', () => {
    const result = schedule(inputOf({ job: web({}, { Datacenters: ['dc9'] }), nodes: newNodes(1) }));
    expect(result.failedGroups.app).toMatchObject({
      NodesEvaluated: 0,
      NodesAvailable: { dc9: 0 },
      ConstraintFiltered: null,
    });
  });

  it('names the static port that is taken, and counts the classes of nodes', () => {
    const nodes = newNodes(2).map((node) => ({ ...node, NodeClass: 'edge' }));
    const result = plan({ Count: 3, Networks: staticPort(8080) }, nodes);
    expect(result.placements).toHaveLength(2);
    expect(result.failedGroups.app).toMatchObject({
      DimensionExhausted: { 'network: reserved port collision http=8080': 2 },
      ClassExhausted: { edge: 2 },
    });
  });

  it('takes no node that is down, ineligible or draining', () => {
    const [one, two, three] = newNodes(3);
    const nodes: Node[] = [
      { ...one!, Status: 'down' },
      { ...two!, SchedulingEligibility: 'ineligible' },
      { ...three!, Drain: true },
    ];
    expect(plan({}, nodes).failedGroups.app).toMatchObject({ NodesEvaluated: 0, NodesAvailable: { dc1: 0 } });
  });

  it('says that classes do not tell, where a constraint looks at single nodes', () => {
    const result = plan({ Constraints: [constraint('${node.unique.name}', '=', 'node-9')] }, newNodes(2));
    expect(result.escapedComputedClass).toBe(true);
  });
});

describe('where instances go', () => {
  it('accounts for the choice with the scores of the best nodes', () => {
    const { placements } = plan({ Tasks: sized(100, 32) }, newNodes(1, { cpu: 40_000, memoryMB: 65_536 }));
    const [meta] = placements[0]?.Metrics?.ScoreMetaData ?? [];
    expect(meta?.Scores.binpack).toBeCloseTo(0.003813112986542164, 12);
    expect(meta?.NormScore).toBe(meta?.Scores.binpack);
    expect(Object.keys(meta?.Scores ?? {})).toEqual([
      'binpack',
      'job-anti-affinity',
      'node-reschedule-penalty',
      'node-affinity',
    ]);
    expect(placements[0]?.Metrics).toMatchObject({ NodesEvaluated: 1, NodesAvailable: { dc1: 1 } });
  });

  it('is accounted for by the first hundred of many', () => {
    const { placements } = plan({ Count: 150, Tasks: sized(10, 10) }, newNodes(5, { diskMB: 1_000_000 }));
    expect(placements).toHaveLength(150);
    expect(placements.map((row) => row.Metrics !== undefined)).toEqual(placements.map((_, at) => at < EXPLAINED));
  });

  it('is another node for each, as long as there are others', () => {
    const { placements } = plan({ Count: 6 }, newNodes(6));
    expect(new Set(placements.map((row) => row.NodeID)).size).toBe(6);
  });

  it('is the fuller node with binpack and the emptier one with spread', () => {
    const nodes = newNodes(2);
    const usage = new Map([
      [nodes[0]!.ID, { cpu: 2000, memoryMB: 4000, diskMB: 0, ports: new Set<number>(), allocsByJob: new Map() }],
    ]);
    const input = inputOf({ job: web({}), nodes, usage });
    expect(schedule(input).placements[0]?.NodeName).toBe('node-0');
    expect(schedule({ ...inputOf({ job: web({}), nodes, usage }), algorithm: 'spread' }).placements[0]?.NodeName).toBe(
      'node-1',
    );
  });

  it('follows the percentages of a spread', () => {
    const nodes = newNodes(40).map((node, number) => ({ ...node, Datacenter: number % 2 === 0 ? 'dc1' : 'dc2' }));
    const spread = {
      Attribute: '${node.datacenter}',
      Weight: 100,
      SpreadTarget: [
        { Value: 'dc1', Percent: 70 },
        { Value: 'dc2', Percent: 30 },
      ],
    };
    const job = web({ Count: 20, Spreads: [spread] }, { Datacenters: ['dc1', 'dc2'] });
    const { placements } = schedule(inputOf({ job, nodes }));
    const datacenterOf = new Map(nodes.map((node) => [node.ID, node.Datacenter]));
    expect(countBy(placements.map((row) => datacenterOf.get(row.NodeID)!))).toEqual({ dc1: 14, dc2: 6 });
  });

  it('is the liked node, and another than where it failed', () => {
    const nodes = [newNode(0), newNode(1, { Meta: { ssd: 'yes' } }), newNode(2)];
    const affinity = { LTarget: '${meta.ssd}', Operand: '=', RTarget: 'yes', Weight: 50 };
    expect(plan({ Affinities: [affinity] }, nodes).placements[0]?.NodeName).toBe('node-1');
  });

  it('keeps off the ports that a node keeps for itself', () => {
    const node = newNode(0);
    const kept = { ...node.ReservedResources, Networks: { ReservedHostPorts: '8080,20000-31999' } };
    const nodes = [{ ...node, ReservedResources: kept }];
    expect(plan({ Networks: dynamicPort() }, nodes).placements[0]?.Ports[0]?.Value).toBe(32_000);
    expect(plan({ Networks: staticPort(8080) }, nodes).placements).toEqual([]);
  });

  it('gives up on a node whose dynamic ports have run out and takes the next', () => {
    const node = newNode(0);
    const kept = { ...node.ReservedResources, Networks: { ReservedHostPorts: '20000-32000' } };
    const result = plan({ Count: 2, Networks: dynamicPort() }, [{ ...node, ReservedResources: kept }, newNode(1)]);
    expect(result.placements.map((row) => row.NodeName)).toEqual(['node-1', 'node-1']);
    const none = plan({ Networks: dynamicPort() }, [{ ...node, ReservedResources: kept }]);
    expect(none.failedGroups.app?.DimensionExhausted).toEqual({ 'network: dynamic port selection failed': 1 });
  });

  it('lets an instance on a host of its own be updated there', () => {
    const apart = { Count: 3, Constraints: [constraint('', 'distinct_hosts', '')] };
    const old = web(apart);
    const nodes = newNodes(3);
    const allocs = nodes.map((node, index) => newAlloc(old, index, { NodeID: node.ID }));
    const job = { ...web({ ...apart, Tasks: [newTask({ Env: { R: '2' } })] }), Version: 1 };
    const result = schedule(inputOf({ job, versions: [old], allocs, nodes }));
    expect(result.placements).toHaveLength(1);
    expect(result.placements[0]?.NodeID).toBe(result.stops[0]?.alloc.NodeID);
  });

  it('is the same for the same seed, and never touches what it was given', () => {
    const nodes = newNodes(50);
    const once = plan({ Count: 20, Networks: dynamicPort() }, nodes);
    expect(plan({ Count: 20, Networks: dynamicPort() }, nodes)).toEqual(once);
    const other = plan({ Count: 20, Networks: dynamicPort() }, nodes, 'other');
    expect(other.placements.map((row) => row.NodeID)).not.toEqual(once.placements.map((row) => row.NodeID));
    const frozen = deepFreeze(inputOf({ job: web({ Count: 3 }), allocs: [newAlloc(web({}), 0)], nodes }));
    expect(schedule(frozen).placements).toHaveLength(2);
  });

  it('fills 1,000 nodes to the last place', () => {
    const result = plan({ Count: 2001, Tasks: sized(2000, 64) }, newNodes(1000));
    expect(result.placements).toHaveLength(2000);
    expect(new Set(Object.values(countBy(result.placements.map((row) => row.NodeID))))).toEqual(new Set([2]));
    expect(result.failedGroups.app).toMatchObject({ NodesExhausted: 1000, DimensionExhausted: { cpu: 1000 } });
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Map || value instanceof Set) return value;
  for (const one of Object.values(value)) if (!Object.isFrozen(one)) deepFreeze(one);
  return Object.freeze(value);
}
