import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import type { BackendServer } from '../model/ingress.ts';
import { allocRoles } from './alloc-roles.ts';
import { exampleAlloc, exampleDeployment, exampleJob, exampleService, exampleWay } from './routing-examples.ts';
import { backendsOf, planRoutingTable } from './routing-table.ts';

const state = fc.record({
  Promoted: fc.boolean(),
  IsBlueGreen: fc.boolean(),
  CanaryWeight: fc.option(fc.constantFrom(0, 5, 100), { nil: undefined }),
});

/** One job with four versions in any course, and instances of any of them in any state. */
const world = fc.record({
  programs: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 4, maxLength: 4 }),
  now: fc.nat({ max: 3 }),
  revertOf: fc.option(fc.nat({ max: 2 }), { nil: undefined }),
  count: fc.constantFrom(0, 1, 2),
  deployments: fc.array(
    fc.record({
      status: fc.constantFrom('running' as const, 'successful' as const, 'failed' as const, 'cancelled' as const),
      web: state,
      other: state,
    }),
    { minLength: 4, maxLength: 4 },
  ),
  allocs: fc.array(
    fc.record({
      version: fc.nat({ max: 3 }),
      group: fc.constantFrom('web', 'other'),
      desired: fc.constantFrom('run' as const, 'run' as const, 'run' as const, 'stop' as const),
      client: fc.constantFrom('running' as const, 'running' as const, 'running' as const, 'pending' as const),
      status: fc.constantFrom('passing' as const, 'passing' as const, 'critical' as const),
      canary: fc.boolean(),
      rests: fc.boolean(),
    }),
    { maxLength: 10 },
  ),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

const services = [exampleService({ Ingress: [exampleWay({ PreviewListen: 9999 })] })];

function inputOf({ programs, now, revertOf, count, deployments, allocs }: World) {
  const jobs = programs.slice(0, now + 1).map((program, version) =>
    exampleJob({
      version,
      program,
      count,
      groups: { web: services, other: services },
      ...(version === now && revertOf !== undefined ? { revertOf } : {}),
    }),
  );
  return {
    index: 1,
    jobs: [jobs[now]!],
    jobVersion: (_: string, __: string, version: number) => jobs[version],
    allocs: allocs
      .filter(({ version }) => version <= now)
      .map(({ canary, ...alloc }, at) =>
        exampleAlloc({ ...alloc, id: `${at}`, port: 20000 + at, ...(canary ? { canaryOf: `d${alloc.version}` } : {}) }),
      ),
    deployments: deployments.slice(0, now + 1).map(({ status, web, other }, JobVersion): Deployment => {
      const TaskGroups = { web: { ...web, DesiredCanaries: 2 }, other: { ...other, DesiredCanaries: 2 } };
      // A new version ends the deployment of the one before.
      const Status = status === 'running' && JobVersion < now ? 'cancelled' : status;
      const course = { JobVersion, Status, TaskGroups } as unknown as Deployment;
      return exampleDeployment(`d${JobVersion}`, false, 'web', {}, course);
    }),
  };
}
type Input = ReturnType<typeof inputOf>;

function backendOf(input: Input) {
  return backendsOf(planRoutingTable(input)).get('default/web/web')!;
}

const stateFor = ({ deployments }: Input, alloc: Allocation): DeploymentState =>
  deployments.find(({ JobVersion }) => JobVersion === alloc.JobVersion)!.TaskGroups[alloc.TaskGroup]!;

const isPassing = (alloc: Allocation): boolean =>
  alloc.DesiredStatus === 'run' && alloc.ClientStatus === 'running' && alloc.Services![0]!.Status === 'passing';

function forAll(check: (input: Input, each: World) => void): void {
  fc.assert(
    fc.property(world, (each) => check(inputOf(each), each)),
    { numRuns: 500 },
  );
}

