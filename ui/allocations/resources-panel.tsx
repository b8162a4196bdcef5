/** What each task uses of what was asked for it. A node pushes no figures: asked every 2 s while it is on screen. */
import { useEffect, useState } from 'react';
import type { AllocView } from '../../src/api/views.ts';
import { client } from '../client/client.ts';
import { Panel } from '../kit/panel.tsx';
import { type Sample, samplesAfter } from './samples.ts';
import { isRunning, type TaskFacts, tasksOf, type Usage } from './task-facts.ts';
import { UsageChart } from './usage-chart.tsx';
import { useAskedEvery } from './use-asked-every.ts';

const EVERY_MS = 2_000;

export function ResourcesPanel({ alloc }: { readonly alloc: AllocView }) {
  const tasks = tasksOf(alloc).filter(isRunning);
  const samples = useSamples(tasks.length > 0 ? alloc.ID : undefined);
  return (
    <Panel title="Resources">
      {tasks.length === 0 ? (
        <p className="soft">None of its tasks runs: there is nothing to measure.</p>
      ) : (
        <div className="stack">
          {tasks.map((task) => (
            <TaskUsage key={task.name} task={task} samples={samples} />
          ))}
        </div>
      )}
    </Panel>
  );
}

function useSamples(allocId: string | undefined): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const stats = useAskedEvery(EVERY_MS, allocId, async () => (await client.allocations.stats(allocId ?? '')).data);
  useEffect(() => {
    if (stats === undefined) setSamples([]);
    else setSamples((before) => samplesAfter(before, Date.now(), stats));
  }, [stats]);
  return samples;
}

interface Measure {
  readonly title: string;
  readonly unit: string;
  readonly of: (usage: Usage) => number | undefined;
}

const MEASURES: readonly Measure[] = [
  { title: 'CPU', unit: 'MHz', of: ({ cpuMHz }) => cpuMHz },
  { title: 'Memory', unit: 'MB', of: ({ memoryMB }) => memoryMB },
];

const TaskUsage = ({ task, samples }: { readonly task: TaskFacts; readonly samples: readonly Sample[] }) => (
  <div>
    <h3>{task.name}</h3>
    <div className="alloc-usage">
      {MEASURES.map((measure) => (
        <MeasureFigure key={measure.title} task={task} measure={measure} samples={samples} />
      ))}
    </div>
  </div>
);

interface MeasureFigureProps {
  readonly task: TaskFacts;
  readonly measure: Measure;
  readonly samples: readonly Sample[];
}

function MeasureFigure({ task, measure: { title, unit, of }, samples }: MeasureFigureProps) {
  const asked = of(task.asked);
  const points = samples.map(({ atMs, tasks }) => {
    const usage = tasks[task.name];
    return { atMs, value: usage && of(usage) };
  });
  const now = points.findLast(({ value }) => value !== undefined)?.value;
  return (
    <figure>
      <figcaption>
        {title}{' '}
        <span className="soft">
          {now === undefined ? 'not measured yet' : Math.round(now)}
          {asked ? ` of ${asked} ${unit} asked for` : ` ${unit}`}
        </span>
      </figcaption>
      <UsageChart points={points} asked={asked} unit={unit} />
    </figure>
  );
}
