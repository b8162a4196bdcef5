import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../lib/log.ts';
import { seed, type TestApi, testApi, UNKNOWN_ID } from './fixture.ts';

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
});
afterEach(() => api.app.close());

const UNKNOWN_READS: readonly (readonly [path: string, status: number, body: string])[] = [
  ['/v1/job/nosuch', 404, 'job not found'],
  ['/v1/job/nosuch/versions', 404, 'job versions not found'],
  ['/v1/job/nosuch/deployments', 200, '[]'],
  ['/v1/job/nosuch/deployment', 200, 'null'],
  ['/v1/job/nosuch/summary', 404, 'job not found'],
  ['/v1/job/nosuch/allocations', 200, '[]'],
  ['/v1/job/nosuch/evaluations', 200, '[]'],
  [`/v1/deployment/${UNKNOWN_ID}`, 404, 'deployment not found'],
  [`/v1/deployment/allocations/${UNKNOWN_ID}`, 200, '[]'],
  [`/v1/allocation/${UNKNOWN_ID}`, 404, 'alloc not found'],
  [`/v1/evaluation/${UNKNOWN_ID}`, 404, 'eval not found'],
  [`/v1/node/${UNKNOWN_ID}`, 404, 'node not found'],
  ['/v1/jobs', 200, '[]'],
  ['/v1/deployments', 200, '[]'],
  ['/v1/evaluations', 200, '[]'],
  ['/v1/allocations', 200, '[]'],
  ['/v1/jobs?prefix=w', 200, '[]'],
];

describe('reads of what does not exist answer as the wire does', () => {
  it.each(UNKNOWN_READS)('%s: %i', async (path, status, body) => {
    const reply = await api.get(path);
    expect([reply.status, reply.body]).toEqual([status, body]);
    expect(reply.headers).toMatchObject({
      'content-type': status === 200 ? 'application/json' : 'text/plain; charset=utf-8',
      'content-length': String(body.length),
      vary: 'Accept-Encoding',
      'x-nomad-index': '0',
      'x-nomad-knownleader': 'true',
      'x-nomad-lastcontact': '0',
    });
  });
});

const REFUSED_READS: readonly (readonly [path: string, status: number, body: string])[] = [
  ['/v1', 404, ''],
  ['/v1/nosuch', 404, ''],
  ['/nosuch', 404, ''],
  ['/v1/deployment/xyz', 500, 'deployment lookup failed: index error: UUID must be 36 characters'],
  ['/v1/deployment/34b790f1', 500, 'deployment lookup failed: index error: UUID must be 36 characters'],
  ['/v1/allocation/xyz', 500, 'alloc lookup failed: index error: UUID must be 36 characters'],
  ['/v1/evaluation/xyz', 500, 'eval lookup failed: index error: UUID must be 36 characters'],
  ['/v1/node/xyz', 500, 'node lookup failed: index error: UUID must be 36 characters'],
  ['/v1/deployments?prefix=zz', 500, "index error: Invalid UUID: encoding/hex: invalid byte: U+007A 'z'"],
  ['/v1/jobs?index=-1', 400, 'Invalid index'],
  ['/v1/jobs?index=1&wait=soon', 400, 'Invalid wait time'],
  ['/v1/jobs?pretty=perhaps', 400, 'Failed to parse value of "pretty" (perhaps) as a bool'],
];

describe('what cannot be read is refused without an index', () => {
  it.each(REFUSED_READS)('%s: %i', async (path, status, body) => {
    const reply = await api.get(path);
    expect([reply.status, reply.body]).toEqual([status, body]);
    expect(reply.headers).not.toHaveProperty('x-nomad-index');
  });
});

describe('every path', () => {
  it.each(['DELETE', 'PATCH', 'OPTIONS'])('answers 405 to a method that it does not know: %s', async (method) => {
    const reply = await api.app.inject({ method: method as 'PATCH', url: '/v1/jobs', payload: '{}' });
    expect([reply.statusCode, reply.body]).toEqual([405, 'Invalid method']);
  });

  it('takes POST for PUT', async () => {
    const reply = await api.app.inject({ method: 'POST', url: '/v1/system/gc' });
    expect([reply.statusCode, reply.body, api.asked]).toEqual([200, '', [['collectGarbage']]]);
  });

  it('answers 404 with nothing where there is none, whatever the method', async () => {
    const reply = await api.app.inject({ method: 'POST', url: '/v1/nosuch', payload: '{}' });
    expect([reply.statusCode, reply.body]).toEqual([404, '']);
  });

  it('answers 400 to a URL that is not well formed', async () => {
    const reply = await api.get('/v1/job/%zz');
    expect(reply.status).toBe(400);
    expect(reply.body).toContain('percent-encoding');
  });
});

