/** 200 deployments that are failed or reverted under load while the old set is warm. */
import { freePort, LiveAgent } from '../src/agent/testing/live-agent.ts';
import { buildProgram } from '../src/agent/testing/program.ts';
import { Answers } from './answers.ts';
import { percentile } from './percentile.ts';
import {
  BACK_WITHIN_MS,
  KEEP_WARM,
  REVERTING_COUNT,
  type RevertedRound,
  revertOn,
  startReverting,
  WayBack,
} from './reverting.ts';
import type { SoakContext, SoakProgress, SoakRun } from './run.ts';
import { SLOW_MS, startTraffic, type TrafficFigures } from './traffic.ts';

const ROUNDS = 200;
const CONNECTIONS = 32;
const REQUESTS_PER_SECOND = 320;

interface RevertProgress extends SoakProgress {
  readonly rounds: readonly RevertedRound[];
  readonly requests: number;
  readonly failed: number;
}

export const revertRun: SoakRun<RevertProgress> = {
  name: 'revert',
  title: `${ROUNDS} deployments failed or reverted under load while the old set is warm`,
  total: ROUNDS,
  unit: 'ways back',
  setting: [
    `A service of ${REVERTING_COUNT} instances with an HTTP check behind one port of the embedded data plane. Alternately: a second set (\`canary = ${REVERTING_COUNT}\`, \`canary_weight = 50\`) that answers half of the requests is failed; a second set that was promoted (\`keep_warm = "${KEEP_WARM}"\`) and answers all of them is reverted.`,
    `${CONNECTIONS} connections send ${REQUESTS_PER_SECOND} requests a second from before the first until after the last: half are quick \`GET\`s, half \`POST\`s that take ${SLOW_MS} ms and may not be sent twice; of both, half come over kept connections and half over fresh ones.`,
    `The way back: from sending the request that fails the deployment or reverts the job (what the command line sends) to the end of the last answer of the new version, request by request. A way back of ${BACK_WITHIN_MS} ms or more counts as a failure; so does a failed request: no connection, a connection lost after the request went out, an answer cut short or malformed, a status other than 2xx, no answer within 30 s.`,
  ],
  start: { done: 0, failures: [], rounds: [], requests: 0, failed: 0 },
  run,
  figures({ rounds, requests, failed }) {
    const ways = (way: WayBack) => rounds.filter((each) => each.way === way).map((each) => each.lingeredMs);
    return [
      ['ways back', `${rounds.length}`],
      ['requests', `${requests}`],
      ['failed', `${failed}`],
      ['failed before promotion: last answer of the new version, p50 / p99 / longest', three(ways(WayBack.fail))],
      ['reverted after promotion: the same', three(ways(WayBack.revert))],
      [`in under ${BACK_WITHIN_MS / 1000} s`, `${rounds.filter((each) => each.lingeredMs < BACK_WITHIN_MS).length}`],
      ['until only the old set lives, p50 / p99 / longest', three(rounds.map((each) => each.settledMs))],
    ];
  },
};

async function run({ before, signal, save }: SoakContext<RevertProgress>): Promise<RevertProgress> {
  const program = await buildProgram();
  const agent = await LiveAgent.start(program);
  // Rounds that are done again, because `--from` says so, count once.
  let progress: RevertProgress = { ...before, rounds: before.rounds.filter((each) => each.number <= before.done) };
  try {
    const listen = await freePort();
    const answers = new Answers();
    await startReverting(agent, listen);
    const traffic = startTraffic(listen, CONNECTIONS, REQUESTS_PER_SECOND, answers);
    const onRound = (round: RevertedRound): boolean => {
      progress = withTraffic(
        { ...progress, done: round.number, rounds: [...progress.rounds, round] },
        before,
        traffic.figures(),
      );
      save(progress);
      return !signal.aborted;
    };
    const options = { agent, listen, answers, from: before.done + 1, rounds: ROUNDS, onRound };
    await revertOn(options).finally(async () => {
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
function withTraffic(progress: RevertProgress, before: RevertProgress, figures: TrafficFigures): RevertProgress {
  const ofThisPart = progress.rounds.filter((each) => each.number > before.done);
  return {
    ...progress,
    requests: before.requests + figures.requests,
    failed: before.failed + figures.failed,
    failures: [...before.failures, ...figures.failures, ...ofThisPart.flatMap((each) => each.problems)],
  };
}

const three = (values: readonly number[]): string =>
  `${[0.5, 0.99, 1].map((share) => percentile(values, share).toFixed(0)).join(' / ')} ms`;
