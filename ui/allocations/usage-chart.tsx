/** A small line of what was used, and a dashed one of what was asked for. The words above it say the newest figure. */
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { tokenColour } from '../kit/token-colours.ts';

export interface UsageChartProps {
  /** Oldest first. */
  readonly points: readonly { readonly atMs: number; readonly value: number | undefined }[];
  readonly asked: number | undefined;
  readonly unit: string;
}

const HEIGHT_PX = 84;
const WINDOW_S = 5 * 60;

export function UsageChart({ points, asked, unit }: UsageChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const drawn = new uPlot(optionsOf(element, asked, unit), [[], [], []], element);
    plot.current = drawn;
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      drawn.destroy();
    };
  }, [asked, unit]);
  useEffect(() => {
    const times = points.map(({ atMs }) => atMs / 1000);
    plot.current?.setData([times, points.map(({ value }) => value ?? null), times.map(() => asked ?? null)]);
  }, [points, asked]);
  return <div ref={frame} className="alloc-usage-chart" aria-hidden="true" />;
}

function optionsOf(element: HTMLElement, asked: number | undefined, unit: string): uPlot.Options {
  const [ink, line] = [tokenColour(element, '--ink-soft'), tokenColour(element, '--line')];
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '10px system-ui' };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    padding: [6, 4, 0, 0],
    scales: {
      x: { range: (_plot, _min, max) => [(max ?? 0) - WINDOW_S, max ?? 0] },
      y: { range: (_plot, _min, max) => [0, Math.max(max ?? 0, asked ?? 0, 1) * 1.15] },
    },
    axes: [
      {
        ...axis,
        size: 18,
        space: 70,
        values: (plot, marks) => marks.map((at) => agoWord((plot.scales['x']?.max ?? at) - at)),
      },
      { ...axis, size: 44, space: 24, values: (_plot, marks) => marks.map((value) => `${value}`) },
    ],
    series: [
      {},
      {
        label: unit,
        stroke: tokenColour(element, '--busy'),
        fill: tokenColour(element, '--busy-ground'),
        width: 1.5,
        points: { show: false },
      },
      { label: 'asked', stroke: ink, width: 1, dash: [4, 4], points: { show: false } },
    ],
  };
}

const agoWord = (seconds: number): string => (seconds < 1 ? 'now' : `-${Math.round(seconds / 60)}m`);
