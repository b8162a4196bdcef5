/** A node is drained under the whole server: its loops, the scheduler, and nodes that do as they are told. */
import { afterEach, describe, expect, it } from 'vitest';
import { settle } from '../lib/virtual-clock.ts';
import type { Job } from '../model/job.ts';
import { HOUR, MINUTE, SECOND, timestampOf } from '../model/nanos.ts';
import { newIngressService, newNode, newUpdate, staticPort } from '../scheduler/fixtures.ts';
import {
  allocsOf,
  BEHIND_INGRESS,
  drain,
  FIRST,
  healthy,
  jobOf,
  marked,
  migrate,
  nodeOf,
  obey,
  on,
  onFirstNode,
  pass,
  provenAfter,
  reportOf,
  SECOND_NODE,
  serving,
  start,
  stopAll,
  within,
} from './drain-rig.ts';
import { read } from './fixtures.ts';

afterEach(stopAll);

describe('a drain', () => {
  it('closes the node, and marks as many instances as the group can spare', async () => {
    const cluster = await onFirstNode(jobOf(6));
    await cluster.server.drainNode(FIRST.ID, drain({ meta: { message: 'disk' } }));
    await settle();
    expect(nodeOf(cluster)).toMatchObject({
      Drain: true,
      SchedulingEligibility: 'ineligible',
      DrainStrategy: {
        Deadline: HOUR,
        IgnoreSystemJobs: false,
        StartedAt: timestampOf(cluster.clock.nowMs()),
        ForceDeadline: timestampOf(cluster.clock.nowMs() + 3_600_000),
      },
      LastDrain: { Status: 'draining', Meta: { message: 'disk' } },
    });
    expect(nodeOf(cluster).Events?.at(-1)).toMatchObject({ Subsystem: 'Drain', Message: 'Node drain strategy set' });
    expect(marked(cluster)).toHaveLength(2);
    const [first] = marked(cluster);
    expect(first).toMatchObject({ DesiredStatus: 'stop', DesiredDescription: 'alloc is being migrated' });
    const evaluations = read(cluster, (tx) => tx.evaluationsByJob('default', 'web'));
    expect(evaluations.filter(({ TriggeredBy }) => TriggeredBy === 'node-drain')).toHaveLength(1);
  });

  it('waits for the successors before it goes on, and ends when all are gone', async () => {
    const cluster = await onFirstNode(jobOf(6));
    await cluster.server.drainNode(FIRST.ID, drain());
    await pass(cluster, 9_000, () => expect(marked(cluster)).toHaveLength(2));
    await pass(cluster, 60_000, () => expect(serving(cluster).length).toBeGreaterThanOrEqual(4));
    expect(on(cluster, SECOND_NODE)).toHaveLength(6);
    expect(on(cluster, FIRST)).toHaveLength(0);
    expect(nodeOf(cluster)).toMatchObject({
      Drain: false,
      DrainStrategy: null,
      SchedulingEligibility: 'ineligible',
      LastDrain: { Status: 'complete' },
    });
    expect(nodeOf(cluster).Events?.at(-1)).toMatchObject({ Subsystem: 'Drain', Message: 'Node drain complete' });
  });

  it('is not over before the tasks have ended, whatever the server has decided', async () => {
    const cluster = await onFirstNode(jobOf(1, { Migrate: migrate({ MinHealthyTime: 0 }) }));
    await cluster.server.drainNode(FIRST.ID, drain());
    await settle();
    expect(on(cluster, FIRST)).toMatchObject([{ DesiredStatus: 'stop', ClientStatus: 'running' }]);
    await cluster.clock.advance(60_000);
    expect(nodeOf(cluster)).toMatchObject({ Drain: true, LastDrain: { Status: 'draining' } });
    await obey(cluster);
    expect(nodeOf(cluster)).toMatchObject({ Drain: false, LastDrain: { Status: 'complete' } });
  });

  it('of a node without instances is over at once', async () => {
    const cluster = await onFirstNode(jobOf(1));
    await cluster.server.drainNode(SECOND_NODE.ID, drain());
    await settle();
    expect(nodeOf(cluster, SECOND_NODE.ID)).toMatchObject({ Drain: false, LastDrain: { Status: 'complete' } });
  });

  it('of two nodes at once takes from one budget', async () => {
    const cluster = await start();
    await cluster.server.registerNode(FIRST);
    await cluster.server.registerNode(SECOND_NODE);
    await cluster.server.registerJob({ Job: jobOf(6, { Spreads: null }) });
    await settle();
    await obey(cluster);
    await cluster.server.registerNode(newNode(2));
    await cluster.server.drainNode(FIRST.ID, drain());
    await cluster.server.drainNode(SECOND_NODE.ID, drain());
    await settle();
    expect(marked(cluster)).toHaveLength(2);
  });
});

