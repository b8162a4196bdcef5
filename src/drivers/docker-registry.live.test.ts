import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, sleep, systemClock } from '../lib/clock.ts';
import { compileDockerPlugin } from './docker-plugin-config.ts';
import { ensureImage } from './docker-pull.ts';
import { engineMissing, startTestEngine, TEST_IMAGE, type TestEngine } from './testing/docker-engine.ts';
import { makeDockerLab } from './testing/docker-lab.ts';
import {
  DEAF_HOST,
  REGISTRY_AUTH,
  REGISTRY_HOST,
  registryMissing,
  startDeaf,
  startTestRegistry,
  type TestRegistry,
} from './testing/docker-registry.ts';

const missing = engineMissing() ?? registryMissing();
const IMAGE = `${REGISTRY_HOST}/team/web`;
/** A minute later at each look, so that a pull of milliseconds says how far it is. */
const hurried = (): Clock => {
  let nowMs = systemClock.nowMs();
  return { nowMs: () => (nowMs += 60_000), after: systemClock.after };
};

// Where everything could be installed (npm test says so) a missing engine fails, it is not skipped.
const isOptional = process.env.SERIN_LIVE !== 'required';
describe.skipIf(missing !== undefined && isOptional)(`images of a registry (${missing ?? 'here'})`, () => {
  let engine: TestEngine;
  let registry: TestRegistry;
  const dir = mkdtempSync(join(tmpdir(), 'serin-registry-'));
  beforeAll(async () => {
    engine = await startTestEngine();
    registry = await startTestRegistry(engine);
    await engine.docker.getImage(TEST_IMAGE).tag({ repo: IMAGE, tag: '1' });
    const pushed = await engine.docker.getImage(`${IMAGE}:1`).push({ authconfig: REGISTRY_AUTH });
    for await (const line of pushed) expect(line.toString()).not.toContain('"error"');
  });
  afterAll(async () => {
    await registry?.close();
    await engine?.close();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    // The layers too, so that there is something to load down.
    for (const name of [`${IMAGE}:1`, TEST_IMAGE])
      await engine.docker
        .getImage(name)
        .remove()
        .catch(() => undefined);
  });

  const pull = async (config: object, plugin: object = {}): Promise<string[]> => {
    const notes: string[] = [];
    const lab = makeDockerLab(engine);
    try {
      await ensureImage(lab.task({ ...config }), {
        engine: engine.docker,
        plugin: compileDockerPlugin({ ...plugin }, undefined),
        clock: hurried(),
        context: { note: (message) => notes.push(message), signal: new AbortController().signal },
      });
    } finally {
      await lab.close();
    }
    return notes;
  };
  const { username, password } = REGISTRY_AUTH;

  it("are pulled with the job's credentials, saying how far that is; one that is there is not pulled again", async () => {
    const notes = await pull({ image: `${IMAGE}:1`, auth: [{ username, password }] });
    expect(notes[0]).toBe('Downloading image');
    expect(notes.slice(1).join('\n')).toMatch(/Downloading image: \d+ of \d+ MB/);
    expect(await pull({ image: `${IMAGE}:1`, auth: [{ username, password: 'wrong' }] })).toEqual([]);
  });

  it("are pulled with the node's credentials", async () => {
    const file = join(dir, 'config.json');
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    writeFileSync(file, JSON.stringify({ auths: { [REGISTRY_HOST]: { auth } } }));
    await pull({ image: `${IMAGE}:1` }, { auth: [{ config: file }] });
    expect(await engine.docker.getImage(`${IMAGE}:1`).inspect()).toMatchObject({ RepoTags: [`${IMAGE}:1`] });
  });

  it.each([
    ['a tag that is not there', `${IMAGE}:2`, password, /cannot pull image ".*web:2": .*(not found|manifest unknown)/],
    ['a wrong password', `${IMAGE}:1`, 'wrong', /cannot pull image ".*web:1": .*(no basic auth|unauthorized)/],
    ['nobody there', '127.0.0.1:5002/web:1', password, /cannot pull image ".*": .*connection refused/],
  ])('say what is wrong with %s', async (_what, image, word, cause) => {
    const failing = pull({ image, auth: [{ username, password: word }] });
    await expect(failing).rejects.toMatchObject({ code: 'driver', message: expect.stringMatching(cause) });
  });

  it('are given up when they take longer than image_pull_timeout', async () => {
    const deaf = await startDeaf(engine);
    const failing = pull({ image: `${DEAF_HOST}/web:1`, image_pull_timeout: '300ms' });
    await expect(failing).rejects.toThrow(/"127\.0\.0\.1:5001\/web:1" was not pulled within 300ms: raise/);
    await deaf.close();
  });

  it('say so when the engine dies while it pulls', async () => {
    const deaf = await startDeaf(engine);
    const failing = pull({ image: `${DEAF_HOST}/web:1` });
    const told = expect(failing).rejects.toThrow(/cannot pull image ".*": the engine behind .*sock went away/);
    await sleep(systemClock, 200);
    await engine.kill();
    await told;
    await engine.start();
    await deaf.close();
  });
});
