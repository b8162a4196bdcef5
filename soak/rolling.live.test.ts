import { expect, it } from 'vitest';
import { freePort } from '../src/agent/testing/live-agent.ts';
import { seededRandom } from '../src/lib/random.ts';
import { liveBench } from './live-bench.ts';
import { rollOn, startRolling } from './rolling.ts';
import { startTraffic } from './traffic.ts';

/** The sample; `npm run soak -- --only rolling` does 100 and 10. */
const UPDATES = 8;
const KILLS = 2;

const bench = liveBench();

it(`${UPDATES} updates in a row under load, the agent killed in ${KILLS} of them, fail no request`, async () => {
  const { agent } = bench;
  const listen = await freePort();
  const seed = String(Date.now());
  await startRolling(agent, listen);
  const traffic = startTraffic(listen, 32, 320);
  const options = { agent, listen, from: 1, updates: UPDATES, kills: KILLS, random: seededRandom(seed) };
  const rolled = await rollOn(options).finally(() => traffic.stop());
  const figures = await traffic.stop();
  expect(figures.failures, `seed ${seed}`).toEqual([]);
  expect(rolled.filter((each) => each.wasKilled)).toHaveLength(KILLS);
  const versions = Array.from({ length: UPDATES + 1 }, (_, number) => `v${number}`);
  expect(Object.keys(figures.byVersion).sort()).toEqual(versions.sort());
}, 300_000);
