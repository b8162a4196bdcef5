import { describe, expect, it } from 'vitest';
import { BackendFigures, countLatency } from './figures.ts';
import { addAside, mergeStatus, statusOf } from './server-status.ts';

describe('what is reported of a server', () => {
  it('is "ready" only where clients can come in', () => {
    expect(statusOf({ state: 'ready', inFlight: 2, requests: 7 }, true)).toEqual({
      State: 'ready',
      InFlight: 2,
      Requests: 7,
    });
    expect(statusOf({ state: 'ready', inFlight: 2, requests: 7 }, false)).toEqual({
      State: 'unhealthy',
      InFlight: 2,
      Requests: 7,
    });
    expect(statusOf({ state: 'drained', inFlight: 0, requests: 7 }, false)).toEqual({
      State: 'drained',
      InFlight: 0,
      Requests: 7,
    });
  });

  it.each([
    ['ready', 'ready', 'ready'],
    ['ready', 'unhealthy', 'unhealthy'],
    ['drained', 'draining', 'draining'],
    ['drained', 'drained', 'drained'],
    ['drained', 'ready', 'ready'],
  ] as const)('behind two services, %s and %s, is %s', (a, b, expected) => {
    const merged = { State: expected, InFlight: 3 };
    expect(mergeStatus({ State: a, InFlight: 1 }, { State: b, InFlight: 2 })).toEqual(merged);
    expect(mergeStatus({ State: b, InFlight: 1 }, { State: a, InFlight: 2 })).toEqual(merged);
  });
});

describe('what else is in flight to an instance', () => {
  it.each([
    ['ready', 'unhealthy', 'ready'],
    ['ready', 'draining', 'ready'],
    ['unhealthy', 'ready', 'unhealthy'],
    ['draining', 'drained', 'draining'],
    ['drained', 'draining', 'draining'],
    ['drained', 'ready', 'draining'],
    ['drained', 'drained', 'drained'],
  ] as const)('beside %s: %s makes it %s', (own, aside, expected) => {
    const all = { State: expected, InFlight: 3 };
    expect(addAside({ State: own, InFlight: 1 }, { State: aside, InFlight: 2 })).toEqual(all);
  });
});

describe('the figures of a backend', () => {
  it('go by pool and version, and name what reached no instance', () => {
    const figures = new BackendFigures('default/web/web');
    const counter = figures.counter('stable', 3);
    counter.requests = 5;
    counter.errors = 1;
    counter.bytesIn = 70;
    counter.bytesOut = 800;
    for (const ms of [1, 1, 4]) countLatency(counter, ms);
    figures.unserved = 2;
    const all = { Backend: 'default/web/web' };
    const took = { BytesIn: 70, BytesOut: 800, Latency: [2, 0, 0, 1], LatencySumMs: 6 };
    expect(figures.snapshot(new Map([[counter, 4]]))).toEqual([
      { ...all, Pool: 'stable', Version: 3, Requests: 5, Errors: 1, InFlight: 4, ...took },
      { ...all, Pool: 'none', Version: 0, Requests: 2, Errors: 2, InFlight: 0 },
    ]);
  });

  it('remember twenty versions, and the one in use whatever its age', () => {
    const figures = new BackendFigures('default/web/web');
    for (let version = 0; version < 30; version++) {
      figures.counter('stable', version);
      figures.counter('stable', 0);
    }
    const versions = figures.snapshot(new Map()).map(({ Version }) => Version);
    expect(versions).toHaveLength(20);
    expect(versions).toContain(0);
    expect(versions).toContain(29);
  });
});
