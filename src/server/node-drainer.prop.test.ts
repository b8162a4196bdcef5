/**
 * Drains and updates in any order over the whole server: update and drain share one budget, so that at no moment fewer
 * instances are healthy than count - max_parallel; and when all is over, everything runs where it may.
 */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { invariant } from '../lib/assert.ts';
import { settle } from '../lib/virtual-clock.ts';
import { SECOND } from '../model/nanos.ts';
import { newNode, newUpdate } from '../scheduler/fixtures.ts';
import {
  allocsOf,
  type Cluster,
  drain,
  healthy,
  jobOf,
  migrate,
  pass,
  provenAfter,
  start,
  stopAll,
} from './drain-rig.ts';
import { read } from './fixtures.ts';

const COUNT = 6;
const MAX_PARALLEL = 2;
const PROVEN_MS = 5_000;

type Happening = { readonly kind: 'submit' | 'drain' | 'undrain'; readonly pick: number; readonly thenSeconds: number };

const happening: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constantFrom('submit', 'drain', 'drain', 'undrain'),
  pick: fc.nat({ max: 2 }),
  thenSeconds: fc.integer({ min: 0, max: 14 }),
});

const release = (number: number) =>
  jobOf(
    COUNT,
    {
      Update: newUpdate({ MaxParallel: MAX_PARALLEL, MinHealthyTime: 5 * SECOND }),
      Migrate: migrate({ MaxParallel: MAX_PARALLEL, MinHealthyTime: 5 * SECOND }),
    },
    String(number),
  );

async function begin(): Promise<Cluster> {
  const cluster = await start();
  for (let at = 0; at < 3; at++) await cluster.server.registerNode(newNode(at));
  await cluster.server.registerJob({ Job: release(0) });
  await settle();
  await pass(cluster, 15_000, () => {}, provenAfter(PROVEN_MS));
  return cluster;
}

async function happen(cluster: Cluster, { kind, pick }: Happening, at: number): Promise<void> {
  const { ID } = newNode(pick);
  if (kind === 'submit') await cluster.server.registerJob({ Job: release(at + 1) });
  else await cluster.server.drainNode(ID, drain(kind === 'drain' ? {} : { spec: null, markEligible: true }));
  await settle();
}

function checkHealthy(cluster: Cluster): void {
  const count = healthy(cluster, PROVEN_MS - 1000).length;
  invariant(count >= COUNT - MAX_PARALLEL, `${count} of ${COUNT} are healthy at ${cluster.clock.nowMs()}`);
}

function checkEnd(cluster: Cluster): void {
  const left = read(cluster, (tx) => tx.nodes().filter((node) => node.Drain));
  invariant(left.length === 0, `no node drains any more: ${JSON.stringify(left.map(({ ID }) => ID))}`);
  const wanted = allocsOf(cluster).filter((alloc) => alloc.DesiredStatus === 'run' && alloc.ClientStatus === 'running');
  const newest = read(cluster, (tx) => tx.job('default', 'web'))?.Version;
  invariant(wanted.length === COUNT, `${wanted.length} of ${COUNT} run`);
  invariant(
    wanted.every((alloc) => alloc.JobVersion === newest),
    'all are of the newest version',
  );
}

describe('drains and updates', () => {
  it('share one budget, and all of them come to their end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 6 }), async (happenings) => {
        const cluster = await begin();
        try {
          for (const [at, each] of happenings.entries()) {
            await happen(cluster, each, at);
            await pass(cluster, each.thenSeconds * 1000, () => checkHealthy(cluster), provenAfter(PROVEN_MS));
          }
          for (let at = 0; at < 3; at++) await happen(cluster, { kind: 'undrain', pick: at, thenSeconds: 0 }, 0);
          await pass(cluster, 90_000, () => checkHealthy(cluster), provenAfter(PROVEN_MS));
          checkEnd(cluster);
        } finally {
          await stopAll();
        }
      }),
      { numRuns: 25 },
    );
  });
});
