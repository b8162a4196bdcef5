import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job } from '../model/job.ts';
import { exampleAlloc, exampleDeployment, exampleJob, exampleService, exampleWay } from './routing-examples.ts';
import { backendsOf, planRoutingTable } from './routing-table.ts';

const way = fc
  .record({
    Listen: fc.constantFrom(80, 8080),
    Host: fc.constantFrom('', 'a.com', '*.com'),
    Path: fc.constantFrom('/', '/api'),
    Mode: fc.constantFrom('http', 'http', 'tcp'),
    TLS: fc.constantFrom(false, false, true),
    RedirectListen: fc.constantFrom(80, 81),
    Protocol: fc.constantFrom('http', 'h2c'),
  })
  .map(exampleWay);
const service = fc
  .record({ Name: fc.constantFrom('web', 'admin'), Ingress: fc.array(way, { maxLength: 2 }) })
  .map(exampleService);
const groups = fc.record({ web: fc.array(service, { maxLength: 2 }), other: fc.array(service, { maxLength: 2 }) });

/** Two jobs with three versions each, and allocations of any of them in any state. */
const world = fc.record({
  versions: fc.array(groups, { minLength: 6, maxLength: 6 }),
  allocs: fc.array(
    fc.record({
      job: fc.constantFrom('j0', 'j1'),
      version: fc.constantFrom(0, 1, 2),
      group: fc.constantFrom('web', 'other'),
      service: fc.constantFrom('web', 'admin'),
      desired: fc.constantFrom('run' as const, 'run' as const, 'stop' as const),
      client: fc.constantFrom('running' as const, 'running' as const, 'pending' as const, 'complete' as const),
      status: fc.constantFrom('passing' as const, 'critical' as const, 'draining' as const),
      canary: fc.boolean(),
    }),
    { maxLength: 12 },
  ),
  promoted: fc.boolean(),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

function inputOf({ versions, allocs, promoted }: World) {
  const jobs = versions.map((each, at) =>
    exampleJob({ id: `j${Math.floor(at / 3)}`, version: at % 3, createIndex: Math.floor(at / 3), groups: each }),
  );
  return {
    index: 1,
    jobs: [jobs[2]!, jobs[5]!] as Job[],
    jobVersion: (_: string, id: string, version: number) =>
      jobs.find((job) => job.ID === id && job.Version === version),
    allocs: allocs.map(({ canary, ...alloc }, at) =>
      exampleAlloc({ ...alloc, id: `alloc-${at}`, port: 20000 + at, ...(canary ? { canaryOf: 'd' } : {}) }),
    ),
    deployments: [exampleDeployment('d', promoted)],
  };
}

describe('the routing table', () => {
  it('is the same whatever the order of jobs and allocations', () => {
    fc.assert(
      fc.property(world, (each) => {
        const input = inputOf(each);
        const reversed = { ...input, jobs: input.jobs.toReversed(), allocs: input.allocs.toReversed() };
        expect(planRoutingTable(reversed)).toEqual(planRoutingTable(input));
      }),
    );
  });

  it('gives each place to one backend, and each server of a backend one state and one pool', () => {
    fc.assert(
      fc.property(world, (each) => {
        const table = planRoutingTable(inputOf(each));
        for (const { Mode, Routes: routes, Redirects = [] } of table.Frontends) {
          const Routes = [...routes, ...Redirects];
          expect(new Set(Routes.map(({ Host, Path }) => `${Host} ${Path}`)).size).toBe(Routes.length);
          if (Mode === 'tcp') expect(Routes).toHaveLength(1);
        }
        for (const backend of backendsOf(table).values()) {
          const keys = backend.Pools.flatMap(({ Servers }) => Servers.map(({ AllocID, Port }) => `${AllocID}:${Port}`));
          expect(new Set(keys).size).toBe(keys.length);
          expect(backend.Pools.reduce((sum, { Weight }) => sum + Weight, 0)).toBeCloseTo(100);
        }
      }),
    );
  });

  it('lists every instance that is to stop and may have had traffic, and no ended one', () => {
    fc.assert(
      fc.property(world, (each) => {
        const input = inputOf(each);
        const table = planRoutingTable(input);
        const left = new Set(table.Conflicts?.map(({ LeftOut }) => LeftOut));
        const backends = [...backendsOf(table).values()];
        const stateOf = (id: string) =>
          backends
            .flatMap(({ Pools }) => Pools.flatMap(({ Servers }) => Servers))
            .filter(({ AllocID }) => AllocID === id);
        for (const alloc of input.allocs) {
          const states = stateOf(alloc.ID).map(({ State }) => State);
          if (alloc.ClientStatus === 'complete') expect(states).toEqual([]);
          else if (alloc.DesiredStatus !== 'run') expect(states.every((state) => state === 'draining')).toBe(true);
          const offered = input
            .jobVersion('', alloc.JobID, alloc.JobVersion)!
            .TaskGroups.find(({ Name }) => Name === alloc.TaskGroup)!
            .Services!.filter(({ Ingress }) => Ingress!.length > 0);
          // A service that was renamed goes with its new name: where that one was left out, so is it.
          const isLeftOut = [...left].some((id) => id.startsWith(`default/${alloc.JobID}/`));
          if (isLeftOut) continue;
          if (alloc.ClientStatus !== 'complete' && alloc.DesiredStatus !== 'run' && offered.length > 0) {
            expect(states.length).toBeGreaterThan(0);
          }
        }
      }),
    );
  });
});
