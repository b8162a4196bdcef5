import { describe, expect, it } from 'vitest';
import { LeastInFlight, WeightedTurns } from './balancer.ts';

describe('the least busy server', () => {
  it('is chosen', () => {
    const servers = [{ inFlight: 3 }, { inFlight: 1 }, { inFlight: 2 }];
    expect(new LeastInFlight().pick(servers)).toBe(servers[1]);
  });

  it('is the next one round the circle among equals', () => {
    const servers = [{ inFlight: 0 }, { inFlight: 0 }, { inFlight: 0 }];
    const turns = new LeastInFlight();
    const picks = Array.from({ length: 6 }, () => servers.indexOf(turns.pick(servers) as (typeof servers)[0]));
    expect(picks).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('is none of those that have failed the request', () => {
    const servers = [{ inFlight: 0 }, { inFlight: 9 }];
    expect(new LeastInFlight().pick(servers, new Set([servers[0]!]))).toBe(servers[1]);
    expect(new LeastInFlight().pick(servers, new Set(servers))).toBeUndefined();
    expect(new LeastInFlight().pick([])).toBeUndefined();
  });
});

describe('weighted turns', () => {
  const counts = (weights: number[], turns: number) => {
    const pools = weights.map((weight) => ({ weight }));
    const picker = new WeightedTurns<{ weight: number }>();
    const chosen = Array.from({ length: turns }, () => pools.indexOf(picker.pick(pools)!));
    return weights.map((_, at) => chosen.filter((each) => each === at).length);
  };

  it.each([
    [[95, 5], 1000, [950, 50]],
    [[99, 1], 1000, [990, 10]],
    [[50, 50], 100, [50, 50]],
    [[100, 0], 100, [100, 0]],
    [[0, 100], 100, [0, 100]],
    [[100], 10, [10]],
  ])('give %j of %i turns as %j', (weights, turns, expected) => {
    expect(counts(weights, turns)).toEqual(expected);
  });

  it('choose nobody where every weight is 0', () => {
    const picker = new WeightedTurns<{ weight: number }>();
    expect(picker.pick([{ weight: 0 }])).toBeUndefined();
    expect(picker.pick([{ weight: 0 }, { weight: 0 }])).toBeUndefined();
  });
});
