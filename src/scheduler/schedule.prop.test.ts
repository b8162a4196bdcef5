/** The laws that every plan keeps, whatever the job, its changes and what happens to nodes and instances meanwhile. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import { hasIngress } from '../model/ingress-services.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import { SECOND } from '../model/nanos.ts';
import { World } from './fixture-world.ts';
import {
  dynamicPort,
  newGroup,
  newIngressService,
  newJob,
  newNodes,
  newService,
  newTask,
  newUpdate,
  staticPort,
  usageOf,
} from './fixtures.ts';
import { isFit } from './reconcile/serving.ts';
import { schedule, scheduleInSlices } from './schedule.ts';
import type { Plan } from './types.ts';

interface GroupShape {
  readonly count: number;
  readonly maxParallel: number;
  readonly ports: 'none' | 'dynamic' | 'static';
  readonly service: 'none' | 'plain' | 'ingress';
  readonly release: number;
  readonly interval: boolean;
}

const groupShape: fc.Arbitrary<GroupShape> = fc.record({
  count: fc.integer({ min: 0, max: 6 }),
  maxParallel: fc.integer({ min: 0, max: 3 }),
  ports: fc.constantFrom('none', 'dynamic', 'static'),
  service: fc.constantFrom('none', 'plain', 'ingress'),
  release: fc.integer({ min: 0, max: 2 }),
  interval: fc.boolean(),
});

const jobShape = fc.array(groupShape, { minLength: 1, maxLength: 2 });

type Event =
  | { readonly kind: 'submit'; readonly shape: readonly GroupShape[] }
  | { readonly kind: 'settle'; readonly unhealthy: number; readonly draining: boolean }
  | { readonly kind: 'fail-alloc' | 'node-down' | 'node-up' | 'migrate' | 'drain'; readonly pick: number }
  | { readonly kind: 'fail-deployment' | 'wait' };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('submit' as const), shape: jobShape }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      unhealthy: fc.integer({ min: 0, max: 8 }),
      draining: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'fail-alloc' as const,
        'node-down' as const,
        'node-up' as const,
        'migrate' as const,
        'drain' as const,
      ),
      pick: fc.nat(20),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('fail-deployment' as const, 'wait' as const) }) },
);

const RUNS = { numRuns: 300 };

describe('every plan', () => {
  it('keeps nodes within their capacity, ports single and names few, and takes no last serving instance', () => {
    fc.assert(
      fc.property(
        jobShape,
        fc.array(event, { maxLength: 14 }),
        fc.integer({ min: 1, max: 4 }),
        (shape, events, nodes) => {
          const world = newWorld(nodes);
          world.submit(jobOf(shape));
          stepAndCheck(world);
          for (const happening of events) {
            happen(world, happening);
            stepAndCheck(world);
          }
        },
      ),
      RUNS,
    );
  });

  it('leads to what is wanted once nothing else happens', () => {
    fc.assert(
      fc.property(jobShape, fc.array(event, { maxLength: 10 }), jobShape, (shape, events, last) => {
        const world = newWorld(8);
        world.submit(jobOf(shape));
        world.step();
        for (const happening of events) {
          happen(world, happening);
          world.step();
        }
        for (let number = 0; number < 8; number++) heal(world, number);
        world.submit(jobOf(last));
        converge(world);
        expect(summary(world)).toEqual(wantedSummary(world.job!));
      }),
      RUNS,
    );
  });

  it('keeps count - max_parallel instances serving through a rolling update, and one where there is an ingress', () => {
    const ports = fc.constantFrom('none' as const, 'dynamic' as const);
    const shape = fc.record({
      count: fc.integer({ min: 1, max: 8 }),
      maxParallel: fc.integer({ min: 1, max: 4 }),
      ports,
    });
    fc.assert(
      fc.property(shape, fc.boolean(), fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }), (some, ingress, luck) => {
        const group: GroupShape = { ...some, service: ingress ? 'ingress' : 'none', release: 0, interval: false };
        const world = runningWorld([group]);
        world.submit(jobOf([{ ...group, release: 1 }]));
        const least = Math.max(group.count - group.maxParallel, ingress ? 1 : 0);
        rollOut(world, luck, () => {
          expect(servingCount(world)).toBeGreaterThanOrEqual(least);
          expect(world.wanted().length).toBeLessThanOrEqual(group.count + (ingress ? group.maxParallel : 0));
        });
        expect(summary(world)).toEqual({ 'web.g0 v1': String(group.count) });
      }),
      { numRuns: 100 },
    );
  });

  it('moves counts between two groups of one service without ever serving with fewer than the smaller total', () => {
    const counts = fc.tuple(fc.nat(6), fc.nat(6), fc.nat(6), fc.nat(6));
    fc.assert(
      fc.property(
        counts,
        fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }),
        ([green, blue, greenNext, blueNext], luck) => {
          const group: GroupShape = {
            count: 0,
            maxParallel: 1,
            ports: 'dynamic',
            service: 'plain',
            release: 0,
            interval: false,
          };
          const shapes = (first: number, second: number) => [
            { ...group, count: first },
            { ...group, count: second },
          ];
          const world = runningWorld(shapes(green, blue));
          world.submit(jobOf(shapes(greenNext, blueNext)));
          const least = Math.min(green + blue, greenNext + blueNext);
          rollOut(world, luck, () => expect(servingCount(world)).toBeGreaterThanOrEqual(least));
          expect(summary(world)).toEqual(wantedSummary(world.job!));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is the same whether it is made in slices or in one go, and the same every time', () => {
    fc.assert(
      fc.property(jobShape, jobShape, (before, after) => {
        const world = newWorld(5);
        world.submit(jobOf(before));
        world.step();
        world.settle();
        world.submit(jobOf(after));
        const slices = scheduleInSlices(world.input());
        let slice = slices.next();
        while (!slice.done) slice = slices.next();
        expect(slice.value).toEqual(schedule(world.input()));
      }),
      { numRuns: 50 },
    );
  });
});

/** The job as it runs once everything is healthy. */
function runningWorld(shapes: readonly GroupShape[]): World {
  const world = new World(newNodes(10));
  world.submit(jobOf(shapes));
  world.step();
  world.settle();
  world.watch();
  world.nowMs += 3_600_000;
  return world;
}

