/** Tasks started, stopped and forgotten, 200 times with each driver. */
import { readdirSync } from 'node:fs';
import type { DriverLab } from '../src/drivers/contract-kit.ts';
import { runCycle } from '../src/drivers/testing/cycle.ts';
import { startTestEngine, type TestEngine } from '../src/drivers/testing/docker-engine.ts';
import { makeDockerLab } from '../src/drivers/testing/docker-lab.ts';
import { eventually } from '../src/drivers/testing/eventually.ts';
import { startTestPodman } from '../src/drivers/testing/podman-engine.ts';
import { makeProgramLab } from '../src/drivers/testing/program-lab.ts';
import { percentile } from './percentile.ts';
import type { SoakContext, SoakProgress, SoakRun } from './run.ts';

const CYCLES = 200;
const BATCH = 20;
const KINDS = ['raw_exec', 'exec', 'docker', 'docker on Podman'] as const;
type Kind = (typeof KINDS)[number];
type Lab = DriverLab & Required<Pick<DriverLab, 'leftovers' | 'processesOf'>>;

interface DriverFigures {
  readonly startMs: readonly number[];
  readonly stopMs: readonly number[];
}

interface DriversProgress extends SoakProgress {
  readonly figures: Readonly<Record<string, DriverFigures>>;
}

export const driversRun: SoakRun<DriversProgress> = {
  name: 'drivers',
  title: `${CYCLES} lives of a task with each driver`,
  total: (CYCLES / BATCH) * KINDS.length,
  unit: `batches of ${BATCH}`,
  setting: [
    `A task is started, stopped with SIGTERM and forgotten, ${CYCLES} times with each driver, docker on a Docker engine of its own and on a Podman. Around each batch of ${BATCH} the descriptors of the process, the files, cgroups and containers of the driver, and the processes of the tasks are counted: none may be left.`,
  ],
  start: { done: 0, failures: [], figures: {} },
  run,
  figures: ({ done, failures, figures }) => [
    ['batches', `${done}`],
    ...Object.entries(figures).flatMap(([kind, { startMs, stopMs }]): [string, string][] => [
      [`${kind}: start, median and 99th percentile`, spread(startMs)],
      [`${kind}: stop, median and 99th percentile`, spread(stopMs)],
    ]),
    ['batches that left something', `${failures.length}`],
  ],
};

const spread = (values: readonly number[]): string =>
  [0.5, 0.99].map((share) => `${Math.round(percentile(values, share))} ms`).join(', ');

async function run({ before, signal, save }: SoakContext<DriversProgress>): Promise<DriversProgress> {
  const engines = new Map<Kind, Pick<TestEngine, 'docker' | 'socketPath' | 'close'>>();
  const labOf = async (kind: Kind): Promise<Lab> => {
    if (kind === 'raw_exec' || kind === 'exec')
      return makeProgramLab({ kind, cgroupName: `serin-soak-${process.pid}`, badConfigs: [] });
    const engine = engines.get(kind) ?? (await (kind === 'docker' ? startTestEngine() : startTestPodman()));
    engines.set(kind, engine);
    return makeDockerLab(engine);
  };
  let progress = before;
  try {
    while (progress.done < driversRun.total && !signal.aborted) {
      const kind = KINDS[Math.floor(progress.done / (CYCLES / BATCH))] ?? 'docker';
      progress = await oneBatch(progress, kind, await labOf(kind));
      save(progress);
    }
    return progress;
  } finally {
    for (const engine of engines.values()) await engine.close();
  }
}

async function oneBatch(progress: DriversProgress, kind: Kind, lab: Lab): Promise<DriversProgress> {
  try {
    const { figures, left } = await cycles(lab);
    const known = progress.figures[kind] ?? { startMs: [], stopMs: [] };
    const all = {
      startMs: [...known.startMs, ...figures.startMs],
      stopMs: [...known.stopMs, ...figures.stopMs],
    };
    return {
      done: progress.done + 1,
      failures: [...progress.failures, ...left.map((what) => `${kind}, batch ${progress.done + 1}: ${what}`)],
      figures: { ...progress.figures, [kind]: all },
    };
  } finally {
    await lab.close();
  }
}

async function cycles(lab: Lab): Promise<{ readonly figures: DriverFigures; readonly left: string[] }> {
  const driver = await lab.openDriver();
  await runCycle(driver, lab.sleeper(), lab.settled);
  const descriptors = readdirSync('/proc/self/fd').length;
  const files = (await lab.leftovers()).join();
  const tasks = Array.from({ length: BATCH }, () => lab.sleeper());
  const times = [];
  for (const task of tasks) times.push(await runCycle(driver, task, lab.settled));
  const runs = () => tasks.flatMap((task) => lab.processesOf(task));
  await eventually(() => runs().length === 0).catch(() => undefined);
  const left = [
    ...(readdirSync('/proc/self/fd').length > descriptors + 1 ? ['descriptors'] : []),
    ...((await lab.leftovers()).join() === files ? [] : ['files, cgroups or containers']),
    ...(runs().length === 0 ? [] : ['processes']),
  ];
  return { figures: { startMs: times.map((each) => each.startMs), stopMs: times.map((each) => each.stopMs) }, left };
}
