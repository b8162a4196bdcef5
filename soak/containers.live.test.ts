import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineMissing } from '../src/drivers/testing/docker-engine.ts';
import { seededRandom } from '../src/lib/random.ts';
import { type ContainerRig, startContainerRig } from './container-rig.ts';
import { containerService } from './container-services.ts';
import { rollOn, startRolling } from './rolling.ts';
import { startTraffic } from './traffic.ts';
import { makeWalkImages, WALK_FILES, walkCanaryAndBlueGreen, walkRollingUpgrade } from './walks/docker-walks.ts';
import { hasWalkTools } from './walks/examples.ts';
import { makePythonImage, walkMyApp } from './walks/myapp-walk.ts';

/** The sample; `npm run soak -- --only containers` does 20 of each driver. */
const UPDATES = 2;
const COUNT = 3;
const PATIENCE_MS = 240_000;

const missing = engineMissing();
// Where everything could be installed (npm test says so) a missing engine fails, it is not skipped.
const isOptional = process.env.SERIN_LIVE !== 'required';

describe.skipIf(missing !== undefined && isOptional)(`services of containers (${missing ?? 'here'})`, () => {
  let rig: ContainerRig;
  beforeAll(async () => {
    rig = await startContainerRig(WALK_FILES);
    await makeWalkImages(rig);
  }, 180_000);
  afterAll(() => rig?.close());

  it(
    `${UPDATES} updates of docker and exec under load, the agent killed in each: nothing is lost, doubled or restarted`,
    async () => {
      const { agent } = rig;
      const listen = await rig.openPort();
      const service = containerService(rig, { drivers: ['docker', 'exec'], listen, count: COUNT });
      const seed = String(Date.now());
      await startRolling(agent, listen, 1, service);
      const traffic = startTraffic(listen, 8, 80);
      const options = { service, agent, listen, from: 1, updates: UPDATES, kills: UPDATES };
      const rolled = await rollOn({ ...options, random: seededRandom(seed) }).finally(() => traffic.stop());
      const figures = await traffic.stop();
      expect(figures.failures, `seed ${seed}`).toEqual([]);
      expect(
        rolled.flatMap((each) => each.problems),
        `seed ${seed}`,
      ).toEqual([]);
      expect(rolled.map((each) => each.wasKilled)).toEqual([true, true]);
      await agent.succeed('stop', '-purge', '-detach', service.job);
    },
    PATIENCE_MS,
  );

  describe.concurrent('the documents', () => {
    it(
      'a rolling upgrade, and a tag that does not exist: the deployment fails and goes back by itself',
      () => walkRollingUpgrade(rig),
      PATIENCE_MS,
    );
    it('a canary and blue/green, promoted', () => walkCanaryAndBlueGreen(rig), PATIENCE_MS);
    it.skipIf(!hasWalkTools())(
      'blue/green of Marathon apps by hand, with the own file of the text',
      async () => {
        await makePythonImage(rig);
        await walkMyApp(rig);
      },
      PATIENCE_MS,
    );
  });
});
