import { describe, expect, it } from 'vitest';
import { allocRoles } from './alloc-roles.ts';
import { type ExampleAlloc, type ExampleJob, exampleAlloc, exampleDeployment, exampleJob } from './routing-examples.ts';

type ExampleState = Parameters<typeof exampleDeployment>[3];

interface World {
  /** Every version of the job, the newest last: that is the job as it is now. */
  readonly versions: readonly ExampleJob[];
  readonly allocs: readonly ExampleAlloc[];
  readonly deployments?: readonly ReturnType<typeof exampleDeployment>[];
}

const BLUE_GREEN = { DesiredCanaries: 3, IsBlueGreen: true };

/** The deployment "d<version>". */
function deployment(version: number, promoted: boolean, state: ExampleState = {}, Status = 'running') {
  return exampleDeployment(`d${version}`, promoted, 'web', state, { JobVersion: version, Status } as object);
}

/** Instances of a version, named "<version>a", "<version>b" …; canaries of its deployment where asked for. */
function set(version: number, count = 3, changes: Partial<ExampleAlloc> = {}): ExampleAlloc[] {
  return [...'abcde']
    .slice(0, count)
    .map((letter, at) => ({ id: `${version}${letter}`, version, port: 20000 + version * 10 + at, ...changes }));
}

const canaries = (version: number, count = 3, changes: Partial<ExampleAlloc> = {}): ExampleAlloc[] =>
  set(version, count, { canaryOf: `d${version}`, ...changes });

/** "0:resting 1:stable": the role of the instances of each version, in order; a comma where they differ. */
function roles({ versions, allocs, deployments = [] }: World): string {
  const jobs = versions.map((each, version) => exampleJob({ version, program: `p${version}`, ...each }));
  const candidates = allocs.map((each) => ({
    alloc: exampleAlloc(each),
    isReady: (each.desired ?? 'run') === 'run' && (each.client ?? 'running') === 'running' && each.status === undefined,
  }));
  const jobVersion = (_: string, __: string, version: number) => jobs[version];
  const input = { index: 1, jobs: [jobs.at(-1)!], jobVersion, allocs: [], deployments };
  const roleOf = allocRoles(input, candidates);
  const byVersion = new Map<number, Set<string>>();
  for (const { alloc } of candidates) {
    byVersion.set(alloc.JobVersion, (byVersion.get(alloc.JobVersion) ?? new Set()).add(roleOf(alloc).role));
  }
  return [...byVersion].map(([version, all]) => `${version}:${[...all].join()}`).join(' ');
}

const [v0, v1, v2, v3]: ExampleJob[] = [{}, {}, {}, {}];
const down = { status: 'critical' as const };

describe('on trial', () => {
  const trial = { versions: [v0!, v1!], allocs: [...set(0), ...canaries(1)] };

  it.each([
    ['a canary is a canary', [deployment(1, false)], '0:stable 1:canary'],
    ['and while its deployment is paused', [deployment(1, false, {}, 'paused')], '0:stable 1:canary'],
    ['a second set is as well', [deployment(1, false, BLUE_GREEN)], '0:stable 1:canary'],
    ['promoted canaries serve beside the old version', [deployment(1, true)], '0:stable 1:stable'],
    ['a failed canary rests at once', [deployment(1, false, {}, 'failed')], '0:stable 1:resting'],
    ['a cancelled one as well', [deployment(1, false, {}, 'cancelled')], '0:stable 1:resting'],
    ['one of a forgotten deployment as well', [], '0:stable 1:resting'],
    [
      'one whose deployment needs no promotion serves',
      [deployment(1, false, { DesiredCanaries: 0 })],
      '0:stable 1:stable',
    ],
  ])('%s', (_, deployments, expected) => {
    expect(roles({ ...trial, deployments })).toBe(expected);
  });

  it('a canary rests as soon as a newer version replaces it', () => {
    const deployments = [deployment(1, false)];
    expect(roles({ ...trial, versions: [v0!, v1!, v2!], deployments })).toBe('0:stable 1:resting');
    const scaled = [v0!, v1!, { program: 'p1', count: 5 }];
    expect(roles({ ...trial, versions: scaled, deployments })).toBe('0:stable 1:canary');
  });

  it('a canary rests as soon as the job is reverted or stopped', () => {
    const deployments = [deployment(1, false)];
    const reverted = [v0!, v1!, { program: 'p0', revertOf: 0 }];
    expect(roles({ ...trial, versions: reverted, deployments })).toBe('0:stable 1:resting');
    expect(roles({ ...trial, versions: [v0!, { stop: true }], deployments })).toBe('0:stable 1:resting');
  });

  it('the last one is never taken away, but what is to stop is', () => {
    const deployments = [deployment(1, false, {}, 'failed')];
    expect(roles({ versions: [v0!, v1!], allocs: canaries(1), deployments })).toBe('1:stable');
    expect(roles({ versions: [v0!, v1!], allocs: [...set(0, 3, down), ...canaries(1)], deployments })).toBe(
      '0:stable 1:stable',
    );
    const stopping = canaries(1, 3, { desired: 'stop' });
    expect(roles({ versions: [v0!, v1!], allocs: stopping, deployments })).toBe('1:resting');
  });
});

