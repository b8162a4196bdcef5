/** 10,000 seeds of the simulation: the laws of a deployment under every fault and every doing of people. */
import { LAW_NAMES, LAWS, type Law } from '../simulation/laws/laws.ts';
import { runScenario, type ScenarioResult } from '../simulation/scenario.ts';
import type { SoakContext, SoakProgress, SoakRun } from './run.ts';

const SEEDS = 10_000;
/** Seeds between two notes of how far it came. */
const CHUNK = 100;
/** Of a law that thousands of seeds break, the first few say enough. */
const MOST_FAILURES = 50;

interface SimulationProgress extends SoakProgress {
  /** What happened in all of them: timers that ran, messages that arrived. */
  readonly steps: number;
  /** How often each law was looked at with something at stake. */
  readonly checked: Readonly<Partial<Record<Law, number>>>;
  /** How many seeds broke each law. */
  readonly broken: Readonly<Partial<Record<Law, number>>>;
}

export const simulationRun: SoakRun<SimulationProgress> = {
  name: 'simulation',
  title: `the laws of a deployment in ${SEEDS} simulated worlds`,
  total: SEEDS,
  unit: 'seeds',
  setting: [
    'The real server, scheduler and state with simulated nodes and ingresses on a virtual clock; everything follows from the seed, and `npm run simulate -- --seed S --trace` replays it.',
    'For 90 simulated seconds a service of one or two groups (rolling, canary or blue/green, with everything that an update block can say) gets new versions (good, slow, never healthy, failing, flapping), new counts, promotions, pauses, failures and reverts, while instances fail, nodes are lost, cut off and drained, ingresses are cut off, and the server crashes, also in the middle of a write. Then the faults end, a good version is submitted, a person promotes and resumes what waits, and the world must come to rest.',
    'Checked: how often a law was looked at with something at stake. Broken: how many seeds broke it.',
  ],
  start: { done: 0, failures: [], steps: 0, checked: {}, broken: {} },
  run,
  figures: ({ steps, checked, broken }) => [
    ['events', `${steps}`],
    ...LAW_NAMES.map((law): [string, string] => [
      `${law}: ${LAWS[law]}`,
      `checked ${checked[law] ?? 0} times, broken by ${broken[law] ?? 0} seeds`,
    ]),
  ],
};

async function run({ before, signal, save }: SoakContext<SimulationProgress>): Promise<SimulationProgress> {
  let progress = before;
  while (progress.done < SEEDS && !signal.aborted) {
    const seed = progress.done;
    progress = withResult(progress, await runScenario(String(seed)));
    if (progress.done % CHUNK === 0) {
      save(progress);
      // Signals are heard only between turns of the event loop.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  return progress;
}

function withResult(progress: SimulationProgress, result: ScenarioResult): SimulationProgress {
  const checked = { ...progress.checked };
  for (const [law, times] of result.checked) checked[law] = (checked[law] ?? 0) + times;
  const laws = new Set(result.violations.map(({ law }) => law));
  const broken = { ...progress.broken };
  for (const law of laws) broken[law] = (broken[law] ?? 0) + 1;
  const failures = result.violations.map(({ law, what }) => `seed ${result.seed}, ${law}: ${what}`);
  return {
    done: progress.done + 1,
    failures: [...progress.failures, ...failures].slice(0, MOST_FAILURES),
    steps: progress.steps + result.steps,
    checked,
    broken,
  };
}