describe('an update under way', () => {
  it('shares the budget: never fewer than count - max_parallel serve, and both come to their end', async () => {
    const update = newUpdate({ MaxParallel: 2, MinHealthyTime: 5 * SECOND });
    const cluster = await onFirstNode(jobOf(6, { Update: update }));
    await cluster.server.registerJob({ Job: jobOf(6, { Update: update }, '2') });
    await settle();
    const taken = serving(cluster).length;
    expect(taken, 'the update has taken its two').toBe(4);
    await cluster.server.drainNode(FIRST.ID, drain());
    await settle();
    // New ones that have only been placed on the draining node take nothing with them.
    const lost = marked(cluster).filter((alloc) => alloc.ClientStatus === 'running');
    expect(lost, 'nothing that serves is marked while the update has the whole budget').toEqual([]);
    const check = () => {
      expect(healthy(cluster).length).toBeGreaterThanOrEqual(4);
      const isOver = read(cluster, (tx) => tx.deploymentsByJob('default', 'web'))[0]?.Status === 'successful';
      const old = allocsOf(cluster).filter((alloc) => alloc.DesiredStatus === 'run' && alloc.JobVersion === 0);
      if (isOver) expect(old, 'a deployment that has succeeded has nothing left to do').toEqual([]);
    };
    await pass(cluster, 120_000, check, provenAfter(5_000));
    expect(on(cluster, SECOND_NODE)).toHaveLength(6);
    expect(on(cluster, SECOND_NODE).every((alloc) => alloc.JobVersion === 1)).toBe(true);
    expect(nodeOf(cluster)).toMatchObject({ Drain: false, LastDrain: { Status: 'complete' } });
    expect(read(cluster, (tx) => tx.deploymentsByJob('default', 'web'))[0]).toMatchObject({ Status: 'successful' });
  });
});

describe('a single instance behind an ingress', () => {
  it('leaves once its successor serves', async () => {
    const cluster = await onFirstNode(jobOf(1, BEHIND_INGRESS));
    await cluster.server.drainNode(FIRST.ID, drain());
    await settle();
    expect(marked(cluster)).toMatchObject([{ DesiredStatus: 'run' }]);
    expect(on(cluster, SECOND_NODE)).toHaveLength(1);
    await pass(cluster, 60_000, () => expect(serving(cluster).length).toBeGreaterThanOrEqual(1));
    expect(nodeOf(cluster).LastDrain?.Status).toBe('complete');
  });

  it('that finds no room is stopped shortly after the deadline', async () => {
    const cluster = await start();
    await cluster.server.registerNode(FIRST);
    await cluster.server.registerJob({ Job: jobOf(1, BEHIND_INGRESS) });
    await settle();
    await obey(cluster);
    await cluster.server.drainNode(FIRST.ID, drain({ spec: within(MINUTE) }));
    await cluster.clock.advance(59_000);
    await obey(cluster);
    expect(on(cluster, FIRST)).toMatchObject([{ DesiredStatus: 'run' }]);
    expect(cluster.server.drainWaits(FIRST.ID)).toMatchObject([{ Reason: 'capacity', TaskGroup: 'app', Instances: 1 }]);
    await cluster.clock.advance(6_100);
    expect(on(cluster, FIRST)).toMatchObject([
      { DesiredStatus: 'stop', DesiredDescription: 'alloc is being migrated' },
    ]);
    await obey(cluster);
    expect(nodeOf(cluster).LastDrain?.Status).toBe('complete');
  });
});

describe('the deadline', () => {
  it('takes everything that is left', async () => {
    const cluster = await onFirstNode(
      jobOf(6, { Migrate: migrate({ MaxParallel: 1, MinHealthyTime: HOUR, HealthyDeadline: 2 * HOUR }) }),
    );
    await cluster.server.drainNode(FIRST.ID, drain({ spec: within(MINUTE) }));
    await pass(cluster, 59_000);
    expect(on(cluster, FIRST)).toHaveLength(5);
    await pass(cluster, 2_000);
    expect(on(cluster, FIRST)).toHaveLength(0);
    expect(nodeOf(cluster).LastDrain?.Status).toBe('complete');
  });

  it('that is negative takes everything at once', async () => {
    const cluster = await onFirstNode(jobOf(6));
    await cluster.server.drainNode(FIRST.ID, drain({ spec: within(-1) }));
    await settle();
    expect(marked(cluster)).toHaveLength(6);
  });

  it('of none waits as long as it takes', async () => {
    const cluster = await onFirstNode(
      jobOf(6, { Migrate: migrate({ MaxParallel: 1, MinHealthyTime: 24 * HOUR, HealthyDeadline: 48 * HOUR }) }),
    );
    await cluster.server.drainNode(FIRST.ID, drain({ spec: within(0) }));
    await pass(cluster, 5_000);
    await cluster.clock.advance(7 * 3_600_000);
    expect(on(cluster, FIRST)).toHaveLength(5);
  });
});