describe('bodies', () => {
  it('are JSON whatever their Content-Type says', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await api.put('/v1/search', { Prefix: 'w', Context: 'jobs' }, headers);
    expect(reply.status).toBe(200);
  });

  it('that are not JSON are refused with 400 and one sentence', async () => {
    const reply = await api.put('/v1/jobs', '{"Job":');
    expect(reply.status).toBe(400);
    expect(reply.body).toMatch(/^The request body is not JSON: .*$/);
  });

  it('that are no object are refused with 400', async () => {
    expect((await api.put('/v1/jobs', '[1]')).status).toBe(400);
  });

  it('that are too large are refused with 413', async () => {
    const small = await testApi({ bodyLimitBytes: 100 });
    const reply = await small.put('/v1/jobs', 'x'.repeat(101));
    await small.app.close();
    expect([reply.status, reply.headers['content-type']]).toEqual([413, 'text/plain; charset=utf-8']);
  });
});

describe('an error that nobody foresaw', () => {
  it('is 500 with a sentence and no stack, and the log has it', async () => {
    const logged: object[] = [];
    const broken = await testApi({
      planIngressTable: () => {
        throw new TypeError('x is not a function');
      },
      log: { ...silentLog, error: (fields) => void logged.push(fields) },
    });
    const reply = await broken.get('/v1/ingress/table');
    await broken.app.close();
    expect([reply.status, reply.body]).toEqual([500, "internal error: x is not a function; see the agent's log"]);
    expect(logged).toMatchObject([{ method: 'GET', url: '/v1/ingress/table' }]);
  });
});

describe('answers', () => {
  it('are indented where pretty is asked for', async () => {
    expect((await api.get('/v1/regions?pretty')).body).toBe('[\n    "global"\n]');
  });

  it('are compressed for those who take gzip, when they are long enough', async () => {
    await seed(api.state);
    const reply = await api.get('/v1/job/web', { 'accept-encoding': 'gzip' });
    expect(reply.headers['content-encoding']).toBe('gzip');
    expect((await api.get('/v1/regions', { 'accept-encoding': 'gzip' })).headers).not.toHaveProperty(
      'content-encoding',
    );
  });
});

describe('a page from elsewhere', () => {
  it('is refused by its Origin before anything happens', async () => {
    const reply = await api.put('/v1/system/gc', {}, { origin: 'https://evil.example' });
    expect([reply.status, api.asked]).toEqual([403, []]);
    expect(reply.body).toContain('https://evil.example');
  });

  it('is refused by its Host, even where there is nothing', async () => {
    expect((await api.get('/v1/nosuch', { host: 'rebound.example:4646' })).status).toBe(403);
  });

  it('is no hindrance to our own page', async () => {
    const headers = { host: '127.0.0.1:4646', origin: 'http://127.0.0.1:4646', 'sec-fetch-site': 'same-origin' };
    expect((await api.put('/v1/system/gc', {}, headers)).status).toBe(200);
  });
});

describe('with tokens', () => {
  it('nobody without one gets in, save to ask for health', async () => {
    const guarded = await testApi({ tokens: { management: 'm-secret', agent: 'a-secret' } });
    const bearer = { authorization: 'Bearer m-secret' };
    expect((await guarded.get('/v1/jobs')).status).toBe(403);
    expect((await guarded.get('/v1/agent/health')).status).toBe(200);
    expect((await guarded.get('/v1/jobs', { 'x-nomad-token': 'm-secret' })).status).toBe(200);
    expect((await guarded.get('/v1/jobs', bearer)).status).toBe(200);
    expect((await guarded.get('/v1/jobs', { 'x-nomad-token': 'a-secret' })).status).toBe(403);
    expect((await guarded.get('/v1/status/leader', { 'x-nomad-token': 'a-secret' })).status).toBe(200);
    await guarded.app.close();
  });
});
