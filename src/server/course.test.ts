/** The course of an update in sentences. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import { MINUTE, SECOND } from '../model/nanos.ts';
import type { DesiredUpdates } from '../model/plan.ts';
import type { UpdateStrategy } from '../model/policies.ts';
import { health, newAlloc, newGroup, newIngressService, newJob, newUpdate } from '../scheduler/fixtures.ts';
import type { HeldBack, Plan } from '../scheduler/types.ts';
import { courseOf } from './course.ts';
import { newPlan } from './fixtures.ts';

interface Update {
  readonly group?: Partial<TaskGroup>;
  /** How many are replaced now, and how many later. */
  readonly now?: number;
  readonly later?: number;
  readonly canaries?: number;
  readonly job?: Partial<Job>;
  readonly reason?: HeldBack['reason'];
  readonly running?: number;
  readonly plan?: Partial<Plan>;
}

function course(update: Update): string[] {
  const { now = 0, later = 0, canaries = 0, reason = 'max_parallel', running = 6 } = update;
  const job = newJob({ Version: 1, TaskGroups: [newGroup({ Count: 6, ...update.group })], ...update.job });
  const DestructiveUpdate = now;
  const desired = { app: { DestructiveUpdate, Canary: canaries } as DesiredUpdates };
  const heldBack: Plan['heldBack'] = later > 0 ? { app: { reason, count: later } } : {};
  // What is neither replaced now nor later is at this version already.
  const allocs = Array.from(
    { length: running },
    (_, index): Allocation => newAlloc(job, index, { JobVersion: index < now + later ? 0 : 1 }),
  );
  return courseOf(job, newPlan({ desired, heldBack, ...update.plan }), allocs);
}

describe('a rolling update', () => {
  const batchesOf = (MaxParallel: number, fields = {}) => ({ Update: newUpdate({ MaxParallel, ...fields }) });

  it.each<[string, Update, string[]]>([
    [
      'says how many, in how many batches, how long at least, and when the next one is looked at',
      { group: batchesOf(2), now: 2, later: 4 },
      ['Rolling update: 6 instances in 3 batches of 2, at least 30s; next evaluation in 10s.'],
    ],
    [
      'counts the interval between batches, where that is longer than the time to be healthy',
      { group: batchesOf(2, { BatchInterval: 90 * SECOND, MinHealthyTime: 5 * SECOND }), now: 2, later: 4 },
      ['Rolling update: 6 instances in 3 batches of 2, at least 185s; next evaluation in 1m30s.'],
    ],
    [
      'counts a last batch that is not full',
      { group: batchesOf(4), now: 4, later: 2 },
      ['Rolling update: 6 instances in 2 batches of 4, at least 20s; next evaluation in 10s.'],
    ],
    [
      'of one batch has no next one',
      { group: batchesOf(10), now: 6 },
      ['Rolling update: 6 instances in 1 batch of 6, at least 10s.'],
    ],
    [
      'of one instance speaks of one',
      { group: batchesOf(1), now: 1 },
      ['Rolling update: 1 instance in 1 batch of 1, at least 10s.'],
    ],
    ['says nothing where nothing is replaced', { now: 0 }, []],
    [
      'that begins with more instances has its batches still to come',
      { group: batchesOf(2), now: 0, later: 6 },
      ['Rolling update: 6 instances in 3 batches of 2, at least 30s; next evaluation in 10s.'],
    ],
    [
      'counts what is left where the plan holds back for two reasons and names the first',
      {
        group: batchesOf(2, { MaxSurge: 1 }),
        now: 1,
        later: 5,
        plan: { heldBack: { app: { reason: 'start-first', count: 1 } } },
      },
      ['Rolling update: 6 instances in 3 batches of 2, up to 1 above count, at least 30s; next evaluation in 10s.'],
    ],
    [
      'says how far it goes above count',
      { group: batchesOf(2, { MaxSurge: '25%' }), now: 2, later: 4 },
      ['Rolling update: 6 instances in 3 batches of 2, up to 2 above count, at least 30s; next evaluation in 10s.'],
    ],
    [
      'that goes back says so',
      { group: batchesOf(2, { Canary: 1 }), job: { RevertOf: 3 }, now: 2, later: 4 },
      [
        'Revert to version 3, without canaries. Rolling update: 6 instances in 3 batches of 2, at least 30s; next evaluation in 10s.',
      ],
    ],
    [
      'that nothing limits is one of all',
      { group: batchesOf(0), now: 6 },
      ['Update: all 6 instances at once, without a deployment.'],
    ],
    ['of a single one, too', { group: batchesOf(0), now: 1 }, ['Update: 1 instance at once, without a deployment.']],
    ['says nothing where there is no update block', { group: { Update: null }, now: 6 }, []],
  ])('%s', (_, update, sentences) => {
    expect(course(update)).toEqual(sentences);
  });
});

