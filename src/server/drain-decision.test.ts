/** Which instances of a draining node go now: the tables of the pure decision. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import { MINUTE, nanosOf, SECOND, ZERO_TIME } from '../model/nanos.ts';
import { forceFromMs } from '../model/node.ts';
import type { MigrateStrategy } from '../model/policies.ts';
import { health, NOW_MS, newAlloc, newJob, newNode } from '../scheduler/fixtures.ts';
import { type DrainPool, decidePool, FORCED_GRACE_MS, isDrained } from './drain-decision.ts';
import { remember, type SeenById, servesFromMs } from './drain-health.ts';

const job = newJob();
const HERE = newNode(0).ID;
const THERE = newNode(1).ID;
const MIGRATE: MigrateStrategy = {
  MaxParallel: 2,
  HealthCheck: 'checks',
  MinHealthyTime: 10 * SECOND,
  HealthyDeadline: 5 * MINUTE,
};
const MARK = { Migrate: true, Reschedule: null, ForceReschedule: null };

const pool = (allocs: readonly Allocation[], fields: Partial<DrainPool> = {}): DrainPool => ({
  namespace: 'default',
  jobId: 'web',
  group: 'app',
  isBatch: false,
  count: allocs.length,
  migrate: MIGRATE,
  allocs,
  ...fields,
});

/** "h": serves on the draining node, "H": serves elsewhere; others by `KINDS`. */
const KINDS: Readonly<Record<string, Partial<Allocation>>> = {
  h: { NodeID: HERE },
  H: { NodeID: THERE },
  o: { NodeID: HERE, JobVersion: -1 },
  u: { NodeID: HERE, DeploymentStatus: health(false) },
  U: { NodeID: THERE, DeploymentStatus: health(false) },
  p: { NodeID: HERE, ClientStatus: 'pending' },
  P: { NodeID: THERE, ClientStatus: 'pending' },
  y: { NodeID: HERE, CreateTime: nanosOf(NOW_MS - 1000) },
  Y: { NodeID: THERE, CreateTime: nanosOf(NOW_MS - 1000) },
  m: { NodeID: HERE, DesiredTransition: MARK },
  s: { NodeID: HERE, DesiredStatus: 'stop', DesiredTransition: MARK },
  f: { NodeID: HERE, ClientStatus: 'failed' },
};
const rows = (kinds: string): Allocation[] =>
  [...kinds].map((kind, at) => newAlloc(job, at, { ID: `${kind}${at}`, ...KINDS[kind] }));

const decide = (of: DrainPool, fields: { forceMs?: number; seen?: SeenById } = {}) =>
  decidePool({
    pool: of,
    forceFromMs: new Map([[HERE, fields.forceMs ?? Number.POSITIVE_INFINITY]]),
    seen: fields.seen ?? new Map(),
    nowMs: NOW_MS,
  });
const ids = (allocs: readonly Allocation[]): string => allocs.map((alloc) => alloc.ID).join(' ');

describe('what is marked', () => {
  it.each<[string, string, number, string]>([
    ['two of six, with max_parallel 2', 'hhhhhh', 6, 'h0 h1'],
    ['none while two of six are missing elsewhere', 'hhhhPP', 6, ''],
    ['one while one of six is missing', 'hhhhhP', 6, 'h0'],
    ['none while two leave already', 'ssmhhhh', 6, ''],
    ['more where there are more than wanted', 'hhhhhhHH', 6, 'h0 h1 h2 h3'],
    ['the only one', 'h', 1, 'h0'],
    ['whoever only starts or is unhealthy, at once, since nothing is lost with it', 'pphhUU', 6, 'p0 p1'],
    ['none that has run for a second only, while others are missing', 'yhhhUU', 6, ''],
    ['the newest version first: the update takes the others away itself', 'oohh', 4, 'h2 h3'],
    ['nothing where nothing of the group is on the node', 'HHHH', 4, ''],
    ['nothing that has failed: it holds no place on the node', 'fhhhhh', 6, 'h1'],
  ])('%s', (_, kinds, count, expected) => {
    expect(ids(decide(pool(rows(kinds), { count })).marks)).toBe(expected);
  });

  it('is nothing of batch work', () => {
    const decision = decide(pool(rows('hhh'), { isBatch: true }));
    expect(ids(decision.marks)).toBe('');
    expect(ids(decision.held)).toBe('h0 h1 h2');
  });

  it('is one at a time where max_parallel is 0', () => {
    expect(ids(decide(pool(rows('hhh'), { migrate: { ...MIGRATE, MaxParallel: 0 } })).marks)).toBe('h0');
  });
});

