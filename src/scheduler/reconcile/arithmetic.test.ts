/** The worked examples of the doc comments, as tables. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../../model/allocation.ts';
import { nanosOf, SECOND } from '../../model/nanos.ts';
import { health, NOW_MS, newAlloc, newGroup, newIngressService, newJob, newService } from '../fixtures.ts';
import { type AllocFacts, CLASS_RULES, classify } from './classify.ts';
import { buildFamilies } from './families.ts';
import { freeNames } from './names.ts';
import { releaseCount } from './release.ts';
import { hasAttempt, nextDelay, retryOf, trackedAfter } from './reschedule.ts';
import { isFit, isProven, isServing, ServingBudget, scaleFloor, updateRoom } from './serving.ts';
import { buildSlots, chooseSurplus, type Entry } from './slots.ts';

const job = newJob();
const ago = (seconds: number) => nanosOf(NOW_MS - seconds * 1000);
const service = (Status: 'passing' | 'critical') => [
  { Service: 'api', PortLabel: 'http', Address: '', Port: 1, Status, Checks: [] },
];

describe('serving', () => {
  it.each<[string, Partial<Allocation>, boolean]>([
    ['running, Healthy true', { DeploymentStatus: health(true), CreateTime: ago(1) }, true],
    ['running, Healthy false', { DeploymentStatus: health(false) }, false],
    ['running, unjudged, critical', { Services: service('critical') }, false],
    ['running, unjudged, passing, old enough', { Services: service('passing') }, true],
    ['running, unjudged, passing, just started', { Services: service('passing'), CreateTime: ago(1) }, true],
    ['running, unjudged, 30 s old', { CreateTime: ago(30) }, true],
    ['running, unjudged, 5 s old', { CreateTime: ago(5) }, false],
    ['pending', { ClientStatus: 'pending' }, false],
    ['told to stop', { DesiredStatus: 'stop' }, false],
  ])('%s', (_, fields, expected) => {
    expect(isFit(newAlloc(job, 0, fields), 10 * SECOND, NOW_MS)).toBe(expected);
  });

  it.each<[string, Partial<Allocation>, boolean]>([
    ['judged healthy, without a service', { DeploymentStatus: health(true) }, true],
    ['judged healthy, passing', { DeploymentStatus: health(true), Services: service('passing') }, true],
    [
      'judged healthy, but a check fails just now',
      { DeploymentStatus: health(true), Services: service('critical') },
      false,
    ],
  ])('%s: takes requests now %j', (_, fields, expected) => {
    const alloc = newAlloc(job, 0, fields);
    expect(isServing(alloc, isFit(alloc, 10 * SECOND, NOW_MS))).toBe(expected);
  });

  it.each<[string, Partial<Allocation>, boolean]>([
    ['judged healthy', { DeploymentID: 'd', DeploymentStatus: health(true) }, true],
    ['not judged yet, however old', { DeploymentID: 'd', CreateTime: ago(900) }, false],
    ['of a deployment that is over, serving', { DeploymentID: 'before', CreateTime: ago(900) }, true],
    ['outside a deployment, serving', { CreateTime: ago(30) }, true],
    ['outside a deployment, just started', { CreateTime: ago(3) }, false],
    ['outside a deployment, passing, just started', { Services: service('passing'), CreateTime: ago(3) }, false],
    ['judged healthy, but ended', { DeploymentStatus: health(true), ClientStatus: 'failed' }, false],
  ])('fit to take over: %s', (_, fields, expected) => {
    const proof = { minHealthyTime: 10 * SECOND, nowMs: NOW_MS, deploymentId: 'd' };
    expect(isProven(newAlloc(job, 0, fields), proof)).toBe(expected);
  });

  it.each([
    [2, 0, 0, 2],
    [2, 1, 0, 1],
    [2, 0, 2, 0],
    [1, 3, 0, 0],
    [0, 9, 9, Number.POSITIVE_INFINITY],
  ])('max_parallel %d, %d unproven, %d placed: room for %d', (maxParallel, unproven, placed, room) => {
    expect(updateRoom(maxParallel, unproven, placed)).toBe(room);
  });

  it.each([
    [[10, 0], [0, 10], 10],
    [[10, 0], [9, 1], 10],
    [[10, 0], [0, 5], 5],
    [[5, 0], [0, 10], 5],
    [[4, 0], [0, 0], 0],
    [[4, 4], [2, 2], 0],
  ])('from %j to %j at least %d serve', (before, after, floor) => {
    expect(scaleFloor(before, after)).toBe(floor);
  });

  it('is taken away down to the floor', () => {
    const budget = new ServingBudget(2);
    expect([budget.take(1), budget.take(1), budget.take(0), budget.take(0)]).toEqual([true, false, true, false]);
  });

  it('is taken for a whole place or not at all: what stays because of one of two is not counted as gone', () => {
    const budget = new ServingBudget(3);
    expect([budget.take(2, 2), budget.take(2), budget.take(0, 2)]).toEqual([false, true, true]);
  });
});

describe('rescheduling', () => {
  const policy = {
    Attempts: 2,
    Interval: 60 * SECOND,
    Delay: 30 * SECOND,
    DelayFunction: 'constant',
    MaxDelay: 0,
    Unlimited: false,
  };
  const event = (at: number, Delay = 30) => ({
    RescheduleTime: at * SECOND,
    PrevAllocID: '',
    PrevNodeID: 'n',
    Delay: Delay * SECOND,
  });

  it.each<[string, Partial<typeof policy>, number[], boolean]>([
    ['tried once before the interval', {}, [30], true],
    ['tried twice within it', {}, [50, 80], false],
    ['no attempts', { Attempts: 0 }, [], false],
    ['no limit', { Attempts: 0, Unlimited: true }, [50, 80, 90], true],
  ])('%s', (_, fields, past, expected) => {
    expect(
      hasAttempt(
        { ...policy, ...fields },
        past.map((at) => event(at)),
        100 * SECOND,
      ),
    ).toBe(expected);
  });

  it.each<[string, number, number[], number]>([
    ['constant', 0, [], 30],
    ['constant', 0, [30, 30], 30],
    ['exponential', 3600, [], 30],
    ['exponential', 3600, [30, 60], 120],
    ['exponential', 100, [30, 60], 100],
    ['fibonacci', 3600, [30], 30],
    ['fibonacci', 3600, [30, 30], 60],
    ['fibonacci', 3600, [30, 60], 90],
    ['fibonacci', 100, [60, 90], 100],
    ['fibonacci', 3600, [30, 30, 60, 30], 30],
    ['fibonacci', 3600, [60, 30, 30], 60],
    ['exponential', 3600, [60, 120, 30], 60],
    ['constant', 3600, [30, 90], 30],
  ])('%s, at most %d s, after %j waits %d s', (DelayFunction, max, past, expected) => {
    const tracked = past.map((delay) => event(0, delay));
    expect(nextDelay({ ...policy, DelayFunction, MaxDelay: max * SECOND }, tracked, 0) / SECOND).toBe(expected);
  });

  it('starts with the first delay again where the instance lived longer than the longest', () => {
    const slow = { ...policy, DelayFunction: 'exponential', DelayFactor: 1.15, MaxDelay: 100 * SECOND };
    expect(nextDelay(slow, [event(0, 60)], 0)).toBe(69 * SECOND);
    const long = { ...policy, DelayFunction: 'exponential', MaxDelay: 100 * SECOND };
    expect(nextDelay(long, [event(0, 60)], 101 * SECOND)).toBe(30 * SECOND);
  });

  const failed = (fields: Partial<Allocation> = {}) =>
    newAlloc(job, 0, { ClientStatus: 'failed', ModifyTime: ago(10), CreateTime: ago(20), ...fields });
  const ask = (alloc: Allocation, inDeployment = false) =>
    retryOf({ alloc, policy, inDeployment, evaluationId: 'e1', nowMs: NOW_MS });

  it('waits for the delay after the failure, and no longer than the timer that was set for it', () => {
    expect(ask(failed())).toEqual({ kind: 'later', atMs: NOW_MS + 20_000 });
    expect(ask(failed({ ModifyTime: ago(31) }))).toEqual({ kind: 'now' });
    expect(ask(failed({ FollowupEvalID: 'e1' }))).toEqual({ kind: 'now' });
  });

  it("is the deployment watcher's to allow while a deployment runs, and a person's to force", () => {
    const wanted = (Reschedule: boolean, ForceReschedule: boolean) => ({ Migrate: null, Reschedule, ForceReschedule });
    expect(ask(failed(), true)).toEqual({ kind: 'never', reason: 'the deployment decides' });
    expect(ask(failed({ DesiredTransition: wanted(true, false) }), true).kind).toBe('later');
    expect(ask(failed({ DesiredTransition: wanted(false, true) }), true)).toEqual({ kind: 'now' });
  });

  it('keeps as many attempts as the policy has to count', () => {
    const many = { ...policy, Attempts: 15, Interval: 1_000 * SECOND };
    let alloc = failed();
    for (let at = 0; at < 20; at++) alloc = failed({ RescheduleTracker: trackedAfter(alloc, many, NOW_MS) });
    expect(alloc.RescheduleTracker?.Events).toHaveLength(15);
    expect(retryOf({ alloc, policy: many, inDeployment: false, evaluationId: 'e1', nowMs: NOW_MS }).kind).toBe('never');
  });

  it('keeps the latest attempts in the tracker', () => {
    const before = Array.from({ length: 10 }, (_, at) => event(at));
    const { Events } = trackedAfter(failed({ RescheduleTracker: { Events: before } }), policy, NOW_MS);
    expect(Events).toHaveLength(10);
    expect(Events.at(-1)).toMatchObject({
      PrevAllocID: failed().ID,
      RescheduleTime: nanosOf(NOW_MS),
      Delay: 30 * SECOND,
    });
  });
});

describe('classes', () => {
  const facts = (fields: Partial<Allocation>, more: Partial<AllocFacts> = {}): AllocFacts => ({
    alloc: newAlloc(job, 0, fields),
    nodeLost: false,
    isBatch: false,
    wait: () => 'over',
    retry: () => ({ kind: 'never', reason: 'attempts used up' }),
    ...more,
  });
  const later = () => ({ kind: 'later', atMs: 1 }) as const;
  const now = () => ({ kind: 'now' }) as const;
  const transition = { Migrate: true, Reschedule: null, ForceReschedule: null };

  it.each<[string, AllocFacts, string]>([
    ['stopped and ended', facts({ DesiredStatus: 'stop', ClientStatus: 'complete' }), 'ended'],
    ['told to stop on a lost node', facts({ DesiredStatus: 'stop' }, { nodeLost: true }), 'gone-leaving'],
    ['told to stop', facts({ DesiredStatus: 'stop' }), 'leaving'],
    ['batch work done', facts({ ClientStatus: 'complete' }, { isBatch: true, retry: now }), 'complete'],
    ['lost and wanted', facts({ ClientStatus: 'lost' }), 'retry'],
    ['failed, to be tried now', facts({ ClientStatus: 'failed' }, { retry: now }), 'retry'],
    ['failed, to be tried later', facts({ ClientStatus: 'failed' }, { retry: later }), 'delayed'],
    ['failed for good', facts({ ClientStatus: 'failed' }, { nodeLost: true }), 'failed'],
    ['a service that ended by itself', facts({ ClientStatus: 'complete' }, { retry: later }), 'delayed'],
    ['on a lost node', facts({}, { nodeLost: true }), 'lost'],
    ['on a lost node, waited for', facts({}, { nodeLost: true, wait: () => 'waits' }), 'unknown'],
    ['on a lost node, waited for long enough', facts({}, { nodeLost: true, wait: () => 'replaceable' }), 'inactive'],
    ['waited for, and its node is there', facts({}, { wait: () => 'waits' }), 'live'],
    ['told to leave', facts({ DesiredTransition: transition }), 'migrating'],
    ['wanted and there', facts({ ClientStatus: 'pending' }), 'live'],
  ])('%s', (_, given, expected) => {
    expect(classify(given)).toBe(expected);
  });

  it('has a reason for each rule', () => {
    expect(CLASS_RULES.every((rule) => rule.reason.length > 10)).toBe(true);
  });
});

describe('places', () => {
  const entry = (
    version: number,
    index: number,
    serving: boolean,
    fields: Partial<Entry> & { alloc?: never } = {},
    alloc: Partial<Allocation> = {},
  ): Entry => ({
    alloc: newAlloc({ ...job, Version: version }, index, {
      ID: `v${version}-${index}${serving ? '' : '-idle'}`,
      ...alloc,
    }),
    class: 'live',
    fit: serving,
    serving,
    ...fields,
  });
  const rules = (version: number) => ({
    isCurrent: ({ alloc }: Entry) => alloc.JobVersion === version,
    stays: ({ alloc }: Entry) => alloc.ID === 'stays',
    prefers: () => 0,
  });
  const heads = (entries: Entry[], version: number) =>
    buildSlots(entries, rules(version)).map((slot) => slot.head.alloc.ID);

  it.each<[string, Entry[], number, string]>([
    ['the version that takes over, even while it only starts', [entry(0, 0, true), entry(1, 0, false)], 1, 'v1-0-idle'],
    ['whoever serves, where both are of older versions', [entry(0, 0, true), entry(1, 0, false)], 2, 'v0-0'],
    ['the newer of two that serve', [entry(0, 0, true), entry(1, 0, true)], 2, 'v1-0'],
    [
      'whoever runs what is wanted anyway, where both serve',
      [entry(0, 0, true, {}, { ID: 'stays' }), entry(1, 0, true)],
      2,
      'stays',
    ],
    [
      'the successor of one that migrates',
      [entry(0, 0, true, { class: 'migrating' }), entry(0, 0, false, {}, { ID: 'successor' })],
      0,
      'successor',
    ],
    [
      'whoever is there, before one that is lost',
      [entry(1, 0, false, { class: 'lost' }), entry(0, 0, true)],
      1,
      'v0-0',
    ],
    [
      'whoever stands in, before one that may come back',
      [entry(1, 0, false, { class: 'inactive' }), entry(1, 0, false, { class: 'delayed' }, { ID: 'stands in' })],
      1,
      'stands in',
    ],
  ])('the head is %s', (_, entries, version, expected) => {
    expect(heads(entries, version)).toEqual([expected]);
  });

  it('go in this order: idle ones, older versions, the highest index; those that must leave before all', () => {
    const slots = buildSlots(
      [entry(1, 0, true), entry(1, 1, false), entry(0, 2, true), entry(1, 3, true), entry(1, 4, true)],
      rules(1),
    );
    const { kept, surplus } = chooseSurplus(slots, 1);
    expect(surplus.map((slot) => slot.index)).toEqual([1, 2, 4, 3]);
    expect(kept.map((slot) => slot.index)).toEqual([0]);
  });

  it.each([
    ['index', [2, 1]],
    ['youngest', [0, 2]],
    ['oldest', [1, 2]],
  ] as const)('of equals go by %s', (order, expected) => {
    const aged = (index: number, seconds: number): Entry => {
      const made = entry(1, index, true);
      return { ...made, alloc: { ...made.alloc, CreateTime: ago(seconds) } };
    };
    const slots = buildSlots([aged(0, 10), aged(1, 30), aged(2, 20)], rules(1));
    expect(chooseSurplus(slots, 1, order).surplus.map((slot) => slot.index)).toEqual(expected);
  });

  it('get the lowest names that are free', () => {
    expect(freeNames('web', 'app', new Set(['web.app[0]', 'web.app[2]']), 3)).toEqual([
      'web.app[1]',
      'web.app[3]',
      'web.app[4]',
    ]);
  });
});

describe('families', () => {
  const member = (name: string, services: string[], ingress = false, serving = 2) => ({
    name,
    group: newGroup({
      Name: name,
      Count: 2,
      Services: services.map((one) => (ingress ? newIngressService(one) : newService(one))),
    }),
    wanted: 2,
    serving,
    mayBeEmpty: false,
  });

  it('are groups with a service name in common, directly or through others', () => {
    const families = buildFamilies([
      member('a', ['x']),
      member('b', ['y']),
      member('c', ['x', 'y']),
      member('d', ['z']),
      member('e', []),
    ]);
    expect(['a', 'b', 'c', 'd', 'e'].map((name) => families.get(name)?.groups)).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      ['d'],
      ['e'],
    ]);
    expect(families.get('a')).toBe(families.get('c'));
  });

  it('keep one serving only where an ingress sends requests', () => {
    expect(buildFamilies([member('a', ['x'])]).get('a')?.updateFloor).toBe(0);
    expect(buildFamilies([member('a', ['x'], true)]).get('a')?.updateFloor).toBe(1);
    const emptied = { ...member('a', ['x'], true), mayBeEmpty: true };
    expect(buildFamilies([emptied]).get('a')?.updateFloor, 'unless somebody has said otherwise').toBe(0);
  });
});

describe('letting go for room', () => {
  it.each([
    [5, 0, 0, 10, 2, 2],
    [5, 0, 0, 1, 2, 1],
    [5, 0, 0, 10, 0, 10],
    [5, 3, 0, 10, 2, 0],
    [5, 0, 1, 10, 2, 0],
    [0, 0, 0, 10, 2, 0],
  ])(
    '%d without room, %d placed, %d unproven, %d waiting, max_parallel %d: %d',
    (failed, placed, unproven, waiting, maxParallel, expected) => {
      expect(releaseCount({ failed, placed, unproven, waiting, maxParallel })).toBe(expected);
    },
  );
});
