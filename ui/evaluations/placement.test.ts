import { describe, expect, it } from 'vitest';
import { type AllocMetric, EMPTY_METRIC } from '../../src/model/allocation.ts';
import { failureHeadline, lookedAt, placementReasons } from './placement.ts';

const metric = (changes: Partial<AllocMetric>): AllocMetric => ({ ...EMPTY_METRIC, ...changes });

describe('why there is no place, in words', () => {
  it.each<[string, Partial<AllocMetric>, string[]]>([
    ['no node at all', {}, ['no node is ready for it']],
    [
      'an empty datacenter',
      { NodesAvailable: { dc1: 0, dc2: 0 } },
      ['no node is ready in datacenter "dc1"', 'no node is ready in datacenter "dc2"'],
    ],
    [
      'a constraint',
      { NodesEvaluated: 2, NodesFiltered: 2, ConstraintFiltered: { '${attr.kernel.name} = windows': 2 } },
      ['2 nodes do not meet: ${attr.kernel.name} = windows'],
    ],
    [
      'constraints and room together',
      {
        NodesEvaluated: 3,
        ClassFiltered: { small: 1 },
        ConstraintFiltered: { 'missing drivers': 1 },
        NodesExhausted: 1,
        DimensionExhausted: { cpu: 1 },
      },
      [
        '1 node of class "small" is ruled out',
        '1 node does not meet: missing drivers',
        '1 node has too little left: cpu',
      ],
    ],
    ['room of which nothing more is said', { NodesEvaluated: 2, NodesExhausted: 2 }, ['2 nodes have too little left']],
    ['a quota', { NodesEvaluated: 1, QuotaExhausted: ['team'] }, ['the quota "team" is used up']],
    ['nothing that is known', { NodesEvaluated: 1 }, ['the scheduler gave no reason']],
  ])('%s', (_, changes, reasons) => {
    expect(placementReasons(metric(changes))).toEqual(reasons);
  });

  it('says how many, of which group, and how many nodes were looked at', () => {
    expect(failureHeadline('app', metric({ CoalescedFailures: 2 }))).toBe('3 instances of group "app" find no place');
    expect(failureHeadline('app', metric({}))).toBe('1 instance of group "app" finds no place');
    expect(lookedAt(metric({ NodesEvaluated: 5, NodesFiltered: 3, NodesExhausted: 2 }))).toBe(
      '5 nodes looked at: 3 ruled out, 2 full',
    );
    expect(lookedAt(metric({}))).toBe('0 nodes looked at');
  });
});
