import { expect, it } from 'vitest';
import { freePort } from '../src/agent/testing/live-agent.ts';
import { Answers } from './answers.ts';
import { liveBench } from './live-bench.ts';
import { revertOn, startReverting } from './reverting.ts';
import { startTraffic } from './traffic.ts';

/** The sample, one of each way; `npm run soak -- --only revert` does 200, and measures: there it is under a second. */
const ROUNDS = 2;
const ON_A_BUSY_MACHINE_MS = 20_000;

const bench = liveBench();

it(`${ROUNDS} deployments failed or reverted while the old set is warm: the traffic is back, by one step`, async () => {
  const { agent } = bench;
  const listen = await freePort();
  const answers = new Answers();
  await startReverting(agent, listen);
  const traffic = startTraffic(listen, 16, 160, answers);
  const options = { agent, listen, answers, from: 1, rounds: ROUNDS, backWithinMs: ON_A_BUSY_MACHINE_MS };
  const rounds = await revertOn(options).finally(() => traffic.stop());
  const figures = await traffic.stop();
  expect(figures.failures).toEqual([]);
  expect(rounds.flatMap((each) => each.problems)).toEqual([]);
  expect(rounds).toHaveLength(ROUNDS);
});
