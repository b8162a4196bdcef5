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
import type { SoakContext, SoakRun } from './run.ts';
import { FAILED_WORDS, LOAD_WORDS, NO_STEPS, type StepsProgress, stepsUnderLoad } from './steps-run.ts';

const ROUNDS = 200;

export const revertRun: SoakRun<StepsProgress<RevertedRound>> = {
  name: 'revert',
  title: `${ROUNDS} deployments failed or reverted under load while the old set is warm`,
  total: ROUNDS,
  unit: 'ways back',
  setting: [
    `A service of ${REVERTING_COUNT} instances with an HTTP check behind one port of the embedded data plane. Alternately: a second set (\`canary = ${REVERTING_COUNT}\`, \`canary_weight = 50\`) that answers half of the requests is failed; a second set that was promoted (\`keep_warm = "${KEEP_WARM}"\`) and answers all of them is reverted.`,
    LOAD_WORDS,
    `The way back: from sending the request that fails the deployment or reverts the job (what the command line sends) to the end of the last answer of the new version, request by request. A way back of ${BACK_WITHIN_MS} ms or more counts as a failure; so does a failed request: ${FAILED_WORDS}.`,
  ],
  start: NO_STEPS,
  run,
  figures({ steps: rounds, requests, failed }) {
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

async function run(context: SoakContext<StepsProgress<RevertedRound>>): Promise<StepsProgress<RevertedRound>> {
  const program = await buildProgram();
  const agent = await LiveAgent.start(program);
  try {
    const listen = await freePort();
    const answers = new Answers();
    await startReverting(agent, listen);
    const options = { agent, listen, answers, from: context.before.done + 1, rounds: ROUNDS };
    const take = (onRound: (round: RevertedRound) => boolean) => revertOn({ ...options, onRound });
    return await stepsUnderLoad(context, { listen, watch: answers, take });
  } finally {
    await agent.cleanUp();
    program.remove();
  }
}

const three = (values: readonly number[]): string =>
  `${[0.5, 0.99, 1].map((share) => percentile(values, share).toFixed(0)).join(' / ')} ms`;
