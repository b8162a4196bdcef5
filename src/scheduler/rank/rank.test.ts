import { describe, expect, it } from 'vitest';
import { newGroup, newJob, newNode } from '../fixtures.ts';
import { compileAffinities } from './affinity.ts';
import { fitScore } from './fit-score.ts';
import { compileSpreads, spreadBoost } from './spread.ts';

describe('fit', () => {
  it('is what a real peer computed for 100 MHz of 40,000 and 32 MB of 65,536', () => {
    expect(fitScore(1 - 100 / 40_000, 1 - 32 / 65_536, 'binpack')).toBeCloseTo(0.003813112986542164, 12);
  });

  it.each([
    [0, 0, 'binpack', 1],
    [1, 1, 'binpack', 0],
    [0, 0, 'spread', 0],
    [1, 1, 'spread', 1],
  ] as const)('free cpu %d and memory %d with %s is %d', (cpu, memory, algorithm, expected) => {
    expect(fitScore(cpu, memory, algorithm)).toBeCloseTo(expected, 10);
  });
});

describe('affinities', () => {
  const affinity = (RTarget: string, Weight: number) => ({ LTarget: '${meta.rack}', Operand: '=', RTarget, Weight });
  const score = (weights: [string, number][]) => {
    const group = newGroup({ Affinities: weights.map(([value, weight]) => affinity(value, weight)) });
    return compileAffinities(newJob({ TaskGroups: [group] }), group)?.(newNode(0, { Meta: { rack: 'r1' } }));
  };

  it.each<[[string, number][], number | undefined]>([
    [[], undefined],
    [[['r1', 50]], 1],
    [[['r2', 50]], 0],
    [[['r1', -100]], -1],
    [
      [
        ['r1', 50],
        ['r2', 50],
      ],
      0.5,
    ],
  ])('%j give %s', (weights, expected) => {
    expect(score(weights)).toBe(expected);
  });
});

describe('spreads', () => {
  it.each([
    [0, 7, 1],
    [3.5, 7, 0.5],
    [7, 7, 0],
    [14, 7, -1],
    [30, 7, -1],
    [1, 0, -1],
  ])('%d of %d is worth %d', (used, desired, expected) => {
    expect(spreadBoost(used, desired)).toBe(expected);
  });

  const nodes = ['a', 'b', 'c', ''].map((zone, number) => newNode(number, { Meta: zone ? { zone } : {} }));
  const spreadOf = (targets: [string, number][] | null) => {
    const target = targets?.map(([Value, Percent]) => ({ Value, Percent })) ?? null;
    const group = newGroup({ Count: 10, Spreads: [{ Attribute: '${meta.zone}', Weight: 50, SpreadTarget: target }] });
    return compileSpreads(newJob({ TaskGroups: [group] }), group, nodes)!;
  };

  it('follows percentages, and gives the values that nobody named the rest', () => {
    const spread = spreadOf([
      ['a', 70],
      ['b', 20],
    ]);
    spread.count(1);
    expect([0, 1, 2].map((number) => spread.score(number))).toEqual([1, 0.5, 1]);
    spread.count(2);
    expect(spread.score(2)).toBe(0);
  });

  it('wants the same of every value without percentages, and likes a node without the attribute least', () => {
    const spread = spreadOf(null);
    for (const number of [0, 1, 2]) spread.score(number);
    spread.count(0);
    expect(spread.score(0)).toBeLessThan(spread.score(1));
    expect(spread.score(1)).toBe(spread.score(2));
    expect(spread.score(3)).toBe(-1);
  });
});