describe('traffic, whatever the course of a job', () => {
  it('is shared out in full, and each instance stands once in a backend', () => {
    forAll((input) => {
      const { Pools } = backendOf(input);
      expect(Pools.reduce((sum, { Weight }) => sum + Weight, 0)).toBeCloseTo(100, 9);
      expect(Math.min(...Pools.map(({ Weight }) => Weight))).toBeGreaterThanOrEqual(0);
      const ids = Pools.flatMap(({ Servers }) => Servers.map(({ AllocID }) => AllocID));
      expect(new Set(ids).size).toBe(ids.length);
      for (const { Name, Weight, Servers } of Pools) {
        if (Name === 'canary' && Servers.every(({ State }) => State === 'draining')) expect(Weight).toBe(0);
      }
    });
  });

  it('does not reach the second set of a blue/green before its promotion', () => {
    forAll((input) => {
      for (const { Name, Weight, Servers } of backendOf(input).Pools) {
        for (const server of Servers.filter(({ State }) => State === 'ready')) {
          const alloc = input.allocs.find(({ ID }) => ID === server.AllocID)!;
          const { Promoted, IsBlueGreen, CanaryWeight } = stateFor(input, alloc);
          const isClosed = alloc.DeploymentStatus?.Canary && !Promoted && IsBlueGreen && CanaryWeight === undefined;
          if (isClosed && Name === 'canary') expect(Weight).toBe(0);
        }
      }
    });
  });

  it('reaches a set that rests only where the job is what it was', () => {
    forAll((input, { now, programs }) => {
      const resting = input.allocs.filter(
        ({ RestsUntilMs, JobVersion, DeploymentStatus }) =>
          RestsUntilMs !== undefined && programs[JobVersion] !== programs[now] && DeploymentStatus?.Canary !== true,
      );
      const ids = resting.map(({ ID }) => ID);
      expect(readyServers(input).filter(({ AllocID }) => ids.includes(AllocID))).toEqual([]);
    });
  });

  it('reaches no canary of a deployment that failed, while anything else of its group is ready', () => {
    forAll((input) => {
      const isAbandoned = (alloc: Allocation) => {
        const { Status } = input.deployments[alloc.JobVersion]!;
        const isOver = Status === 'failed' || Status === 'cancelled';
        return alloc.DeploymentStatus?.Canary === true && isOver && !stateFor(input, alloc).Promoted;
      };
      for (const { AllocID } of readyServers(input)) {
        const alloc = input.allocs.find(({ ID }) => ID === AllocID)!;
        if (!isAbandoned(alloc)) continue;
        const others = input.allocs.filter(({ TaskGroup }) => TaskGroup === alloc.TaskGroup).filter(isPassing);
        const isOther = ({ DeploymentStatus, RestsUntilMs }: Allocation) =>
          DeploymentStatus?.Canary !== true && RestsUntilMs === undefined;
        expect(others.filter(isOther)).toEqual([]);
      }
    });
  });

  it('is never taken from all of a group while one of it is ready and does not rest', () => {
    forAll((input) => {
      const candidates = input.allocs.map((alloc) => ({ alloc, isReady: isPassing(alloc) }));
      const roleOf = allocRoles(input, candidates);
      for (const group of ['web', 'other']) {
        const ready = candidates.filter(({ alloc, isReady }) => isReady && alloc.TaskGroup === group);
        if (ready.some(({ alloc }) => roleOf(alloc).role !== 'resting')) continue;
        expect(ready.filter(({ alloc }) => alloc.RestsUntilMs === undefined)).toEqual([]);
      }
    });
  });

  it('of the preview goes to canaries alone', () => {
    forAll((input) => {
      const preview = backendsOf(planRoutingTable(input)).get('default/web/web/preview')!;
      expect(preview.Pools.map(({ Name, Weight }) => [Name, Weight])).toEqual([['canary', 100]]);
      for (const { AllocID } of preview.Pools[0]!.Servers) {
        const alloc = input.allocs.find(({ ID }) => ID === AllocID)!;
        expect(alloc.DeploymentStatus?.Canary).toBe(true);
        expect(stateFor(input, alloc).Promoted).toBe(false);
      }
    });
  });
});

const readyServers = (input: Input): BackendServer[] =>
  backendOf(input).Pools.flatMap(({ Servers }) => Servers.filter(({ State }) => State === 'ready'));
