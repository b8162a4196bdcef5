/** 100 updates in a row under load, the agent killed in 10 of them. */
import type { Latencies } from '../bench/latency-histogram.ts';
import { freePort, LiveAgent } from '../src/agent/testing/live-agent.ts';
import { buildProgram } from '../src/agent/testing/program.ts';
import { seededRandom } from '../src/lib/random.ts';
import { percentile } from './percentile.ts';
import { ROLLING_COUNT, ROLLING_UPDATE, type RolledUpdate, rollOn, startRolling } from './rolling.ts';
import type { SoakContext, SoakRun } from './run.ts';
import { FAILED_WORDS, LOAD_WORDS, NO_STEPS, type StepsProgress, stepsUnderLoad } from './steps-run.ts';
import { SLOW_MS } from './traffic.ts';

const UPDATES = 100;
const KILLS = 10;

export const rollingRun: SoakRun<StepsProgress<RolledUpdate>> = {
  name: 'rolling',
  title: `${UPDATES} consecutive updates under load, the agent killed in ${KILLS} of them`,
  total: UPDATES,
  unit: 'updates',
  setting: [
    `A service of ${ROLLING_COUNT} instances (\`max_parallel = ${ROLLING_UPDATE.max_parallel}\`, \`min_healthy_time = "${ROLLING_UPDATE.min_healthy_time}"\`, an HTTP check) that end at once on the signal, behind one port of the embedded data plane.`,
    LOAD_WORDS,
    'The agent (server, node and supervisor of the ingress in one process) is ended with SIGKILL at a random moment of the first second of every tenth update, and started again after up to half a second.',
    `Failed: ${FAILED_WORDS}.`,
  ],
  start: NO_STEPS,
  run,
  figures({ steps: updates, requests, failed, latencies }) {
    const plain = updates.filter((each) => !each.wasKilled).map((each) => each.tookMs);
    const killed = updates.filter((each) => each.wasKilled).map((each) => each.tookMs);
    return [
      ['updates', `${updates.length}`],
      ['requests', `${requests}`],
      ['failed', `${failed}`],
      ['agents killed', `${killed.length}`],
      ['an update, submission to nothing old alive, p50', inSeconds(percentile(plain, 0.5))],
      ['the same, p99', inSeconds(percentile(plain, 0.99))],
      ['an update with a killed agent, p50', inSeconds(percentile(killed, 0.5))],
      ['the same, longest', inSeconds(percentile(killed, 1))],
      ['quick requests, p50 / p99 / longest', inMilliseconds(latencies?.quick)],
      [`requests of ${SLOW_MS} ms, p50 / p99 / longest`, inMilliseconds(latencies?.slow)],
    ];
  },
};

async function run(context: SoakContext<StepsProgress<RolledUpdate>>): Promise<StepsProgress<RolledUpdate>> {
  const program = await buildProgram();
  const agent = await LiveAgent.start(program);
  try {
    const listen = await freePort();
    const from = context.before.done + 1;
    await startRolling(agent, listen, from);
    const options = { agent, listen, from, updates: UPDATES, kills: KILLS, random: seededRandom(`soak ${from}`) };
    return await stepsUnderLoad(context, { listen, take: (onUpdate) => rollOn({ ...options, onUpdate }) });
  } finally {
    await agent.cleanUp();
    program.remove();
  }
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const inMilliseconds = (of: Latencies | undefined): string =>
  of === undefined ? '' : `${of.p50.toFixed(1)} / ${of.p99.toFixed(1)} / ${of.max.toFixed(1)} ms`;
