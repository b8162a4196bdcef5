/** A release as the page reads it: instances, steps, shares, and what actions will do. */
import { describe, expect, it } from 'vitest';
import type { AllocStub, DeploymentView } from '../../src/api/views.ts';
import type { DeploymentState } from '../../src/model/deployment.ts';
import type { BackendPulse, PoolPulse } from '../../src/model/ingress-pulse.ts';
import { failConsequences, promoteConsequences, revertConsequences, unpromoted } from './consequences.ts';
import { type TileState, tilesOf } from './instances.ts';
import { measuredShares, plannedShares } from './shares.ts';
import { stepsOf } from './steps.ts';

const group = (state: Partial<DeploymentState> = {}): DeploymentState => ({
  AutoRevert: false,
  AutoPromote: false,
  ProgressDeadline: 0,
  RequireProgressBy: '',
  Promoted: false,
  PlacedCanaries: [],
  DesiredCanaries: 0,
  DesiredTotal: 3,
  PlacedAllocs: 0,
  HealthyAllocs: 0,
  UnhealthyAllocs: 0,
  ...state,
});

const deployment = (state: Partial<DeploymentState> = {}, rest: Partial<DeploymentView> = {}): DeploymentView =>
  ({
    ID: 'd',
    JobID: 'web',
    JobVersion: 2,
    CreateIndex: 100,
    Status: 'running',
    TaskGroups: { app: group(state) },
    ...rest,
  }) as DeploymentView;

const alloc = (change: Partial<AllocStub> = {}): AllocStub =>
  ({
    ID: 'a',
    Name: 'web.app[0]',
    TaskGroup: 'app',
    NodeName: 'n',
    JobVersion: 2,
    DesiredStatus: 'run',
    ClientStatus: 'running',
    ModifyIndex: 101,
    DeploymentStatus: { Healthy: null, Canary: false, Timestamp: '', ModifyIndex: 0 },
    ...change,
  }) as AllocStub;

const judged = (Healthy: boolean | null, Canary = false) => ({
  DeploymentStatus: { Healthy, Canary, Timestamp: '', ModifyIndex: 0 },
});

type Server = NonNullable<PoolPulse['Servers']>[number];
const server = (AllocID: string, State: Server['State'], Version = 2): Server => ({
  AllocID,
  State,
  Version,
  Weight: 100,
  InFlight: 1,
});
const backend = (...Pools: Partial<PoolPulse>[]): BackendPulse => ({
  ID: 'default/web/http',
  Unserved: 0,
  Pools: Pools.map((pool) => ({ Name: 'stable', Weight: 100, Versions: [], ...pool }) as PoolPulse),
});

describe('an instance is', () => {
  it.each<[TileState, Partial<AllocStub>, Server['State'] | undefined]>([
    ['placed', { ClientStatus: 'pending' }, undefined],
    ['starting', {}, undefined],
    ['starting', {}, 'ready'],
    ['healthy', judged(true), 'ready'],
    ['unhealthy', judged(false), 'ready'],
    ['unhealthy', judged(true), 'unhealthy'],
    ['draining', { DesiredStatus: 'stop', ...judged(true) }, 'draining'],
    ['drained', { DesiredStatus: 'stop', ...judged(true) }, 'drained'],
    ['stopping', { DesiredStatus: 'stop', ...judged(true) }, undefined],
    ['warm', { JobVersion: 1, ...judged(true) }, 'drained'],
    ['stopped', { ClientStatus: 'complete', DesiredStatus: 'stop' }, undefined],
    ['failed', { ClientStatus: 'failed' }, 'ready'],
    ['lost', { ClientStatus: 'lost', DesiredStatus: 'stop' }, 'draining'],
    ['healthy', { DeploymentStatus: null }, 'ready'],
  ])('%s: %j, to its ingress %s', (state, change, standing) => {
    const backends = standing ? [backend({ Servers: [server('a', standing)] })] : [];
    expect(tilesOf(deployment(), [alloc(change)], backends)[0]?.state).toBe(state);
  });

  it('in no traffic while its pool has no weight, whatever its state', () => {
    const standing = [backend({ Name: 'canary', Weight: 0, Servers: [server('a', 'ready')] })];
    expect(tilesOf(deployment(), [alloc(judged(true, true))], standing)[0]).toMatchObject({
      state: 'healthy',
      isServing: false,
      isCanary: true,
    });
  });

  it('no part of a release that began after its end', () => {
    const old = { JobVersion: 1, ClientStatus: 'complete' } as const;
    expect(tilesOf(deployment(), [alloc({ ...old, ModifyIndex: 99 })], [])).toEqual([]);
    expect(tilesOf(deployment(), [alloc({ ...old, ModifyIndex: 101 })], [])).toHaveLength(1);
  });
});

