import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLoad } from '../bench/load.ts';
import { freePort, LiveAgent } from '../src/agent/testing/live-agent.ts';
import { buildProgram, type Program } from '../src/agent/testing/program.ts';
import { seededRandom } from '../src/lib/random.ts';
import { rollOn, startRolling } from './rolling.ts';

const UPDATES = 20;
const KILLS = 5;

let program: Program | undefined;
let agent: LiveAgent | undefined;

beforeAll(async () => {
  program = await buildProgram();
  agent = await LiveAgent.start(program);
});

afterAll(async () => {
  await agent?.cleanUp();
  program?.remove();
});

it(`${UPDATES} updates in a row under load, the agent killed in ${KILLS} of them, fail no request`, async () => {
  const listen = await freePort();
  await startRolling(agent!, listen);
  const load = startLoad({
    url: `http://127.0.0.1:${listen}/`,
    connections: 32,
    keepAlive: 'mixed',
    ratePerSecond: 320,
  });
  const seed = String(Date.now());
  const rolled = await rollOn({
    agent: agent!,
    listen,
    updates: UPDATES,
    kills: KILLS,
    random: seededRandom(seed),
  }).finally(() => load.stop());
  const figures = await load.stop();
  console.log(rolled.map((each) => each.tookMs).join(' '), figures.requests, JSON.stringify(figures.latencies));
  expect(figures.failures, `seed ${seed}`).toEqual([]);
  expect(rolled.filter((each) => each.wasKilled)).toHaveLength(KILLS);
  expect(Object.keys(figures.byVersion)).toHaveLength(UPDATES + 1);
}, 120_000);
