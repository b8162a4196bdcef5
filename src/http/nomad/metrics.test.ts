import { Counter, Gauge, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { testApi } from '../fixture.ts';

it('metrics come for Prometheus, and as the JSON of the wire', async () => {
  const metrics = new Registry();
  new Gauge({ name: 'serin_allocs', help: 'Allocations.', labelNames: ['status'], registers: [metrics] }).set(
    { status: 'running' },
    6,
  );
  new Counter({ name: 'serin_plans_total', help: 'Plans.', registers: [metrics] }).inc(3);
  const api = await testApi({ metrics });
  const text = await api.get('/v1/metrics?format=prometheus');
  expect(text.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text.body).toContain('serin_allocs{status="running"} 6');
  expect((await api.get('/v1/metrics')).json()).toMatchObject({
    Gauges: [{ Name: 'serin_allocs', Value: 6, Labels: { status: 'running' } }],
    Counters: [{ Name: 'serin_plans_total', Count: 3 }],
  });
  await api.app.close();
});
