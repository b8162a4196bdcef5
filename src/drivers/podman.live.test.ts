import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Behaviour } from './behaviours.ts';
import { describeDriver } from './contract.ts';
import type { TestEngine } from './testing/docker-engine.ts';
import { makeDockerLab } from './testing/docker-lab.ts';
import { podmanMissing, startTestPodman } from './testing/podman-engine.ts';

const missing = podmanMissing();
/**
 * What the two engines could answer differently. `SERIN_WHOLE=1` runs all of the suite, which takes half a minute; the soak
 * of the drivers counts what 200 lives leave.
 */
const SAMPLE: readonly Behaviour[] = ['start', 'end', 'killed', 'adopt', 'stats', 'attach', 'terminal'];
const sample = process.env.SERIN_WHOLE === '1' ? undefined : SAMPLE;
const never = new AbortController().signal;

// Where everything could be installed (npm test says so) a missing engine fails, it is not skipped.
const isOptional = process.env.SERIN_LIVE !== 'required';
describe.skipIf(missing !== undefined && isOptional)(`docker on Podman (${missing ?? 'here'})`, () => {
  let engine: Omit<TestEngine, 'kill' | 'start'>;
  beforeAll(async () => {
    engine = await startTestPodman();
  });
  afterAll(() => engine?.close());

  describeDriver('docker on Podman', async () => makeDockerLab(engine), sample);

  it('says that a task was killed for its memory, which Podman does not', async () => {
    const lab = makeDockerLab(engine);
    const driver = lab.open();
    const handle = await driver.start(lab.shell('tail /dev/zero', { memoryMB: 8 }));
    expect(await driver.wait(handle, never)).toEqual({ exitCode: 137, signal: 9, oomKilled: true });
    await driver.destroy(handle);
    await lab.close();
  });
});
