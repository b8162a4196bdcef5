import { describe, expect, it } from 'vitest';
import type { BackendPulse } from '../../src/model/ingress-pulse.ts';
import type { FrontendStanding, PoolStanding, ServerStanding } from '../../src/model/ingress-status.ts';
import { rateOf, ratesAfter } from './service-rates.ts';
import {
  drainWords,
  jobOf,
  overrideWords,
  readyWords,
  serviceOf,
  wayUrl,
  wayWords,
  weightWords,
} from './service-words.ts';

const way = (fields: Partial<FrontendStanding> = {}): FrontendStanding => ({
  Listen: 8080,
  Mode: 'http',
  Host: '',
  Path: '/',
  Backend: 'default/shop/api/web',
  ...fields,
});

const server = (AllocID: string, fields: Partial<ServerStanding> = {}): ServerStanding => ({
  AllocID,
  Address: '127.0.0.1',
  Port: 1,
  Version: 0,
  State: 'ready',
  Weight: 100,
  InFlight: 0,
  ...fields,
});

const pool = (...Servers: ServerStanding[]): PoolStanding =>
  ({ Name: 'stable', Weight: 100, Requests: 0, Errors: 0, InFlight: 0, Versions: [], Servers }) as PoolStanding;

describe('a way in', () => {
  it.each([
    [way(), 'http :8080 any host', 'http://here:8080/'],
    [way({ TLS: true, Host: 'a.example', Path: '/api' }), 'https :8080 a.example/api', 'https://a.example:8080/api'],
    [way({ Mode: 'tcp', TLS: true }), 'tls :8080', undefined],
    [way({ Host: '*.example' }), 'http :8080 *.example', undefined],
  ])('%# is said in words, with its address where a browser can go there', (frontend, words, url) => {
    expect([wayWords(frontend), wayUrl(frontend, 'here')]).toEqual([words, url]);
  });

  it('leads to a service of a job, whose name may have slashes', () => {
    expect([serviceOf('default/shop/api/web'), jobOf('default/shop/api/web')]).toEqual(['web', 'shop/api']);
  });
});

describe('an action by hand says before', () => {
  it('who takes the part of a drained instance, and what is in flight', () => {
    const words = drainWords(server('a', { InFlight: 3 }), pool(server('a'), server('b'), server('c'))).join(' ');
    expect(words).toContain('3 requests in flight end in their own time');
    expect(words).toContain('2 other instances of the pool take its part');
  });

  it('that the last one is the last one', () => {
    const words = drainWords(server('a'), pool(server('a'), server('b', { State: 'unhealthy' }))).join(' ');
    expect(words).toContain('the last one of its pool');
  });

  it('how much of the pool a weight is', () => {
    expect(weightWords(server('a'), pool(server('a'), server('b')), 50)[0]).toContain('about 33% of its pool');
    expect(weightWords(server('a'), pool(server('a'), server('b')), 0)[0]).toBe('It gets nothing new.');
  });

  it('what was set and will be forgotten', () => {
    const changed = server('a', { Override: { Drained: true, Weight: 20 } });
    expect(overrideWords(changed)).toBe('drained, weight 20%');
    expect(readyWords(changed)[0]).toContain('(drained, weight 20%)');
  });
});

it('the rate of a service is the difference of its last two counts, each service by itself', () => {
  const pulse = (ID: string, Requests: number, Errors: number): BackendPulse =>
    ({
      ID,
      Unserved: 0,
      Pools: [
        {
          Name: 'stable',
          Weight: 100,
          Versions: [{ Version: 1, Requests, Errors, InFlight: 0, BytesIn: 0, BytesOut: 0, Latency: [] }],
        },
      ],
    }) as BackendPulse;
  const first = ratesAfter(new Map(), 1000, [pulse('a', 0, 0), pulse('b', 10, 0)]);
  const rates = ratesAfter(first, 2000, [pulse('a', 100, 10), pulse('b', 10, 0)]);
  expect(rateOf(rates.get('a'))).toEqual({ requestsPerSecond: 100, errorShare: 0.1 });
  expect(rateOf(rates.get('b'))).toEqual({ requestsPerSecond: 0, errorShare: undefined });
  expect(rateOf(undefined)).toEqual({ requestsPerSecond: 0, errorShare: undefined });
});
