/** The laws of a drain, whatever stands where: the budget holds, nobody is marked twice, and it comes to an end. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { invariant } from '../lib/assert.ts';
import type { Allocation } from '../model/allocation.ts';
import { SECOND } from '../model/nanos.ts';
import { health, NOW_MS, newAlloc, newJob, newNode } from '../scheduler/fixtures.ts';
import { type DrainPool, decidePool } from './drain-decision.ts';
import { isLeaving, servesFromMs } from './drain-health.ts';

const job = newJob();
const NODES = [0, 1, 2].map((at) => newNode(at).ID);
const DRAINING = new Map(NODES.slice(0, 2).map((id) => [id, Number.POSITIVE_INFINITY]));

const instance = fc.record({
  node: fc.nat({ max: 2 }),
  state: fc.constantFrom('serves', 'serves', 'serves', 'starts', 'young', 'unhealthy', 'failed', 'marked', 'stopped'),
});

const poolOf = fc
  .record({
    instances: fc.array(instance, { maxLength: 12 }),
    extra: fc.integer({ min: -2, max: 2 }),
    maxParallel: fc.nat({ max: 4 }),
  })
  .map(({ instances, extra, maxParallel }): DrainPool => {
    return {
      namespace: 'default',
      jobId: 'web',
      group: 'app',
      isBatch: false,
      count: Math.max(0, instances.length + extra),
      migrate: { MaxParallel: maxParallel, HealthCheck: '', MinHealthyTime: 10 * SECOND, HealthyDeadline: 60 * SECOND },
      allocs: instances.map(({ node, state }, at) => rowOf(at, NODES[node]!, state)),
    };
  });

function rowOf(at: number, NodeID: string, state: string): Allocation {
  const mark = { Migrate: true, Reschedule: null, ForceReschedule: null };
  const fields: Readonly<Record<string, Partial<Allocation>>> = {
    serves: {},
    starts: { ClientStatus: 'pending' },
    young: { CreateTime: NOW_MS * 1e6 },
    unhealthy: { DeploymentStatus: health(false) },
    failed: { ClientStatus: 'failed' },
    marked: { DesiredTransition: mark },
    stopped: { DesiredStatus: 'stop' },
  };
  return newAlloc(job, at, { ID: `alloc-${at}`, NodeID, ...fields[state] });
}

const serves = (pool: DrainPool, alloc: Allocation): boolean =>
  !isLeaving(alloc) && servesFromMs(alloc, pool.migrate, new Map()) <= NOW_MS;

const decide = (pool: DrainPool) => decidePool({ pool, forceFromMs: DRAINING, seen: new Map(), nowMs: NOW_MS });

describe('a drain', () => {
  it('never leaves fewer serving than count - max_parallel, nor takes any where there are fewer', () => {
    fc.assert(
      fc.property(poolOf, (pool) => {
        const taken = decide(pool).marks.filter((alloc) => serves(pool, alloc)).length;
        const left = pool.allocs.filter((alloc) => serves(pool, alloc)).length - taken;
        invariant(
          taken === 0 || left >= pool.count - Math.max(1, pool.migrate.MaxParallel),
          `${left} of ${pool.count}`,
        );
      }),
    );
  });

  it('marks only what stands on a draining node, is wanted, and is not marked', () => {
    fc.assert(
      fc.property(poolOf, (pool) => {
        for (const alloc of decide(pool).marks) {
          invariant(DRAINING.has(alloc.NodeID) && !isLeaving(alloc) && alloc.ClientStatus !== 'failed', alloc.ID);
        }
      }),
    );
  });

  it('empties its nodes where every successor comes to serve', () => {
    fc.assert(
      fc.property(poolOf, (pool) => {
        let allocs = pool.allocs.filter((alloc) => serves(pool, alloc));
        const count = allocs.length;
        for (let round = 0; round <= count; round++) {
          const marks = new Set(decide({ ...pool, count, allocs }).marks);
          if (marks.size === 0) break;
          allocs = allocs.map((alloc) => (marks.has(alloc) ? { ...alloc, NodeID: NODES[2]! } : alloc));
        }
        invariant(
          allocs.every((alloc) => !DRAINING.has(alloc.NodeID)),
          'the nodes are empty',
        );
      }),
    );
  });
});