describe('the deadline', () => {
  it('takes everything, and what waits for a successor after a grace', () => {
    const of = pool(rows('hhhmH'));
    expect(decide(of, { forceMs: NOW_MS + 1 }).wakeAtMs).toBe(NOW_MS + 1);
    const due = decide(of, { forceMs: NOW_MS });
    expect(ids(due.marks)).toBe('h0 h1 h2');
    expect(ids(due.stops)).toBe('');
    expect(due.wakeAtMs).toBe(NOW_MS + FORCED_GRACE_MS);
    expect(ids(decide(of, { forceMs: NOW_MS - FORCED_GRACE_MS }).stops)).toBe('m3');
  });

  it('takes batch work as well', () => {
    expect(ids(decide(pool(rows('hh'), { isBatch: true }), { forceMs: NOW_MS }).marks)).toBe('h0 h1');
  });

  it.each([
    ['an hour', 3600 * SECOND, '2026-11-20T17:15:30.000Z', Date.parse('2026-11-20T17:15:30.000Z')],
    ['none', 0, ZERO_TIME, Number.POSITIVE_INFINITY],
    ['at once', -1, ZERO_TIME, 0],
  ])('%s', (_, Deadline, ForceDeadline, expected) => {
    expect(forceFromMs({ Deadline, ForceDeadline })).toBe(expected);
  });
});

describe('an instance that does not serve', () => {
  const since = (alloc: string, ms: number): SeenById =>
    new Map([[alloc, { unhealthySinceMs: NOW_MS - ms, unreadyMs: NOW_MS - ms }]]);

  it('holds the others back until its healthy_deadline, counted from when it was first seen so', () => {
    const of = pool(rows('hhhPP'), { count: 5 });
    expect(ids(decide(of, { seen: since('P4', 299_000) }).marks)).toBe('');
    expect(decide(of, { seen: since('P4', 299_000) }).wakeAtMs).toBe(NOW_MS + 1000);
    expect(ids(decide(of, { seen: since('P4', 300_000) }).marks)).toBe('h0');
  });

  const service = (Status: 'passing' | 'critical') => [
    { Service: 'web', PortLabel: 'http', Address: '', Port: 1, Status, Checks: [] },
  ];
  const traffic = (Ready: boolean, agoMs: number) => ({
    Ready,
    Applied: false,
    Drained: false,
    Owing: [],
    ChangedMs: NOW_MS - agoMs,
  });
  const never = Number.POSITIVE_INFINITY;

  it.each<[string, Partial<Allocation>, number]>([
    ['judged healthy: at once', { DeploymentStatus: health(true) }, 0],
    ['judged unhealthy: not', { DeploymentStatus: health(false) }, never],
    [
      'judged healthy, a check fails now: not',
      { DeploymentStatus: health(true), Services: service('critical') },
      never,
    ],
    ['unjudged: min_healthy_time after its start', { CreateTime: nanosOf(NOW_MS - 4000) }, NOW_MS + 6000],
    ['unjudged, a check fails: not', { Services: service('critical') }, never],
    [
      'unjudged, the ingress has not taken it: not',
      { Services: service('passing'), Traffic: traffic(false, 0) },
      never,
    ],
    ['unjudged, the ingress took it: counted from then', { Traffic: traffic(true, 3000) }, NOW_MS + 7000],
    ['pending: not', { ClientStatus: 'pending' }, never],
  ])('%s', (_, fields, expected) => {
    expect(servesFromMs(newAlloc(job, 0, fields), MIGRATE, new Map())).toBe(expected);
  });

  it('counts its min_healthy_time from when it was last seen not ready', () => {
    const failing = newAlloc(job, 0, { Services: service('critical') });
    const passing = newAlloc(job, 0, { Services: service('passing') });
    const look = (alloc: Allocation, seen: SeenById, ms: number) => remember(seen, [{ alloc, migrate: MIGRATE }], ms);
    const first = look(failing, new Map(), NOW_MS);
    const second = look(passing, look(failing, first, NOW_MS + 5000), NOW_MS + 6000);
    expect(servesFromMs(passing, MIGRATE, second)).toBe(NOW_MS + 15_000);
    expect(second.get(passing.ID)?.unhealthySinceMs).toBe(NOW_MS);
    expect(look(passing, second, NOW_MS + 15_000).size).toBe(0);
  });
});

describe('the end of a drain', () => {
  const strategy = (IgnoreSystemJobs: boolean) => ({
    DrainStrategy: { Deadline: 0, IgnoreSystemJobs, ForceDeadline: ZERO_TIME, StartedAt: '' },
  });

  it.each<[string, string, boolean]>([
    ['nothing is there', '', true],
    ['all have ended', 'ff', true],
    ['one has only been told to stop', 'fs', false],
  ])('%s', (_, kinds, expected) => {
    expect(isDrained(strategy(false), rows(kinds), () => 'service')).toBe(expected);
  });

  it('leaves instances of system jobs alone where that is asked for', () => {
    expect(isDrained(strategy(true), rows('h'), () => 'system')).toBe(true);
    expect(isDrained(strategy(false), rows('h'), () => 'system')).toBe(false);
  });
});
