/**
 * The users' documents on rolling upgrades, canaries and blue/green on a real Docker engine: the images are local ones of
 * the documents' names, ports are published from the engine's bridge, and requests come in all the while.
 * The screens of the documents are held to the letter in the walks beside this one.
 */
import { expect } from 'vitest';
import { deploymentOf, instancesOf, updated } from '../../src/agent/testing/job-watch.ts';
import { until } from '../../src/agent/testing/until.ts';
import { deriveImage } from '../../src/drivers/testing/docker-images.ts';
import type { ContainerRig } from '../container-rig.ts';
import { underTraffic } from '../traffic.ts';
import { docsJob, geoJob, SERVER, SERVER_FILE } from './docker-jobs.ts';
import { deploymentRows, latestDeployment, planAndRun } from './walk.ts';

const IMAGES = ['geo-api-server:0.1', 'geo-api-server:0.2', 'api-server:1.3', 'api-server:1.4'];

/** To be in the image that the others are made of. */
export const WALK_FILES = { [SERVER_FILE]: SERVER };

export async function makeWalkImages({ engine }: ContainerRig): Promise<void> {
  for (const image of IMAGES) {
    const program = JSON.stringify([process.execPath, `/${SERVER_FILE}`]);
    await deriveImage(engine, image, [`ENV VERSION=${image.split(':')[1]}`, `CMD ${program}`]);
  }
}

/** A rolling upgrade; then a tag that does not exist. */
export async function walkRollingUpgrade({ agent, openPort }: ContainerRig): Promise<void> {
  const listen = await openPort();
  const file = (tag: string): string => agent.file(geoJob(listen, tag));
  await agent.succeed('run', '-detach', file('0.1'));
  await updated(agent, 'geo-api-server', 0, PATIENCE_MS);

  const figures = await underTraffic(listen, async () => {
    await planAndRun(agent, file('0.2'), [
      '+/- Job: "geo-api-server"',
      '+/- Task Group: "api-server" (2 create/destroy update, 4 ignore)',
      '  +/- Task: "server" (forces create/destroy update)',
      '    +/- Config {',
      '      +/- image:    "geo-api-server:0.1" => "geo-api-server:0.2"',
    ]);
    await updated(agent, 'geo-api-server', 1, PATIENCE_MS);
    await agent.succeed('run', '-detach', file('0.33'));
    await updated(agent, 'geo-api-server', 3, PATIENCE_MS);
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
}

/** A canary, promoted; then the other set beside the first, promoted. */
export async function walkCanaryAndBlueGreen({ agent, openPort }: ContainerRig): Promise<void> {
  const listen = await openPort();
  const file = (tag: string, canary: number): string => agent.file(docsJob(listen, tag, canary));
  await agent.succeed('run', '-detach', file('1.3', 1));
  await updated(agent, 'docs', 0, PATIENCE_MS);

  const change = async (from: string, to: string, canary: number): Promise<void> => {
    const plan = await planAndRun(agent, file(to, canary), [
      '+/- Job: "docs"',
      `+/- Task Group: "api" (${canary} canary, 5 ignore)`,
    ]);
    expect(plan).toContain(`+/- image:    "api-server:${from}" => "api-server:${to}"`);
    await until('the canaries are healthy', async () => {
      const { DesiredCanaries, HealthyAllocs } = (await deploymentOf(agent, 'docs')).TaskGroups.api!;
      return DesiredCanaries === canary && HealthyAllocs === canary;
    });
    await agent.succeed('deployment', 'promote', '-detach', await latestDeployment(agent, 'docs'));
  };
  const figures = await underTraffic(listen, async () => {
    await change('1.3', '1.4', 1);
    await updated(agent, 'docs', 1, PATIENCE_MS);
    await change('1.4', '1.3', 5);
    await updated(agent, 'docs', 2, PATIENCE_MS);
  });

  expect(figures.failures).toEqual([]);
  expect(Object.keys(figures.byVersion).sort()).toEqual(['1.3', '1.4']);
  expect((await deploymentRows(agent, 'docs')).map((row) => row.slice(0, 2))).toEqual([
    ['2', 'successful'],
    ['1', 'successful'],
    ['0', 'successful'],
  ]);
}

/** Containers take their time on a machine that does other things. */
const PATIENCE_MS = 90_000;
