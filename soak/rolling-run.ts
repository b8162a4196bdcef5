/** 100 updates in a row under load, the agent killed in 10 of them. */
import type { Latencies } from '../bench/latency-histogram.ts';
import { freePort, LiveAgent } from '../src/agent/testing/live-agent.ts';
import { buildProgram } from '../src/agent/testing/program.ts';
import { seededRandom } from '../src/lib/random.ts';
import { percentile } from './percentile.ts';
import { ROLLING_COUNT, ROLLING_UPDATE, type RolledUpdate, rollOn, startRolling } from './rolling.ts';
import type { SoakContext, SoakProgress, SoakRun } from './run.ts';
import { SLOW_MS, startTraffic, type TrafficFigures } from './traffic.ts';

const UPDATES = 100;
const KILLS = 10;
const CONNECTIONS = 32;
const REQUESTS_PER_SECOND = 320;

interface RollingProgress extends SoakProgress {
  readonly updates: readonly RolledUpdate[];
  readonly requests: number;
  readonly failed: number;
  /** Of the part that ended last; an interrupted run has several. */
  readonly latencies: { readonly quick: Latencies; readonly slow: Latencies } | undefined;
}

export const rollingRun: SoakRun<RollingProgress> = {
  name: 'rolling',
  title: `${UPDATES} consecutive updates under load, the agent killed in ${KILLS} of them`,
  total: UPDATES,
  unit: 'updates',
  setting: [
    `A service of ${ROLLING_COUNT} instances (\`max_parallel = ${ROLLING_UPDATE.max_parallel}\`, \`min_healthy_time = "${ROLLING_UPDATE.min_healthy_time}"\`, an HTTP check) that end at once on the signal, behind one port of the embedded data plane.`,
    `${CONNECTIONS} connections send ${REQUESTS_PER_SECOND} requests a second from before the first update until after the last: half are quick \`GET\`s, half \`POST\`s that take ${SLOW_MS} ms and may not be sent twice; of both, half come over kept connections and half over fresh ones.`,
    'The agent (server, node and supervisor of the ingress in one process) is ended with SIGKILL at a random moment of the first second of every tenth update, and started again after up to half a second.',
    'Failed: no connection, a connection lost after the request went out, an answer cut short or malformed, a status other than 2xx, no answer within 30 s.',
  ],
  start: { done: 0, failures: [], updates: [], requests: 0, failed: 0, latencies: undefined },
  run,
  figures({ updates, requests, failed, latencies }) {
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

async function run({ before, signal, save }: SoakContext<RollingProgress>): Promise<RollingProgress> {
  const program = await buildProgram();
  const agent = await LiveAgent.start(program);
  // Steps that are done again, because `--from` says so, count once.
  let progress: RollingProgress = { ...before, updates: before.updates.filter((each) => each.number <= before.done) };
  try {
    const listen = await freePort();
    const from = before.done + 1;
    await startRolling(agent, listen, from);
    const traffic = startTraffic(listen, CONNECTIONS, REQUESTS_PER_SECOND);
    const onUpdate = (update: RolledUpdate): boolean => {
      progress = withTraffic(
        { ...progress, done: update.number, updates: [...progress.updates, update] },
        before,
        traffic.figures(),
      );
      save(progress);
      return !signal.aborted;
    };
    const options = {
      agent,
      listen,
      from,
      updates: UPDATES,
      kills: KILLS,
      random: seededRandom(`soak ${from}`),
      onUpdate,
    };
    await rollOn(options).finally(async () => {
      progress = withTraffic(progress, before, await traffic.stop());
      save(progress);
    });
    return progress;
  } finally {
    await agent.cleanUp();
    program.remove();
  }
}

/** What came before an interruption counts too. */
function withTraffic(progress: RollingProgress, before: RollingProgress, figures: TrafficFigures): RollingProgress {
  return {
    ...progress,
    requests: before.requests + figures.requests,
    failed: before.failed + figures.failed,
    failures: [...before.failures, ...figures.failures],
    latencies: figures.latencies,
  };
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const inMilliseconds = (of: Latencies | undefined): string =>
  of === undefined ? '' : `${of.p50.toFixed(1)} / ${of.p99.toFixed(1)} / ${of.max.toFixed(1)} ms`;
