/** Who gets to the canaries: by their share, by what a request says, by what its user saw before. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/virtual-clock.ts';
import type { DeploymentState } from '../../model/deployment.ts';
import type { ServiceIngress } from '../../model/service.ts';
import { exampleAlloc, exampleDeployment, exampleJob, exampleService, exampleWay } from '../routing-examples.ts';
import { backendsOf, planRoutingTable } from '../routing-table.ts';
import { Backend } from './backend.ts';
import type { Wish } from './wish.ts';

const REQUESTS = 20_000;

interface Trial {
  readonly stables: number;
  readonly canaries: number;
  readonly state?: Partial<DeploymentState>;
  readonly way?: Partial<ServiceIngress>;
  readonly version?: number;
}

/** What the planner makes of so many instances, at the version before and in its trial. */
function specOf({ stables, canaries, state = {}, way = {}, version = 1 }: Trial) {
  const groups = { web: [exampleService({ Ingress: [exampleWay(way)] })] };
  const job = (at: number) => exampleJob({ version: at, program: String(at), groups });
  const ofStable = Array.from({ length: stables }, (_, at) => ({ id: `s${at}`, port: 20_000 + at }));
  const tried = { version, canaryOf: 'd' };
  const ofCanary = Array.from({ length: canaries }, (_, at) => ({ id: `c${at}`, port: 30_000 + at, ...tried }));
  const versions = new Map([0, version].map((at) => [at, job(at)]));
  const deployment = exampleDeployment('d', false, 'web', state, { JobVersion: version });
  const table = planRoutingTable({
    index: 1,
    jobs: [job(version)],
    jobVersion: (_namespace, _id, at) => versions.get(at),
    allocs: [...ofStable, ...ofCanary].map(exampleAlloc),
    deployments: [deployment],
  });
  return backendsOf(table).get('default/web/web')!;
}

/** All instances pass their checks. */
function backendOf(trial: Trial) {
  const spec = specOf(trial);
  const backend = new Backend(spec, {
    clock: new VirtualClock(),
    probe: (_clock, _place, _check, judge) => {
      judge(true);
      return () => {};
    },
    holdLimit: { max: 10, held: 0 },
    onChange: () => {},
  });
  backend.apply(spec);
  return { backend, change: (later: Trial) => backend.apply(specOf(later)) };
}

/** One request from its choice to its end. */
function ask(backend: Backend, wish?: Wish) {
  const server = backend.admit(undefined, wish);
  const mark = server && wish && backend.markFor(server, wish);
  server?.end();
  return { pool: server?.figures.pool, mark };
}

function canariesAmong(backend: Backend, requests: number): number {
  let count = 0;
  for (let at = 0; at < requests; at++) if (ask(backend).pool === 'canary') count++;
  return count;
}

/** Four standard deviations of a fair choice: one in 16,000 would be outside. */
function expectShare(count: number, percent: number): void {
  const share = percent / 100;
  const bound = 4 * Math.sqrt(REQUESTS * share * (1 - share));
  expect(Math.abs(count - REQUESTS * share)).toBeLessThanOrEqual(bound);
}

describe('the share of the canaries', () => {
  const mixes = [
    [2, 1],
    [20, 1],
    [2, 200],
  ] as const;
  const cases = mixes.flatMap(([stables, canaries]) =>
    [1, 5, 25, 50].map((percent) => ({ stables, canaries, percent })),
  );

  it.each(cases)('is $percent% of 20,000 with $canaries beside $stables', ({ stables, canaries, percent }) => {
    const { backend } = backendOf({ stables, canaries, state: { CanaryWeight: percent } });
    expectShare(canariesAmong(backend, REQUESTS), percent);
  });

  it.each([1, 5, 25, 50])('is %i%% when it was changed on the way, and nothing while it is 0', (percent) => {
    const start = { stables: 3, canaries: 1, state: { CanaryWeight: 0 } };
    const { backend, change } = backendOf(start);
    expect(canariesAmong(backend, 1000)).toBe(0);
    change({ ...start, state: { CanaryWeight: percent } });
    expectShare(canariesAmong(backend, REQUESTS), percent);
    change(start);
    expect(canariesAmong(backend, 1000)).toBe(0);
  });

  it('is exactly nothing before a blue/green is promoted', () => {
    const { backend } = backendOf({ stables: 4, canaries: 4, state: { DesiredCanaries: 4, DesiredTotal: 4 } });
    expect(canariesAmong(backend, REQUESTS)).toBe(0);
  });
});