describe('an instance that does not become healthy', () => {
  it('holds the drain back for healthy_deadline, and no longer', async () => {
    const cluster = await onFirstNode(jobOf(3, { Migrate: migrate({ MaxParallel: 1, HealthyDeadline: 60 * SECOND }) }));
    await cluster.server.drainNode(FIRST.ID, drain());
    await settle();
    const start = async (): Promise<void> => {
      await obey(cluster);
      const [successor] = on(cluster, SECOND_NODE);
      const row = read(cluster, (tx) => tx.alloc(successor!.ID))!;
      await cluster.server.updateAllocs(SECOND_NODE.ID, [
        {
          ...reportOf(row, cluster.clock.nowMs(), undefined),
          Services: [{ Service: 'web', PortLabel: 'http', Address: '', Port: 1, Status: 'critical', Checks: [] }],
        },
      ]);
      await settle();
    };
    await start();
    await cluster.clock.advance(55_000);
    expect(marked(cluster)).toHaveLength(1);
    expect(cluster.server.drainWaits(FIRST.ID)).toMatchObject([{ Reason: 'health', Instances: 2 }]);
    await cluster.clock.advance(10_000);
    expect(marked(cluster)).toHaveLength(2);
  });
});

describe('a drain that is ended', () => {
  it('takes back what was not acted on, and opens the node where that is asked for', async () => {
    const cluster = await start();
    await cluster.server.registerNode(FIRST);
    await cluster.server.registerJob({ Job: jobOf(1, BEHIND_INGRESS) });
    await settle();
    await obey(cluster);
    await cluster.server.drainNode(FIRST.ID, drain());
    await settle();
    expect(marked(cluster)).toHaveLength(1);
    await expect(cluster.server.setEligibility(FIRST.ID, 'eligible')).rejects.toMatchObject({ code: 'refused' });
    await cluster.server.drainNode(FIRST.ID, drain({ spec: null, markEligible: true, meta: { cancel_message: 'no' } }));
    await settle();
    expect(marked(cluster)).toEqual([]);
    expect(nodeOf(cluster)).toMatchObject({
      Drain: false,
      DrainStrategy: null,
      SchedulingEligibility: 'eligible',
      LastDrain: { Status: 'canceled', Meta: { cancel_message: 'no' } },
    });
    await pass(cluster, 60_000);
    expect(on(cluster, FIRST)).toMatchObject([{ DesiredStatus: 'run' }]);
  });

  it('stays closed where that is not asked for', async () => {
    const cluster = await onFirstNode(jobOf(2));
    await cluster.server.drainNode(FIRST.ID, drain());
    await cluster.server.drainNode(FIRST.ID, drain({ spec: null }));
    expect(nodeOf(cluster)).toMatchObject({ Drain: false, SchedulingEligibility: 'ineligible' });
  });
});

describe('what a drain survives', () => {
  it('a restart of the server', async () => {
    const cluster = await onFirstNode(jobOf(6));
    await cluster.server.drainNode(FIRST.ID, drain());
    await pass(cluster, 3_000);
    await cluster.stop();
    const again = await start(cluster.records);
    await again.clock.advance(10_000);
    await pass(again, 90_000);
    expect(on(again, SECOND_NODE)).toHaveLength(6);
    expect(nodeOf(again).LastDrain?.Status).toBe('complete');
  });

  it('a node that registers again', async () => {
    const cluster = await onFirstNode(jobOf(6));
    await cluster.server.drainNode(FIRST.ID, drain({ meta: { message: 'disk' } }));
    await cluster.server.registerNode(FIRST);
    expect(nodeOf(cluster)).toMatchObject({
      Drain: true,
      SchedulingEligibility: 'ineligible',
      DrainStrategy: { Deadline: HOUR },
      LastDrain: { Status: 'draining', Meta: { message: 'disk' } },
    });
  });

  it('a job that is scaled and stopped meanwhile', async () => {
    const cluster = await onFirstNode(jobOf(6));
    await cluster.server.drainNode(FIRST.ID, drain());
    await pass(cluster, 2_000);
    await cluster.server.scaleJob({ namespace: 'default', jobId: 'web', group: 'app', count: 4 });
    await pass(cluster, 5_000);
    await cluster.server.deregisterJob('default', 'web', { purge: false });
    await pass(cluster, 5_000);
    expect(nodeOf(cluster)).toMatchObject({ Drain: false, LastDrain: { Status: 'complete' } });
  });
});

