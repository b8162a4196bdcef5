/** `/metrics`: the figures of this ingress in Prometheus's text, by the names that the agent's own metrics have for them. */
import type { IngressFigure, IngressReport } from '../../model/ingress.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly countOf: (figure: IngressFigure) => number;
}

const METRICS: readonly Metric[] = [
  {
    name: 'serin_ingress_requests_total',
    help: 'Requests by backend, pool and version.',
    type: 'counter',
    countOf: ({ Requests }) => Requests,
  },
  {
    name: 'serin_ingress_errors_total',
    help: 'Answers of 500 and above and cut requests, by backend, pool and version.',
    type: 'counter',
    countOf: ({ Errors }) => Errors,
  },
  {
    name: 'serin_ingress_in_flight',
    help: 'Requests in flight by backend, pool and version.',
    type: 'gauge',
    countOf: ({ InFlight }) => InFlight,
  },
];

export const figuresText = (report: IngressReport): string =>
  METRICS.map((metric) => `${headOf(metric)}${samplesOf(metric, report)}`).join('');

const headOf = ({ name, help, type }: Metric): string => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;

function samplesOf({ name, countOf }: Metric, { Name, Figures = [] }: IngressReport): string {
  const lines = Figures.map((figure) => {
    const labels = { ingress: Name, backend: figure.Backend, pool: figure.Pool, version: String(figure.Version) };
    const words = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
    return `${name}{${words.join(',')}} ${countOf(figure)}\n`;
  });
  return lines.join('');
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
