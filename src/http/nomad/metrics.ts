/** /v1/metrics: for Prometheus, or in the wire's JSON. */
import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import { type Answer, json, text } from '../answer.ts';
import type { HttpDeps } from '../deps.ts';
import type { Call, Route } from '../route.ts';

type MetricsDeps = Pick<HttpDeps, 'metrics' | 'clock'>;

export const metricsRoutes = (deps: MetricsDeps): readonly Route[] => [
  { path: '/v1/metrics', GET: (call) => metrics(deps, call) },
];

async function metrics({ metrics: registry, clock }: MetricsDeps, call: Call): Promise<Answer> {
  if (call.query.text('format') === 'prometheus') {
    return text(200, await registry.metrics(), { 'Content-Type': registry.contentType });
  }
  const all = await registry.getMetricsAsJSON();
  return json({
    Timestamp: `${new Date(clock.nowMs()).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
    Gauges: valuesOf(all, 'gauge').map(({ name, value, labels }) => ({ Name: name, Value: value, Labels: labels })),
    Points: [],
    Counters: valuesOf(all, 'counter').map(({ name, value, labels }) => ({
      Name: name,
      Count: value,
      Sum: value,
      Labels: labels,
    })),
    Samples: [],
  });
}

type Metric = MetricObjectWithValues<MetricValue<string>>;

function valuesOf(metrics: readonly Metric[], type: string) {
  // At run time prom-client says "gauge"; its types say a number.
  return metrics
    .filter((metric) => String(metric.type) === type)
    .flatMap((metric) => metric.values.map(({ value, labels }) => ({ name: metric.name, value, labels })));
}
