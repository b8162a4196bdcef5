/** What /v1/metrics tells of an agent, besides what Node.js tells of itself. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Server } from '../server/server.ts';

/** Every metric of ours; docs/metrics.md lists the same, and a test holds them together. */
export const METRICS = {
  serin_state_index: 'Index of the last transaction.',
  serin_jobs: 'Jobs by status.',
  serin_allocations: 'Allocations by client status.',
  serin_nodes: 'Nodes by status.',
  serin_deployments: 'Deployments by status.',
  serin_evaluations_waiting: 'Evaluations by where they wait in the broker: ready, waiting, busy.',
  serin_ingress_requests_total: 'Requests by backend, pool and version, as the ingresses report them.',
  serin_ingress_errors_total: 'Answers of 500 and above and cut requests, by backend, pool and version.',
  serin_ingress_in_flight: 'Requests in flight by backend, pool and version.',
} as const;

export function createMetrics(server: Server | undefined): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  if (server) for (const name of Object.keys(METRICS) as (keyof typeof METRICS)[]) addGauge(registry, name, server);
  return registry;
}

type Sample = readonly [labels: Record<string, string>, value: number];

function addGauge(registry: Registry, name: keyof typeof METRICS, server: Server): void {
  const read = SAMPLES[name];
  const labelNames = LABELS[name];
  const gauge: Gauge = new Gauge({
    name,
    help: METRICS[name],
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      gauge.reset();
      for (const [labels, value] of read(server)) gauge.inc(labels, value);
    },
  });
}

const LABELS: Readonly<Record<keyof typeof METRICS, readonly string[]>> = {
  serin_state_index: [],
  serin_jobs: ['status'],
  serin_allocations: ['status'],
  serin_nodes: ['status'],
  serin_deployments: ['status'],
  serin_evaluations_waiting: ['where'],
  serin_ingress_requests_total: ['ingress', 'backend', 'pool', 'version'],
  serin_ingress_errors_total: ['ingress', 'backend', 'pool', 'version'],
  serin_ingress_in_flight: ['ingress', 'backend', 'pool', 'version'],
};

const SAMPLES: Readonly<Record<keyof typeof METRICS, (server: Server) => Iterable<Sample>>> = {
  serin_state_index: ({ state }) => [[{}, state.index]],
  serin_jobs: ({ state }) => state.view((tx) => byStatus([...tx.jobs()].map((job) => job.Status))),
  serin_allocations: ({ state }) => state.view((tx) => byStatus([...tx.allocs()].map((alloc) => alloc.ClientStatus))),
  serin_nodes: ({ state }) => state.view((tx) => byStatus(tx.nodes().map((node) => node.Status))),
  serin_deployments: ({ state }) =>
    state.view((tx) => byStatus([...tx.deployments()].map((deployment) => deployment.Status))),
  serin_evaluations_waiting: ({ broker }) => Object.entries(broker.stats()).map(([where, count]) => [{ where }, count]),
  serin_ingress_requests_total: (server) => figures(server, 'Requests'),
  serin_ingress_errors_total: (server) => figures(server, 'Errors'),
  serin_ingress_in_flight: (server) => figures(server, 'InFlight'),
};

function byStatus(statuses: readonly string[]): Sample[] {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => [{ status }, count]);
}

function figures({ traffic }: Server, field: 'Requests' | 'Errors' | 'InFlight'): Sample[] {
  return traffic
    .reports()
    .flatMap(({ report }) =>
      (report.Figures ?? []).map(
        (figure): Sample => [
          { ingress: report.Name, backend: figure.Backend, pool: figure.Pool, version: String(figure.Version) },
          figure[field],
        ],
      ),
    );
}
