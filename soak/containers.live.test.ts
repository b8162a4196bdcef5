import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineMissing } from '../src/drivers/testing/docker-engine.ts';
import { seededRandom } from '../src/lib/random.ts';
import { type ContainerRig, startContainerRig } from './container-rig.ts';
import { containerService } from './container-services.ts';
import { rollOn, startRolling } from './rolling.ts';
import { startTraffic } from './traffic.ts';

/** The sample of each driver; `npm run soak -- --only containers` does 20. */
const UPDATES = 2;

const missing = engineMissing();
// Where everything could be installed (npm test says so) a missing engine fails, it is not skipped.
const isOptional = process.env.SERIN_LIVE !== 'required';

describe.skipIf(missing !== undefined && isOptional)(
  `containers and an agent that is killed (${missing ?? 'here'})`,
  () => {
    let rig: ContainerRig;
    beforeAll(async () => {
      rig = await startContainerRig();
    });
    afterAll(() => rig?.close());

    it.each(['docker', 'exec'] as const)(
      `${UPDATES} updates of %s under load, the agent killed in each: nothing is lost, doubled or restarted, no request fails`,
      async (driver) => {
        const listen = await rig.openPort();
        const service = containerService(rig, driver, listen);
        const seed = String(Date.now());
        await startRolling(rig.agent, listen, 1, service);
        const traffic = startTraffic(listen, 8, 80);
        const options = { service, agent: rig.agent, listen, from: 1, updates: UPDATES, kills: UPDATES };
        const rolled = await rollOn({ ...options, random: seededRandom(seed) }).finally(() => traffic.stop());
        const figures = await traffic.stop();
        expect(figures.failures, `seed ${seed}`).toEqual([]);
        expect(
          rolled.flatMap((each) => each.problems),
          `seed ${seed}`,
        ).toEqual([]);
        expect(rolled.map((each) => each.wasKilled)).toEqual([true, true]);
      },
      120_000,
    );
  },
);
