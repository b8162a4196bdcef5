/** What keeps the page true: rates from counts, stale keys from events, and questions that are spaced. */
import { describe, expect, it, vi } from 'vitest';
import type { BackendPulse } from '../../src/model/ingress-pulse.ts';
import { affectedBy } from './affected.ts';
import { beatsAfter } from './beats.ts';
import type { StreamEvent } from './event.ts';
import { createRefresher } from './refresher.ts';

const counts = (Requests: number, Errors = 0, Latency: number[] = []): BackendPulse[] => [
  {
    ID: 'default/web/http',
    Unserved: 0,
    Pools: [
      {
        Name: 'stable',
        Weight: 100,
        Versions: [{ Version: 1, Requests, Errors, InFlight: 0, BytesIn: 0, BytesOut: 0, Latency }],
      },
    ],
  },
];

describe('a beat', () => {
  it('is the difference of two counts over the time between', () => {
    const beats = beatsAfter(beatsAfter([], 1_000, counts(100)), 3_000, counts(150, 5, [50]));
    expect(beats.at(-1)?.versions.get(1)).toMatchObject({ requestsPerSecond: 25, errorShare: 0.1 });
    expect(beats.at(-1)?.versions.get(1)?.p95Ms).toBeCloseTo(0.95);
  });

  it('says no rate before it has counted twice', () => {
    expect(beatsAfter([], 1_000, counts(100)).at(-1)?.versions.size).toBe(0);
  });

  it('begins anew where a count went down: an ingress was started again', () => {
    const beats = beatsAfter(beatsAfter([], 1_000, counts(100)), 2_000, counts(10));
    expect(beats.at(-1)?.versions.get(1)?.requestsPerSecond).toBe(10);
  });

  it('knows no share of errors and no latency without requests', () => {
    const beats = beatsAfter(beatsAfter([], 1_000, counts(100)), 2_000, counts(100));
    expect(beats.at(-1)?.versions.get(1)).toEqual({
      requestsPerSecond: 0,
      errorShare: undefined,
      p50Ms: undefined,
      p95Ms: undefined,
    });
  });

  it('waits for a second, and is forgotten after minutes', () => {
    const first = beatsAfter([], 1_000, counts(1));
    expect(beatsAfter(first, 1_500, counts(2))).toBe(first);
    expect(beatsAfter(first, 400_000, counts(2))).toHaveLength(1);
  });
});

it('an event names what is stale, of its own object and of those that show it', () => {
  const event = { Topic: 'Allocation', Key: 'a', Payload: { Allocation: { JobID: 'web', NodeID: 'n', EvalID: 'e' } } };
  const keys = affectedBy(event as unknown as StreamEvent).map((key) => key.join(' '));
  expect(keys).toEqual(
    expect.arrayContaining([
      'jobs',
      'allocation a',
      'evaluation e allocations',
      'node',
      'job web summary',
      'deployment',
      'ingress',
    ]),
  );
  expect(keys).not.toContain('job web');
});

it('what is stale again while it is asked is asked once more, and not more often', async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  const refresher = createRefresher(async (key) => asked.push(key.join(' ')), 400);
  refresher.mark([['jobs'], ['nodes']]);
  refresher.mark([['jobs'], ['jobs'], ['jobs']]);
  expect(asked).toEqual(['jobs', 'nodes']);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked).toEqual(['jobs', 'nodes', 'jobs']);
  vi.useRealTimers();
});
