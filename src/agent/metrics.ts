/** What /v1/metrics tells of an agent, besides what Node.js tells of itself. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { IngressFigure } from '../model/ingress.ts';
import { LATENCY_BOUNDS_MS } from '../model/latency.ts';
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
  serin_ingress_received_bytes_total: 'Bytes of requests, by backend, pool and version.',
  serin_ingress_sent_bytes_total: 'Bytes of answers, by backend, pool and version.',
  serin_ingress_answer_seconds_bucket: 'Answers whose first byte came at most "le" seconds after the whole request.',
  serin_ingress_answer_seconds_sum: 'Seconds from the whole request to the first byte of its answer, all together.',
  serin_ingress_answer_seconds_count: 'How many answers these are.',
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
  serin_ingress_received_bytes_total: ['ingress', 'backend', 'pool', 'version'],
  serin_ingress_sent_bytes_total: ['ingress', 'backend', 'pool', 'version'],
  serin_ingress_answer_seconds_bucket: ['ingress', 'backend', 'pool', 'version', 'le'],
  serin_ingress_answer_seconds_sum: ['ingress', 'backend', 'pool', 'version'],
  serin_ingress_answer_seconds_count: ['ingress', 'backend', 'pool', 'version'],
};

const SAMPLES: Readonly<Record<keyof typeof METRICS, (server: Server) => Iterable<Sample>>> = {
  serin_state_index: ({ state }) => [[{}, state.index]],
  serin_jobs: ({ state }) => state.view((tx) => byStatus([...tx.jobs()].map((job) => job.Status))),
  serin_allocations: ({ state }) => state.view((tx) => byStatus([...tx.allocs()].map((alloc) => alloc.ClientStatus))),
  serin_nodes: ({ state }) => state.view((tx) => byStatus(tx.nodes().map((node) => node.Status))),
  serin_deployments: ({ state }) =>
    state.view((tx) => byStatus([...tx.deployments()].map((deployment) => deployment.Status))),
  serin_evaluations_waiting: ({ broker }) => Object.entries(broker.stats()).map(([where, count]) => [{ where }, count]),
  serin_ingress_requests_total: (server) => figures(server, ({ Requests }) => Requests),
  serin_ingress_errors_total: (server) => figures(server, ({ Errors }) => Errors),
  serin_ingress_in_flight: (server) => figures(server, ({ InFlight }) => InFlight),
  serin_ingress_received_bytes_total: (server) => figures(server, ({ BytesIn }) => BytesIn),
  serin_ingress_sent_bytes_total: (server) => figures(server, ({ BytesOut }) => BytesOut),
  serin_ingress_answer_seconds_bucket: (server) => labelled(server).flatMap(buckets),
  serin_ingress_answer_seconds_sum: (server) => figures(server, ({ LatencySumMs: ms }) => ms && ms / 1000),
  serin_ingress_answer_seconds_count: (server) => figures(server, ({ Latency }) => Latency && sumOf(Latency)),
};

function byStatus(statuses: readonly string[]): Sample[] {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => [{ status }, count]);
}

type Labelled = readonly [labels: Record<string, string>, figure: IngressFigure];

/** What a data plane does not count has no sample. */
function figures(server: Server, pick: (figure: IngressFigure) => number | undefined): Sample[] {
  return labelled(server).flatMap(([labels, figure]): Sample[] => {
    const value = pick(figure);
    return value === undefined ? [] : [[labels, value]];
  });
}

function labelled({ traffic }: Server): Labelled[] {
  return traffic
    .reports()
    .flatMap(({ report }) =>
      (report.Figures ?? []).map(
        (figure): Labelled => [
          { ingress: report.Name, backend: figure.Backend, pool: figure.Pool, version: String(figure.Version) },
          figure,
        ],
      ),
    );
}

/** As Prometheus has them: each holds those before it, and the last one all. */
export function buckets([labels, { Latency }]: Labelled): Sample[] {
  if (Latency === undefined) return [];
  const bounds = [...LATENCY_BOUNDS_MS.map((ms) => String(ms / 1000)), '+Inf'];
  let sum = 0;
  return bounds.map((le, at): Sample => {
    sum += Latency[at] ?? 0;
    return [{ ...labels, le }, sum];
  });
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