/** Steps until everything is done; new instances become healthy one by one, as luck has it. */
function rollOut(world: World, luck: readonly number[], check: () => void): void {
  for (const draw of luck) {
    world.step('deployment-watcher');
    check();
    let at = draw;
    world.settle(({ DeploymentStatus }) => (DeploymentStatus?.Healthy ?? at++ % 3 === 0) || null);
    world.watch();
    world.nowMs += 5_000;
  }
}

function servingCount(world: World): number {
  return world.wanted().filter((alloc) => alloc.ClientStatus === 'running' && isFit(alloc, 10 * SECOND, world.nowMs))
    .length;
}

function newWorld(nodes: number): World {
  return new World(newNodes(nodes, { cpu: 1000, memoryMB: 1000 }));
}

function jobOf(shapes: readonly GroupShape[]): Job {
  return newJob({ TaskGroups: shapes.map((shape, at) => groupOf(shape, `g${at}`)) });
}

function groupOf(shape: GroupShape, name: string): TaskGroup {
  const ports = { none: null, dynamic: dynamicPort(), static: staticPort(name === 'g0' ? 8080 : 8081) }[shape.ports];
  const services = { none: null, plain: [newService('api')], ingress: [newIngressService('api')] }[shape.service];
  return newGroup({
    Name: name,
    Count: shape.count,
    Networks: ports,
    Services: services,
    Tasks: [newTask({ Env: { RELEASE: String(shape.release) } })],
    Update: newUpdate({ MaxParallel: shape.maxParallel, ...(shape.interval && { BatchInterval: 60 * SECOND }) }),
  });
}

function happen(world: World, happening: Event): void {
  world.nowMs += 15_000;
  switch (happening.kind) {
    case 'submit':
      world.submit(jobOf(happening.shape));
      break;
    case 'settle':
      world.settle(judgeBut(happening.unhealthy), happening.draining);
      world.watch();
      break;
    case 'fail-alloc':
      pickAlloc(world, happening.pick, { ClientStatus: 'failed' });
      break;
    case 'migrate':
      pickAlloc(world, happening.pick, MIGRATE);
      break;
    case 'node-down':
      world.setNode(happening.pick % world.nodes.length, { Status: 'down' });
      break;
    case 'drain':
      drainNode(world, happening.pick % world.nodes.length);
      break;
    case 'node-up':
      heal(world, happening.pick % world.nodes.length);
      break;
    case 'fail-deployment':
      world.fail();
      break;
    case 'wait':
      world.nowMs += 120_000;
  }
}

const MIGRATE = { DesiredTransition: { Migrate: true, Reschedule: null, ForceReschedule: null } };

/** At its deadline: the node is closed, and everything on it is to leave. */
function drainNode(world: World, number: number): void {
  world.setNode(number, { Drain: true });
  const here = world.wanted().filter((alloc) => alloc.NodeID === world.nodes[number]?.ID);
  for (const { ID } of here) world.change(ID, MIGRATE);
}

function heal(world: World, number: number): void {
  world.setNode(number, { Status: 'ready', Drain: false });
}

/** Every instance is healthy but, sometimes, one of each nine. */
function judgeBut(unhealthy: number): (alloc: Allocation) => boolean {
  let seen = 0;
  return (alloc) => alloc.DeploymentStatus?.Healthy ?? seen++ % 9 !== unhealthy;
}

function pickAlloc(world: World, pick: number, fields: Partial<Allocation>): void {
  const running = world.wanted().filter((alloc) => alloc.ClientStatus === 'running');
  const chosen = running[pick % (running.length || 1)];
  if (chosen) world.change(chosen.ID, fields);
}

function stepAndCheck(world: World): Plan {
  const before = [...world.allocs.values()];
  const plan = world.plan();
  checkServing(world, before, plan);
  checkBatch(world, plan);
  world.apply(plan);
  checkRoom(world);
  checkPorts(world);
  checkNames(world);
  return plan;
}