describe('the steps', () => {
  const tiles = (...allocs: Partial<AllocStub>[]) =>
    tilesOf(
      deployment(),
      allocs.map((change, at) => alloc({ ID: String(at), ...change })),
      [],
    );
  const shown = (
    state: Partial<DeploymentState>,
    list: ReturnType<typeof tiles>,
    Status: 'running' | 'failed' = 'running',
  ) =>
    stepsOf(deployment(state, { Status }), group(state), list).map(
      ({ state, title, detail }) => `${state}: ${title}, ${detail}`,
    );

  it('of a rolling update count healthy ones and those that are left', () => {
    expect(shown({ HealthyAllocs: 1 }, tiles(judged(true), { JobVersion: 1 }, { JobVersion: 1 }))).toEqual([
      'now: New instances healthy, 1 of 3',
      'next: Old instances drained and stopped, 2 left',
    ]);
  });

  it('of a blue/green wait for a promotion, and say where the requests go until then', () => {
    const state = { DesiredCanaries: 1, PlacedCanaries: ['0'], IsBlueGreen: true };
    expect(shown(state, tiles(judged(true, true), { JobVersion: 1 }))).toEqual([
      'done: New set placed, 1 of 1',
      'done: New set healthy, 1 of 1',
      'now: Promotion, by somebody; until then no request goes there',
      'next: Old instances drained and stopped, 1 left',
    ]);
  });

  it('break off where the deployment failed', () => {
    expect(shown({ DesiredCanaries: 2, PlacedCanaries: ['0', '1'] }, tiles(judged(false, true)), 'failed')[1]).toBe(
      'broken: Canaries healthy, 0 of 2',
    );
  });
});

describe('the shares', () => {
  it('are weights, shared among the ready ones of a pool', () => {
    const pools = backend(
      { Weight: 90, Servers: [server('a', 'ready', 1), server('b', 'ready', 1), server('c', 'draining', 1)] },
      { Name: 'canary', Weight: 10, Servers: [server('d', 'ready')] },
    );
    expect(plannedShares(pools)).toEqual([
      { version: 2, planned: 10 },
      { version: 1, planned: 90 },
    ]);
  });

  it('are of one pool by the count of each version while it rolls', () => {
    const pool = backend({
      Servers: [server('a', 'ready', 1), server('b', 'ready', 1), server('c', 'ready'), server('d', 'ready')],
    });
    expect(plannedShares(pool).map(({ planned }) => planned)).toEqual([50, 50]);
  });

  it('as measured are unknown without a request', () => {
    expect(measuredShares(undefined)).toBeUndefined();
  });
});

describe('before it is done', () => {
  const both = tilesOf(
    deployment(),
    [alloc({ ID: '1', ...judged(true, true) }), alloc({ ID: '2', JobVersion: 1, ...judged(true) })],
    [],
  );

  it('a promotion says what moves', () => {
    const blueGreen = deployment({ DesiredCanaries: 1, IsBlueGreen: true });
    expect(unpromoted(blueGreen)).toEqual(['app']);
    expect(promoteConsequences(blueGreen, ['app'], both)).toEqual([
      'app: all requests go to the 1 instance of version 2 in one step. The 1 instance of the version before finish what is in flight, then stop.',
    ]);
  });

  it('failing says whether the old version comes back by itself', () => {
    expect(failConsequences(deployment({ AutoRevert: true }), both).at(-1)).toMatch(
      /comes back by itself, its traffic first/,
    );
    expect(failConsequences(deployment(), both).at(-1)).toMatch(/auto_revert is not set/);
  });

  it('a revert says whether anything of that version still runs', () => {
    expect(revertConsequences(1, both)[1]).toMatch(/^1 instance of it still runs/);
    expect(revertConsequences(0, both)[1]).toMatch(/^None of it runs/);
  });
});
