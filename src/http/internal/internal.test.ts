import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../lib/virtual-clock.ts';
import type { RoutingTable } from '../../model/ingress.ts';
import type { Assignment } from '../../server/node-assignment.ts';
import { goldenAlloc, goldenJob, goldenNode, seed, type TestApi, testApi } from '../fixture.ts';

let api: TestApi;
let frontends: RoutingTable['Frontends'];
beforeEach(async () => {
  frontends = [];
  api = await testApi({ planIngressTable: (tx) => ({ Index: tx.index, Frontends: frontends }) });
  await seed(api.state);
});
afterEach(() => api.app.close());

async function idle(): Promise<void> {
  for (let i = 0; i < 20; i++) await settle();
}

describe('a node agent', () => {
  it('registers, beats and reports', async () => {
    const node = goldenNode();
    expect((await api.put('/v1/internal/node/register', node)).json()).toEqual({ HeartbeatTTLMs: 10_000, Index: 29 });
    expect((await api.put(`/v1/internal/node/heartbeat/${node.ID}`)).json()).toEqual({
      HeartbeatTTLMs: 10_000,
      Known: true,
    });
    const updates = [{ ID: goldenAlloc().ID, ClientStatus: 'running', ClientDescription: '', TaskStates: null }];
    expect((await api.put(`/v1/internal/node/${node.ID}/allocations-update`, { Allocs: updates })).json()).toEqual({
      Index: 29,
    });
    expect(api.asked).toEqual([
      ['registerNode', node],
      ['heartbeat', node.ID],
      ['updateAllocs', node.ID, updates],
    ]);
  });

  it('is told its allocations with their job versions', async () => {
    const reply = await api.get(`/v1/internal/node/${goldenNode().ID}/allocations`);
    const { Index, Allocs, Jobs } = reply.json<Assignment>();
    expect([Index, Allocs.map((alloc) => alloc.ID), Jobs.map((job) => job.Version)]).toEqual([
      4,
      [goldenAlloc().ID],
      [goldenJob().Version],
    ]);
  });

  it('is not woken by its own report, but by what the server wants', async () => {
    const url = `/v1/internal/node/${goldenNode().ID}/allocations`;
    let answered = false;
    const waiting = api.get(`${url}?index=4`).then((reply) => {
      answered = true;
      return reply;
    });
    const row = api.state.view((tx) => tx.alloc(goldenAlloc().ID)) ?? goldenAlloc();
    await api.state.update((tx) => tx.putAlloc({ ...row, ClientDescription: 'as the node says' }));
    await idle();
    expect(answered).toBe(false);
    await api.state.update((tx) => tx.putAlloc({ ...row, DesiredStatus: 'stop' }, { serverSide: true }));
    expect((await waiting).json<Assignment>()).toMatchObject({ Index: 6, Allocs: [{ DesiredStatus: 'stop' }] });
  });

  it('that has nothing to run waits for the first instance', async () => {
    const reply = await api.get('/v1/internal/node/11111111-0000-0000-0000-000000000000/allocations');
    expect(reply.json()).toEqual({ Index: 1, Allocs: [], Jobs: [] });
  });
});

describe('an ingress', () => {
  it('is not told a table that did not change', async () => {
    const first = (await api.get('/v1/ingress/table')).json<RoutingTable>();
    let answered = false;
    const waiting = api.get(`/v1/ingress/table?index=${first.Index}`).then((reply) => {
      answered = true;
      return reply;
    });
    await api.state.update((tx) => tx.touchJob({ ...goldenJob(), Status: 'dead' }));
    await idle();
    expect(answered).toBe(false);
    frontends = [{ Listen: 8080, Mode: 'http', Routes: [] }];
    await api.state.update((tx) => tx.touchJob({ ...goldenJob(), Status: 'running' }));
    const next = (await waiting).json<RoutingTable>();
    expect(next.Frontends).toEqual(frontends);
    expect(next.Index).toBeGreaterThan(first.Index);
  });

  it('reports and leaves', async () => {
    const report = { ID: 'i-1', Name: 'edge', DataPlane: 'embedded', AppliedIndex: 3, Servers: {} };
    expect((await api.put('/v1/ingress/report', report)).status).toBe(200);
    expect((await api.put('/v1/ingress/report', { Name: 'edge' })).status).toBe(400);
    expect((await api.del('/v1/ingress/i-1')).status).toBe(200);
    expect(api.asked).toEqual([
      ['reportIngress', report],
      ['removeIngress', 'i-1'],
    ]);
  });
});