function checkRoom(world: World): void {
  const usage = usageOf([...world.allocs.values()], (version) => world.versions[version]);
  for (const node of world.nodes) {
    const used = usage.get(node.ID);
    expect(used?.cpu ?? 0).toBeLessThanOrEqual(node.NodeResources.Cpu.CpuShares);
    expect(used?.memoryMB ?? 0).toBeLessThanOrEqual(node.NodeResources.Memory.MemoryMB);
  }
}

/** A port has one holder; a successor that waits for its predecessor may be promised that one's. */
function checkPorts(world: World): void {
  const holders = new Map<string, Allocation>();
  for (const alloc of world.allocs.values()) {
    if (isClientTerminal(alloc) || waits(world, alloc)) continue;
    for (const { Value } of alloc.Ports) {
      const key = `${alloc.NodeID}:${Value}`;
      expect(holders.get(key)?.ID, `${key} has two holders`).toBeUndefined();
      holders.set(key, alloc);
    }
  }
}

function waits(world: World, alloc: Allocation): boolean {
  const before = alloc.AwaitsPrevious ? world.allocs.get(alloc.PreviousAllocation) : undefined;
  return before !== undefined && !isClientTerminal(before);
}

/** At most two wanted instances have one name, and two only where something must go on serving. */
function checkNames(world: World): void {
  const byName = new Map<string, number>();
  for (const alloc of world.wanted()) byName.set(alloc.Name, (byName.get(alloc.Name) ?? 0) + 1);
  const anyIngress = world.versions.some((job) => job.TaskGroups.some(hasIngress));
  for (const count of byName.values()) expect(count).toBeLessThanOrEqual(anyIngress ? 2 : 1);
}

function checkServing(world: World, before: readonly Allocation[], plan: Plan): void {
  const job = world.job!;
  const inRoom = new Set(plan.placements.filter((row) => row.AwaitsPrevious).map((row) => row.PreviousAllocation));
  const stopped = new Set(plan.stops.map((stop) => stop.alloc.ID));
  const serving = before.filter((alloc) => serves(world, alloc));
  const only = new Set(serving.map((alloc) => alloc.TaskGroup));
  for (const group of job.TaskGroups.filter((one) => hasIngress(one) && one.Count > 0)) {
    if (!only.has(group.Name) || only.size > 1) continue;
    const left = serving.filter((alloc) => !stopped.has(alloc.ID) || inRoom.has(alloc.ID));
    expect(left.length, 'the last serving instance was taken').toBeGreaterThan(0);
  }
}

/** It takes requests of the service that the groups of these jobs share. */
function serves(world: World, alloc: Allocation): boolean {
  const node = world.nodes.find((one) => one.ID === alloc.NodeID);
  const group = world.versions[alloc.JobVersion]?.TaskGroups.find((one) => one.Name === alloc.TaskGroup);
  const minHealthyTime = group?.Update?.MinHealthyTime ?? 0;
  return node?.Status === 'ready' && group?.Services !== null && isFit(alloc, minHealthyTime, world.nowMs);
}

/** An update takes no more than max_parallel healthy instances at a time. */
function checkBatch(world: World, plan: Plan): void {
  for (const group of world.job!.TaskGroups) {
    const maxParallel = group.Update?.MaxParallel ?? 0;
    if (maxParallel === 0) continue;
    const successors = new Set(plan.placements.map((row) => row.PreviousAllocation));
    const taken = plan.stops.filter(
      ({ alloc, description }) =>
        alloc.TaskGroup === group.Name &&
        description.includes('updated') &&
        successors.has(alloc.ID) &&
        isFit(alloc, 0, world.nowMs),
    );
    expect(taken.length).toBeLessThanOrEqual(maxParallel);
  }
}

function converge(world: World): void {
  for (let round = 0; round < 80; round++) {
    world.step('rolling-update');
    world.settle((alloc) => alloc.DeploymentStatus?.Healthy !== false || alloc.DeploymentID === world.deployment?.ID);
    world.watch();
    world.nowMs += 100_000;
  }
  const rest = world.plan('rolling-update');
  expect({ stops: rest.stops, placements: rest.placements, inPlace: rest.inPlace, held: rest.heldBack }).toEqual({
    stops: [],
    placements: [],
    inPlace: [],
    held: {},
  });
}

function summary(world: World): Record<string, string> {
  const versions = world.wanted().map((alloc) => [alloc.Name, `v${alloc.JobVersion}`] as const);
  expect(new Set(versions.map(([name]) => name)).size).toBe(versions.length);
  return Object.fromEntries(groupCounts(versions.map(([name, version]) => `${name.split('[')[0]} ${version}`)));
}

function wantedSummary(job: Job): Record<string, string> {
  const names = job.TaskGroups.flatMap((group) => Array<string>(group.Count).fill(`web.${group.Name} v${job.Version}`));
  return Object.fromEntries(groupCounts(names));
}

function groupCounts(names: readonly string[]): [string, string][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]): [string, string] => [name, String(count)]).sort();
}
