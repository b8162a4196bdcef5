import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { SerinError } from '../lib/errors.ts';
import { silentLog } from '../lib/log.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import { json } from './answer.ts';
import { fakeNode, goldenAlloc, TEST_AGENT, UNKNOWN_ID } from './fixture.ts';
import type { Forward } from './forward.ts';
import { bindRoutes } from './http-server.ts';
import { nodeOnlyRoutes } from './node-only-routes.ts';

const HERE = goldenAlloc().ID;
const asked: string[] = [];
afterEach(() => {
  asked.length = 0;
});

function nodeApi(servers: readonly string[], isDown: (address: string) => boolean = () => false) {
  const forward: Forward = async (elsewhere, call) => {
    asked.push(`${call.method} ${elsewhere.TLSEnabled ? 'https' : 'http'}://${elsewhere.HTTPAddr}${call.url}`);
    if (isDown(elsewhere.HTTPAddr)) throw new SerinError('unavailable', 'nobody there');
    return json({ from: elsewhere.HTTPAddr, body: call.body.toString() });
  };
  const deps = {
    agent: TEST_AGENT,
    metrics: new Registry(),
    hosts: { allowedHosts: [], allowedOrigins: [] },
    clock: new VirtualClock(),
    log: silentLog,
    forward,
    forwardSocket: async () => {},
    node: { ...fakeNode([], ['hello']), has: (allocId: string) => allocId === HERE },
  };
  return bindRoutes(deps, nodeOnlyRoutes(deps, servers));
}

describe('an agent without a server', () => {
  it('answers for itself and for what its node runs', async () => {
    const app = nodeApi(['s1:4646']);
    expect((await app.inject('/v1/agent/health')).statusCode).toBe(200);
    expect((await app.inject(`/v1/client/allocation/${HERE}/stats`)).json()).toEqual({ Tasks: {} });
    const logs = await app.inject(`/v1/client/fs/logs/${HERE}?task=server&type=stdout&plain`);
    expect([logs.body, asked]).toEqual(['hello', []]);
  });

  it('hands on what it does not know itself, bodies included', async () => {
    const app = nodeApi(['https://s1:4646']);
    await app.inject(`/v1/client/allocation/${UNKNOWN_ID}/stats`);
    await app.inject('/v1/jobs?prefix=w');
    const reply = await app.inject({ method: 'PUT', url: '/v1/jobs', payload: '{"Job":{}}' });
    expect(reply.json()).toEqual({ from: 's1:4646', body: '{"Job":{}}' });
    expect(asked).toEqual([
      `GET https://s1:4646/v1/client/allocation/${UNKNOWN_ID}/stats`,
      'GET https://s1:4646/v1/jobs?prefix=w',
      'PUT https://s1:4646/v1/jobs',
    ]);
  });

  it('asks the next server where a read fails, and never does a write twice', async () => {
    const app = nodeApi(['s1:4646', 's2:4646'], (address) => address === 's1:4646');
    expect((await app.inject('/v1/jobs')).json()).toMatchObject({ from: 's2:4646' });
    expect((await app.inject({ method: 'PUT', url: '/v1/jobs', payload: '{}' })).statusCode).toBe(503);
  });

  it('that knows no server says what to do', async () => {
    const reply = await nodeApi([]).inject('/v1/jobs');
    expect(reply.statusCode).toBe(503);
    expect(reply.body).toContain('client { servers }');
  });

  it('lets nobody in by a foreign Host, whatever it would hand on', async () => {
    const reply = await nodeApi(['s1:4646']).inject({ url: '/v1/jobs', headers: { host: 'evil.example' } });
    expect([reply.statusCode, asked]).toEqual([403, []]);
  });
});