describe("an update that can only take its predecessor's room", () => {
  it('waits for a node that is open, and troubles nobody meanwhile', async () => {
    const fixed = { Services: [newIngressService('web')], Networks: staticPort(8080) };
    const cluster = await start();
    await cluster.server.registerNode(FIRST);
    await cluster.server.registerJob({ Job: jobOf(1, fixed) });
    await settle();
    await obey(cluster);
    await cluster.server.drainNode(FIRST.ID, drain({ spec: within(0) }));
    await cluster.server.registerJob({ Job: jobOf(1, fixed, '2') });
    await pass(cluster, 20_000);
    expect(serving(cluster)).toMatchObject([{ NodeID: FIRST.ID, DesiredStatus: 'run' }]);
    const evaluations = read(cluster, (tx) => tx.evaluationsByJob('default', 'web'));
    expect(evaluations.length).toBeLessThan(30);
    await cluster.server.registerNode(SECOND_NODE);
    await pass(cluster, 60_000);
    expect(on(cluster, SECOND_NODE)).toMatchObject([{ JobVersion: 1, ClientStatus: 'running' }]);
    expect(nodeOf(cluster).LastDrain?.Status).toBe('complete');
  });
});

describe('canaries that wait to be promoted', () => {
  it.each([
    ['one of three', 1],
    ['a second set of three', 3],
  ])('%s move as well, and the drain takes no more of the old set than it may', async (_, Canary) => {
    const update = newUpdate({ MaxParallel: 1, MinHealthyTime: 2 * SECOND, Canary });
    const group = { Update: update, Migrate: migrate({ MaxParallel: 1, MinHealthyTime: 2 * SECOND }) };
    const cluster = await onFirstNode(jobOf(3, group));
    await cluster.server.setEligibility(SECOND_NODE.ID, 'ineligible');
    await cluster.server.registerJob({ Job: jobOf(3, group, '2') });
    await pass(cluster, 10_000, undefined, provenAfter(2_000));
    expect(on(cluster, FIRST)).toHaveLength(3 + Canary);
    await cluster.server.setEligibility(SECOND_NODE.ID, 'eligible');
    await cluster.server.drainNode(FIRST.ID, drain());
    const old = () => healthy(cluster, 1_000).filter((alloc) => alloc.JobVersion === 0).length;
    await pass(cluster, 90_000, () => expect(old()).toBeGreaterThanOrEqual(2), provenAfter(2_000));
    const versions = on(cluster, SECOND_NODE).map((alloc) => alloc.JobVersion);
    expect(versions.sort()).toEqual([...Array(3).fill(0), ...Array(Canary).fill(1)]);
    expect(nodeOf(cluster).LastDrain?.Status).toBe('complete');
    const [deployment] = read(cluster, (tx) => tx.deploymentsByJob('default', 'web'));
    expect(deployment).toMatchObject({ Status: 'running', JobVersion: 1 });
    await cluster.server.promoteDeployment(deployment!.ID);
    await pass(cluster, 60_000, undefined, provenAfter(2_000));
    expect(on(cluster, SECOND_NODE).map((alloc) => alloc.JobVersion)).toEqual([1, 1, 1]);
    expect(read(cluster, (tx) => tx.deploymentsByJob('default', 'web'))[0]).toMatchObject({ Status: 'successful' });
  });
});

describe('batch work', () => {
  it('is left to finish until the deadline', async () => {
    const batch = { ...jobOf(2, { Update: null, Migrate: null }), Type: 'batch' as const, Update: null };
    const cluster = await onFirstNode(batch as unknown as Job);
    await cluster.server.drainNode(FIRST.ID, drain({ spec: within(MINUTE) }));
    await pass(cluster, 55_000);
    expect(marked(cluster)).toEqual([]);
    expect(cluster.server.drainWaits(FIRST.ID)).toMatchObject([{ Reason: 'batch', Instances: 2 }]);
    await pass(cluster, 10_000);
    expect(on(cluster, FIRST)).toEqual([]);
    expect(nodeOf(cluster).LastDrain?.Status).toBe('complete');
  });
});