describe('after a promotion that moved the traffic', () => {
  const deployments = [deployment(1, true, BLUE_GREEN)];
  const old = set(0, 3, { rests: true });

  it.each([
    ['the new set has all of it', [v0!, v1!], [...old, ...set(1)], '0:resting 1:stable'],
    [
      'the old set stays away while no instance of the new one is ready',
      [v0!, v1!],
      [...old, ...set(1, 3, down)],
      '0:resting 1:stable',
    ],
    [
      'the old set stays away when the count changes',
      [v0!, v1!, { program: 'p1', count: 5 }],
      [...old, ...set(1), ...set(2, 2)],
      '0:resting 1:stable 2:stable',
    ],
    [
      'the old set stays away when the next version is submitted',
      [v0!, v1!, v2!],
      [...old, ...set(1)],
      '0:resting 1:stable',
    ],
    ['and when that one has replaced the promoted set', [v0!, v1!, v2!], [...old, ...set(2)], '0:resting 2:stable'],
    [
      'the old set shares again when its specification is submitted again',
      [v0!, v1!, { program: 'p0' }],
      [...old, ...set(1)],
      '0:stable 1:stable',
    ],
  ])('%s', (_, versions, allocs, expected) => {
    expect(roles({ versions, allocs, deployments })).toBe(expected);
  });

  it('holds whatever becomes of the deployment that was promoted', () => {
    const world = { versions: [v0!, v1!], allocs: [...old, ...set(1)] };
    expect(roles({ ...world, deployments: [deployment(1, true, BLUE_GREEN, 'failed')] })).toBe('0:resting 1:stable');
    expect(roles({ ...world, deployments: [] })).toBe('0:resting 1:stable');
  });
});

describe('after a revert', () => {
  const back: ExampleJob = { program: 'p0', revertOf: 0 };
  const promoted = [deployment(1, true, BLUE_GREEN)];

  it.each([
    ['the warm set serves at once, the other rests', [...set(0, 3, { rests: true }), ...set(1)], '0:stable 1:resting'],
    [
      'it counts with instances that have moved to the new version',
      [...set(0, 2), ...set(2, 1), ...set(1)],
      '0:stable 2:stable 1:resting',
    ],
    ['a set that is not whole shares the traffic', [...set(0, 2), ...set(1)], '0:stable 1:stable'],
    ['so does one that is not ready', [...set(0, 3, down), ...set(1)], '0:stable 1:stable'],
    ['where the old set is gone nothing changes before it is there', set(1), '1:stable'],
  ])('%s', (_, allocs, expected) => {
    expect(roles({ versions: [v0!, v1!, back], allocs, deployments: promoted })).toBe(expected);
  });

  it('what was taken away stays away when the next version is submitted', () => {
    const world = { versions: [v0!, v1!, back, v3!], deployments: promoted };
    expect(roles({ ...world, allocs: [...set(2), ...set(1)] })).toBe('2:stable 1:resting');
    expect(roles({ ...world, allocs: [...set(2, 1), ...set(3, 2), ...set(1)] })).toBe('2:stable 3:stable 1:resting');
  });

  it('an old version that was submitted anew, not reverted to, is rolled out', () => {
    const versions = [v0!, v1!, { program: 'p0' }];
    expect(roles({ versions, allocs: [...set(0), ...set(1)], deployments: promoted })).toBe('0:stable 1:stable');
  });
});
