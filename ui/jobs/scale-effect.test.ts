import { describe, expect, it } from 'vitest';
import { EMPTY_METRIC } from '../../src/model/allocation.ts';
import type { DesiredUpdates } from '../../src/model/plan.ts';
import { type ScaleChange, scaleEffect } from './scale-effect.ts';

const NOTHING: DesiredUpdates = {
  Ignore: 0,
  Place: 0,
  Migrate: 0,
  Stop: 0,
  InPlaceUpdate: 0,
  DestructiveUpdate: 0,
  Canary: 0,
  Preemptions: 0,
};

const effect = (change: Partial<ScaleChange>) =>
  scaleEffect({ from: 3, to: 5, desired: undefined, failed: undefined, deployment: undefined, ...change });

describe('another count', () => {
  it('that is higher starts the rest, and touches nothing that runs', () => {
    expect(effect({ desired: { ...NOTHING, Place: 2, InPlaceUpdate: 3 } })).toEqual([
      '2 instances will start.',
      '3 instances go on without a restart.',
      'A scale is no release: no running instance is replaced.',
    ]);
  });

  it('that is lower drains what is too much', () => {
    expect(effect({ to: 2, desired: { ...NOTHING, Stop: 1, InPlaceUpdate: 2 } })[0]).toBe(
      '1 instance will stop: it gets no new requests, finishes those in flight, and ends.',
    );
  });

  it('of none leaves nobody to answer', () => {
    expect(effect({ to: 0, desired: { ...NOTHING, Stop: 3 } })).toContain(
      'None is left: nobody answers for its services.',
    );
  });

  it('that does not fit says how many wait, and for what', () => {
    const failed = { ...EMPTY_METRIC, NodesEvaluated: 1, DimensionExhausted: { memory: 1 }, CoalescedFailures: 1 };
    expect(effect({ to: 6, desired: { ...NOTHING, Place: 3 }, failed }).slice(0, 2)).toEqual([
      '1 instance will start.',
      '2 instances will find no place, and wait for one: 1 node has too little left: memory.',
    ]);
  });

  it('within a release carries it on', () => {
    const deployment = { Status: 'running' as const, JobVersion: 7 };
    expect(effect({ desired: { ...NOTHING, Place: 2 }, deployment }).at(-1)).toMatch(
      /no release: the release of version 7 goes on with the new number/,
    );
    expect(effect({ deployment: { Status: 'successful', JobVersion: 7 } }).at(-1)).toMatch(/no running instance/);
  });
});
