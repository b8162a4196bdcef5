/** What a task uses, in full (`alloc status -stats`): the figures that its node says it measures. */
import type { ResourceUsage } from '../../api/views.ts';
import type { Style } from './style.ts';
import { formatList } from './table.ts';
import { formatBytes } from './words.ts';

interface Figure {
  readonly title: string;
  /** The value's name on the wire. */
  readonly field: string;
  readonly text: (value: number) => string;
}

const MEMORY: readonly Figure[] = [
  { title: 'RSS', field: 'RSS', text: formatBytes },
  { title: 'Cache', field: 'Cache', text: formatBytes },
  { title: 'Swap', field: 'Swap', text: formatBytes },
  { title: 'Usage', field: 'Usage', text: formatBytes },
  { title: 'Max Usage', field: 'MaxUsage', text: formatBytes },
  { title: 'Kernel Usage', field: 'KernelUsage', text: formatBytes },
  { title: 'Kernel Max Usage', field: 'KernelMaxUsage', text: formatBytes },
];

const percent = (value: number): string => `${value.toFixed(2)}%`;

const CPU: readonly Figure[] = [
  { title: 'Percent', field: 'Percent', text: percent },
  { title: 'Total Ticks', field: 'TotalTicks', text: (value) => `${Math.round(value)} MHz` },
  { title: 'Throttled Periods', field: 'ThrottledPeriods', text: String },
  { title: 'Throttled Time', field: 'ThrottledTime', text: (value) => `${value / 1e6} ms` },
  { title: 'User Mode', field: 'UserMode', text: percent },
  { title: 'System Mode', field: 'SystemMode', text: percent },
];

/** "" for a task that nobody measures. */
export function formatTaskUsage(usage: ResourceUsage | null, style: Style): string {
  const parts = [
    titled('Memory Stats', tableOf(MEMORY, usage?.MemoryStats), style),
    titled('CPU Stats', tableOf(CPU, usage?.CpuStats), style),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

type Measured = { readonly Measured?: readonly string[] | null } & Readonly<Record<string, unknown>>;

function tableOf(figures: readonly Figure[], stats: object | null | undefined): string {
  const values = (stats ?? {}) as Measured;
  const shown = figures.filter(({ title }) => values.Measured?.includes(title));
  if (shown.length === 0) return '';
  return formatList([
    shown.map(({ title }) => title),
    shown.map(({ field, text }) => text(Number(values[field] ?? 0))),
  ]);
}

const titled = (title: string, body: string, style: Style): string =>
  body === '' ? '' : `${style.bold(title)}\n${body}`;
