/** The course of an update in sentences. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { TaskGroup } from '../model/job.ts';
import { MINUTE, SECOND } from '../model/nanos.ts';
import type { DesiredUpdates } from '../model/plan.ts';
import { newAlloc, newGroup, newIngressService, newJob, newUpdate } from '../scheduler/fixtures.ts';
import type { HeldBack, Plan } from '../scheduler/types.ts';
import { courseOf } from './course.ts';
import { newPlan } from './fixtures.ts';

interface Update {
  readonly group?: Partial<TaskGroup>;
  /** How many are replaced now, and how many later. */
  readonly now?: number;
  readonly later?: number;
  readonly reason?: HeldBack['reason'];
  readonly running?: number;
  readonly plan?: Partial<Plan>;
}

function course({ group, now = 0, later = 0, reason = 'max_parallel', running = 6, plan }: Update): string[] {
  const job = newJob({ TaskGroups: [newGroup({ Count: 6, ...group })] });
  const DestructiveUpdate = now;
  const desired = { app: { DestructiveUpdate } as DesiredUpdates };
  const heldBack: Plan['heldBack'] = later > 0 ? { app: { reason, count: later } } : {};
  const allocs = Array.from({ length: running }, (_, index): Allocation => newAlloc(job, index));
  return courseOf(job, newPlan({ desired, heldBack, ...plan }), allocs);
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
    ['says nothing where nothing is replaced', { now: 0, later: 3 }, []],
    ['says nothing where nothing limits it', { group: batchesOf(0), now: 6 }, []],
    ['says nothing where there is no update block', { group: { Update: null }, now: 6 }, []],
  ])('%s', (_, update, sentences) => {
    expect(course(update)).toEqual(sentences);
  });
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

  it('is not spoken of where nothing is replaced, or no traffic comes in', () => {
    expect(said({ group: web, now: 0 })).toEqual([]);
    expect(said({ now: 2 })).toEqual([]);
  });
});
