import { expect, it } from 'vitest';
import { freePort } from '../src/agent/testing/live-agent.ts';
import { Answers } from './answers.ts';
import { liveBench } from './live-bench.ts';
import { revertOn, startReverting } from './reverting.ts';
import { startTraffic } from './traffic.ts';

/** The sample; `npm run soak -- --only revert` does 200. */
const ROUNDS = 4;

const bench = liveBench();

it(`${ROUNDS} deployments failed or reverted while the old set is warm: the traffic is back in under a second`, async () => {
  const { agent } = bench;
  const listen = await freePort();
  const answers = new Answers();
  await startReverting(agent, listen);
  const traffic = startTraffic(listen, 16, 160, answers);
  const rounds = await revertOn({ agent, listen, answers, from: 1, rounds: ROUNDS }).finally(() => traffic.stop());
  const figures = await traffic.stop();
  expect(figures.failures).toEqual([]);
  expect(rounds.flatMap((each) => each.problems)).toEqual([]);
  expect(rounds).toHaveLength(ROUNDS);
});
