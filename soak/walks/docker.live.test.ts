/**
 * The users' documents on rolling upgrades, blue/green and canaries on a real Docker engine: the images are local ones of
 * the documents' names, ports are published from the engine's bridge, and requests come in all the while.
 * The screens of the documents are held to the letter in the walks beside this one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploymentOf, instancesOf, updated } from '../../src/agent/testing/job-watch.ts';
import { until } from '../../src/agent/testing/until.ts';
import { engineMissing } from '../../src/drivers/testing/docker-engine.ts';
import { deriveImage } from '../../src/drivers/testing/docker-images.ts';
import { type ContainerRig, startContainerRig } from '../container-rig.ts';
import { underTraffic } from '../traffic.ts';
import { docsJob, geoJob, SERVER, SERVER_FILE } from './docker-jobs.ts';
import { deploymentRows, latestDeployment, planAndRun } from './walk.ts';

const missing = engineMissing();
// Where everything could be installed (npm test says so) a missing engine fails, it is not skipped.
const isOptional = process.env.SERIN_LIVE !== 'required';
const IMAGES = ['geo-api-server:0.1', 'geo-api-server:0.2', 'api-server:1.3', 'api-server:1.4'];

describe.skipIf(missing !== undefined && isOptional)(`the documents on a real engine (${missing ?? 'here'})`, () => {
  let rig: ContainerRig;
  beforeAll(async () => {
    rig = await startContainerRig({ [SERVER_FILE]: SERVER });
    for (const image of IMAGES) {
      const program = JSON.stringify([process.execPath, `/${SERVER_FILE}`]);
      await deriveImage(rig.engine, image, [`ENV VERSION=${image.split(':')[1]}`, `CMD ${program}`]);
    }
  });
  afterAll(() => rig?.close());

  it.concurrent('a rolling upgrade, and a tag that does not exist: the deployment fails and goes back by itself', async () => {
    const { agent } = rig;
    const listen = await rig.openPort();
    const file = (tag: string): string => agent.file(geoJob(listen, tag));
    await agent.succeed('run', '-detach', file('0.1'));
    await updated(agent, 'geo-api-server', 0);

    const figures = await underTraffic(listen, async () => {
      await planAndRun(agent, file('0.2'), [
        '+/- Job: "geo-api-server"',
        '+/- Task Group: "api-server" (2 create/destroy update, 4 ignore)',
        '  +/- Task: "server" (forces create/destroy update)',
        '    +/- Config {',
        '      +/- image:    "geo-api-server:0.1" => "geo-api-server:0.2"',
      ]);
      await updated(agent, 'geo-api-server', 1);
      await agent.succeed('run', '-detach', file('0.33'));
      await updated(agent, 'geo-api-server', 3);
    });

    expect(figures.failures).toEqual([]);
    expect(Object.keys(figures.byVersion).sort()).toEqual(['0.1', '0.2']);
    expect(await deploymentRows(agent, 'geo-api-server')).toEqual([
      ['3', 'successful', 'Deployment completed successfully'],
      ['2', 'failed', 'Failed due to unhealthy allocations - rolling back to job version 1'],
      ['1', 'successful', 'Deployment completed successfully'],
      ['0', 'successful', 'Deployment completed successfully'],
    ]);
    const history = await agent.succeed('job', 'history', '-p', 'geo-api-server');
    expect(history).toContain('+/- image:    "geo-api-server:0.33" => "geo-api-server:0.2"');
    const failed = (await instancesOf(agent, 'geo-api-server')).filter((each) => each.JobVersion === 2);
    const events = failed.flatMap((each) => each.TaskStates?.server?.Events ?? []);
    expect(events.map((event) => event.DisplayMessage)).toContainEqual(
      expect.stringContaining('cannot pull image "geo-api-server:0.33"'),
    );
  });

  it.concurrent('blue/green promoted, blue/green failed, and a canary', async () => {
    const { agent } = rig;
    const listen = await rig.openPort();
    const healthy = (count: number) =>
      until('the canaries are healthy', async () => {
        const { DesiredCanaries, HealthyAllocs } = (await deploymentOf(agent, 'docs')).TaskGroups.api!;
        return DesiredCanaries === count && HealthyAllocs === count;
      });
    const change = async (from: string, to: string, canary: number): Promise<string> => {
      const course = ['+/- Job: "docs"', `+/- Task Group: "api" (${canary} canary, 5 ignore)`];
      const plan = await planAndRun(agent, agent.file(docsJob(listen, to, canary)), course);
      expect(plan).toContain(`+/- image:    "api-server:${from}" => "api-server:${to}"`);
      await healthy(canary);
      return latestDeployment(agent, 'docs');
    };
    await agent.succeed('run', '-detach', agent.file(docsJob(listen, '1.3', 5)));
    await updated(agent, 'docs', 0);

    const figures = await underTraffic(listen, async () => {
      await agent.succeed('deployment', 'promote', '-detach', await change('1.3', '1.4', 5));
      await updated(agent, 'docs', 1);
      const blue = await livingIds();
      await agent.succeed('deployment', 'fail', '-detach', await change('1.4', '1.3', 5));
      await updated(agent, 'docs', 3);
      // Nobody touched what served all the while.
      expect(await livingIds()).toEqual(blue);
    });
    const canaried = await underTraffic(listen, async () => {
      await agent.succeed('deployment', 'promote', '-detach', await change('1.4', '1.3', 1));
      await updated(agent, 'docs', 4);
    });

    expect(figures.failures).toEqual([]);
    expect(canaried.failures).toEqual([]);
    expect(Object.keys(figures.byVersion).sort()).toEqual(['1.3', '1.4']);
    expect(Object.keys(canaried.byVersion).sort()).toEqual(['1.3', '1.4']);
    expect((await deploymentRows(agent, 'docs')).map((row) => row.slice(0, 2))).toEqual([
      ['4', 'successful'],
      ['3', 'successful'],
      ['2', 'failed'],
      ['1', 'successful'],
      ['0', 'successful'],
    ]);
  });

  const livingIds = async (): Promise<string[]> =>
    (await instancesOf(rig.agent, 'docs'))
      .filter((each) => each.ClientStatus === 'running')
      .map((each) => each.ID)
      .sort();
});