describe('a request that says where it wants to go', () => {
  const way = { CanaryHeader: 'X-Canary', CanaryCookie: 'canary' };
  const trial = (percent: number): Trial => ({ stables: 2, canaries: 1, way, state: { CanaryWeight: percent } });
  const field = (name: string, value: string) => ({ name, lower: name.toLowerCase(), value });
  const toPools = (backend: Backend, ...fields: { name: string; lower: string; value: string }[]) =>
    new Set(Array.from({ length: 50 }, () => ask(backend, backend.wishOf(fields)).pool));

  it.each([0, 5, 50, 100])('gets there by its header, whatever the share: %i%%', (percent) => {
    const { backend } = backendOf(trial(percent));
    expect(toPools(backend, field('x-canary', 'always'))).toEqual(new Set(['canary']));
    expect(toPools(backend, field('X-CANARY', 'Never'))).toEqual(new Set(['stable']));
  });

  it('gets there by its cookie, but the header counts first', () => {
    const { backend } = backendOf(trial(5));
    const cookie = (value: string) => field('Cookie', `a=b; canary=${value}`);
    expect(toPools(backend, cookie('always'))).toEqual(new Set(['canary']));
    expect(toPools(backend, cookie('never'))).toEqual(new Set(['stable']));
    expect(toPools(backend, cookie('never'), field('X-Canary', 'always'))).toEqual(new Set(['canary']));
  });

  it('is one like any other with another word, or where nothing is tried', () => {
    const { backend, change } = backendOf(trial(0));
    expect(toPools(backend, field('X-Canary', 'yes'))).toEqual(new Set(['stable']));
    change({ ...trial(5), canaries: 0 });
    expect(toPools(backend, field('X-Canary', 'always'))).toEqual(new Set(['stable']));
  });

  it('that refuses canaries waits for the others, and that wants one does not wait for them', () => {
    const { backend } = backendOf({ ...trial(5), stables: 0 });
    expect(toPools(backend)).toEqual(new Set(['canary']));
    expect(toPools(backend, field('X-Canary', 'never'))).toEqual(new Set([undefined]));
  });
});

describe('a user who stays with a version while canaries are tried', () => {
  const way = { CanarySticky: true };
  const trial = (percent: number, rest: Partial<Trial> = {}): Trial => {
    return { stables: 3, canaries: 1, way, state: { CanaryWeight: percent }, ...rest };
  };
  /** Each keeps its cookie. */
  class User {
    mark: string | undefined;

    visit(backend: Backend): string | undefined {
      const { pool, mark } = ask(backend, { mark: this.mark });
      this.mark = mark ?? this.mark;
      return pool;
    }
  }
  const crowd = (size: number) => Array.from({ length: size }, () => new User());
  const visitAll = (users: readonly User[], backend: Backend) => users.map((user) => user.visit(backend));
  const shareOf = (pools: readonly (string | undefined)[]) =>
    (100 * pools.filter((pool) => pool === 'canary').length) / pools.length;

  it('sees one version at every visit, and of all users the share is the one that is written', () => {
    const { backend } = backendOf(trial(5));
    const users = crowd(1000);
    const first = visitAll(users, backend);
    expect(shareOf(first)).toBe(5);
    for (let visit = 0; visit < 5; visit++) expect(visitAll(users, backend)).toEqual(first);
  });

  it('moves to the canaries when their share grows to reach it, and never away from them', () => {
    const { backend, change } = backendOf(trial(5));
    const users = crowd(2000);
    let before = visitAll(users, backend);
    for (const percent of [25, 50, 75]) {
      change(trial(percent));
      const after = visitAll(users, backend);
      expect(Math.abs(shareOf(after) - percent)).toBeLessThan(1);
      expect(users.filter((_, at) => before[at] === 'canary' && after[at] !== 'canary')).toEqual([]);
      before = after;
    }
    change(trial(5));
    expect(visitAll(users, backend)).toEqual(before);
    expect(shareOf(visitAll(crowd(1000), backend))).toBe(5);
  });

  it('is bound by nothing while the share is 0, and by nothing of an earlier trial', () => {
    const { backend, change } = backendOf(trial(50));
    const users = crowd(1000);
    visitAll(users, backend);
    change(trial(0));
    expect(shareOf(visitAll(users, backend))).toBe(0);
    change(trial(10, { version: 2 }));
    expect(shareOf(visitAll(users, backend))).toBe(10);
    change(trial(10, { canaries: 0 }));
    expect(visitAll(users, backend)).not.toContain(undefined);
    expect(backend.markFor(backend.admit()!, {})).toBeUndefined();
  });

  it('that wants a canary by name is not bound to it', () => {
    const { backend } = backendOf(trial(5));
    expect(ask(backend, { canary: 'always' })).toEqual({ pool: 'canary', mark: undefined });
  });
});