describe('an update with canaries', () => {
  const group = (fields: Partial<UpdateStrategy>, Count = 5) => ({ Count, Update: newUpdate(fields) });

  it.each<[string, Update, string]>([
    [
      'says how many come first, and what follows their promotion',
      { group: group({ Canary: 1 }), canaries: 1, running: 5 },
      'Canary update: 1 canary of 5 first; after promotion 4 instances in 4 batches of 1, at least 40s.',
    ],
    [
      'says that nobody needs to promote them, and how far the rest goes above count',
      { group: group({ Canary: 2, AutoPromote: true, MaxParallel: 2, MaxSurge: 1 }), canaries: 2, running: 5 },
      'Canary update: 2 canaries of 5 first; after their automatic promotion 3 instances in 2 batches of 2, up to 1 above count, at least 20s.',
    ],
    [
      'of fewer instances than will be leaves nothing to roll',
      { group: group({ Canary: 2 }), canaries: 2, running: 2 },
      'Canary update: 2 canaries of 5 first; after promotion the old ones stop.',
    ],
    [
      'for all is a second set',
      { group: group({ Canary: 5 }), canaries: 5, running: 5 },
      'Blue/green: 5 new instances beside 5; promotion moves all traffic in one step, the old set drains and stops.',
    ],
    [
      'keeps the old set warm',
      { group: group({ Canary: 1, KeepWarm: 10 * MINUTE }, 1), canaries: 1, running: 1 },
      'Blue/green: 1 new instance beside 1; promotion moves all traffic in one step, the old set drains and stops after 10m0s kept warm.',
    ],
    [
      'moves by itself where nobody needs to promote',
      { group: group({ Canary: 7, AutoPromote: true }), canaries: 5, running: 4 },
      'Blue/green: 5 new instances beside 4; once all are healthy all traffic moves in one step, the old set drains and stops.',
    ],
  ])('%s', (_, update, sentence) => {
    expect(course(update)).toEqual([sentence]);
  });
});

it('counts neither canaries nor instances that are kept warm as what runs', () => {
  const job = newJob({ Version: 2, TaskGroups: [newGroup({ Count: 2, Update: newUpdate({ Canary: 2 }) })] });
  const old = (index: number, fields: Partial<Allocation> = {}) => newAlloc(job, index, { JobVersion: 1, ...fields });
  const allocs = [
    old(0),
    old(1),
    old(0, { JobVersion: 0, RestsUntilMs: 1 }),
    old(1, { DeploymentStatus: { ...health(true)!, Canary: true } }),
  ];
  const desired = { app: { Canary: 2 } as DesiredUpdates };
  expect(courseOf(job, newPlan({ desired }), allocs)[0]).toContain('2 new instances beside 2;');
});

describe('the traffic of an update', () => {
  const web = { Services: [newIngressService('web')] };
  const said = (update: Update) => course(update).filter((sentence) => sentence.startsWith('Traffic'));

  it('drains before anything stops', () => {
    expect(said({ group: web, now: 1, later: 5 })).toEqual([
      'Traffic: "web": instances drain before they stop; no request is dropped.',
    ]);
  });

  it.each<[string, Update]>([
    ['where the scheduler says so', { group: web, now: 1, later: 1, reason: 'start-first' }],
    ['where no more run than are replaced at once', { group: web, now: 1, running: 1 }],
  ])('starts the new one first %s', (_, update) => {
    expect(said(update)).toEqual([
      'Traffic: "web": the new instance starts first; the old one drains and stops once the new one serves.',
    ]);
  });

  it('is held while one hands over to the next, where there is no room for two', () => {
    const row = { ...newAlloc(newJob(), 0), AwaitsPrevious: true };
    expect(said({ group: web, now: 1, running: 1, plan: { placements: [row] } })).toEqual([
      'Traffic: "web": there is no room for two, so requests wait for up to 10s while one instance hands over to the next.',
    ]);
  });

  it('names each service once, and the longest that a request waits', () => {
    const slow = newIngressService('admin');
    const admin = { ...slow, Ingress: slow.Ingress!.map((ingress) => ({ ...ingress, Hold: MINUTE })) };
    const row = { ...newAlloc(newJob(), 0), AwaitsPrevious: true };
    const group = { Services: [newIngressService('web'), newIngressService('web'), admin] };
    const [sentence] = said({ group, now: 1, plan: { placements: [row] } });
    expect(sentence).toContain('"web", "admin": there is no room for two, so requests wait for up to 1m0s');
  });

  const previewed = {
    ...newIngressService('web'),
    Ingress: newIngressService('web').Ingress!.map((ingress) => ({
      ...ingress,
      PreviewListen: 9091,
      PreviewHost: 'preview.example.com',
    })),
  };
  it.each<[string, Partial<UpdateStrategy>, number, string]>([
    ['a share by count', { Canary: 1 }, 1, 'the canary gets 14.3% of the requests until promotion.'],
    ['what is written', { Canary: 2, CanaryWeight: 5 }, 2, 'the canaries get 5% of the requests until promotion.'],
    ['nothing, a whole second set', { Canary: 6 }, 6, 'the new set gets 0% of the requests until promotion.'],
    ['what is written, a second set', { Canary: 6, CanaryWeight: 1 }, 6, 'the new set gets 1% of the requests until'],
  ])('goes to canaries by their share: %s', (_, fields, canaries, words) => {
    expect(said({ group: { ...web, Update: newUpdate(fields) }, canaries })[0]).toContain(`Traffic: "web": ${words}`);
  });

  it('to canaries says where they can be looked at', () => {
    const group = { Services: [previewed], Update: newUpdate({ Canary: 6 }) };
    expect(said({ group, canaries: 6 })).toEqual([
      'Traffic: "web": the new set gets 0% of the requests until promotion; a preview answers at port 9091 and preview.example.com:8080.',
    ]);
  });

  it('finds new instances first where some may run above count', () => {
    expect(said({ group: { ...web, Update: newUpdate({ MaxSurge: 1 }) }, now: 1, later: 5 })).toEqual([
      'Traffic: "web": new instances start first; as many old ones drain and stop once the new ones serve.',
    ]);
  });

  it('is not spoken of where nothing is replaced, or no traffic comes in', () => {
    expect(said({ group: web, now: 0 })).toEqual([]);
    expect(said({ now: 2 })).toEqual([]);
  });
});
