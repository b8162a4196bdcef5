/** Requests per second, errors and latency of each version over the last minutes. The table beside them says the same. */
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { tokenColour } from '../kit/token-colours.ts';
import type { Beat, VersionBeat } from '../live/beats.ts';

export interface ChartsProps {
  readonly beats: readonly Beat[];
  readonly newest: number;
}

interface Measure {
  readonly title: string;
  readonly unit: string;
  readonly of: (beat: VersionBeat) => number | undefined;
}

const MEASURES: readonly Measure[] = [
  { title: 'Requests', unit: '/s', of: ({ requestsPerSecond }) => requestsPerSecond },
  { title: 'Errors', unit: '%', of: ({ errorShare }) => (errorShare === undefined ? undefined : errorShare * 100) },
  { title: 'Latency, p95', unit: ' ms', of: ({ p95Ms }) => p95Ms },
];

export const Charts = ({ beats, newest }: ChartsProps) => (
  <div className="charts">
    {MEASURES.map((measure) => (
      <figure key={measure.title}>
        <figcaption>
          {measure.title}, {measure.unit.trim()}
        </figcaption>
        <Chart beats={beats} newest={newest} measure={measure} />
      </figure>
    ))}
  </div>
);

const HEIGHT_PX = 130;

/** In the reader's zone. */
const CLOCK = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

function Chart({ beats, newest, measure }: ChartsProps & { readonly measure: Measure }) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const versions = versionsOf(beats).join(' ');
  // One plot for as long as the same versions are on it.
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const drawn = new uPlot(optionsOf(element, versions.split(' ').map(Number), newest, measure), [[]], element);
    plot.current = drawn;
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      drawn.destroy();
    };
  }, [versions, newest, measure]);
  useEffect(() => plot.current?.setData(dataOf(beats, measure)), [beats, measure]);
  return <div ref={frame} aria-hidden="true" />;
}

const versionsOf = (beats: readonly Beat[]): number[] =>
  [...new Set(beats.flatMap(({ versions }) => [...versions.keys()]))].sort((a, b) => b - a);

function dataOf(beats: readonly Beat[], { of }: Measure): uPlot.AlignedData {
  const lines = versionsOf(beats).map((version) =>
    beats.map(({ versions }) => {
      const beat = versions.get(version);
      return (beat && of(beat)) ?? null;
    }),
  );
  return [beats.map(({ atMs }) => atMs / 1000), ...lines];
}

function optionsOf(element: HTMLElement, versions: number[], newest: number, { unit }: Measure): uPlot.Options {
  const [ink, line] = [tokenColour(element, '--ink-soft'), tokenColour(element, '--line')];
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '11px system-ui' };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(max ?? 0, 1) * 1.1] } },
    axes: [
      { ...axis, space: 80, values: (_plot, seconds) => seconds.map((at) => CLOCK.format(at * 1000)) },
      { ...axis, size: 52, values: (_plot, values) => values.map((value) => `${value}${unit}`) },
    ],
    series: [
      {},
      ...versions.map((version) => ({
        label: `version ${version}`,
        stroke: tokenColour(element, version === newest ? '--version-new' : '--version-old'),
        width: 2,
        dash: version === newest ? [] : [5, 4],
        points: { show: false },
      })),
    ],
  };
}
