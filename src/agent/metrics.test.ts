import { expect, it } from 'vitest';
import type { Server } from '../server/server.ts';
import { createMetrics } from './metrics.ts';

/** What the gauges of ingresses ask of a server. */
function serverWith(Figures: object[]): Server {
  const view = () => [];
  const reports = () => [{ report: { Name: 'edge', Figures }, leaseUntilMs: 0 }];
  return { traffic: { reports }, state: { index: 1, view }, broker: { stats: () => ({}) } } as unknown as Server;
}

it('tells requests, bytes and the times of answers by ingress, backend, pool and version', async () => {
  const figure = { Backend: 'default/web/web', Pool: 'canary', Version: 4, Requests: 6, Errors: 1, InFlight: 2 };
  const times = { BytesIn: 70, BytesOut: 800, Latency: [3, 0, 2], LatencySumMs: 9 };
  const untimed = { ...figure, Pool: 'stable' };
  const text = await createMetrics(serverWith([{ ...figure, ...times }, untimed])).metrics();
  const labels = 'ingress="edge",backend="default/web/web",pool="canary",version="4"';
  for (const [name, value] of [
    ['requests_total', 6],
    ['errors_total', 1],
    ['in_flight', 2],
    ['received_bytes_total', 70],
    ['sent_bytes_total', 800],
    ['answer_seconds_sum', 0.009],
    ['answer_seconds_count', 5],
  ]) {
    expect(text).toContain(`serin_ingress_${name}{${labels}} ${value}\n`);
  }
  const bucket = (le: string) => `serin_ingress_answer_seconds_bucket{${labels},le="${le}"}`;
  for (const [le, count] of [
    ['0.001', 3],
    ['0.002', 3],
    ['0.003', 5],
    ['60', 5],
    ['+Inf', 5],
  ] as const) {
    expect(text).toContain(`${bucket(le)} ${count}\n`);
  }
  expect(text).toContain('serin_ingress_requests_total{ingress="edge",backend="default/web/web",pool="stable"');
  expect(text).not.toMatch(/answer_seconds_\w+{[^}]*pool="stable"/);
});
