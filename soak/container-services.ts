/**
 * Law: an agent that is killed in the middle of an update of containers finds every one of them again: none is lost,
 * none is there twice, none is started again, and no request fails. `npm test` runs a sample of it, the soak the whole.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Instance, instancesOf } from '../src/agent/testing/job-watch.ts';
import type { LiveAgent } from '../src/agent/testing/live-agent.ts';
import { Behaviour, webJob } from '../src/agent/testing/web-job.ts';
import { NODE_IMAGE } from '../src/drivers/testing/docker-images.ts';
import { isClientTerminal } from '../src/model/allocation.ts';
import type { ContainerRig } from './container-rig.ts';
import type { RollingService } from './rolling.ts';

export type ContainerDriver = 'docker' | 'exec';

/** With each driver. */
export const CONTAINER_COUNT = 4;
export const CONTAINER_UPDATE = { max_parallel: 2, min_healthy_time: '100ms' } as const;
const ENOUGH_ANSWERS = 40;

export interface ContainerServiceOptions {
  /** A group of the job for each. */
  readonly drivers: readonly ContainerDriver[];
  /** The port of the ingress. */
  readonly listen: number;
  readonly count?: number;
}

export function containerService(
  rig: ContainerRig,
  { drivers, listen, count = CONTAINER_COUNT }: ContainerServiceOptions,
): RollingService {
  const job = `rolling-${drivers.join('-')}`;
  const groups = drivers.map((driver) => groupOf(driver, count));
  return {
    job,
    killWithinMs: drivers.includes('docker') ? 3000 : 1500,
    file(port, number) {
      const versioned = groups.map((group) => ({ ...group, version: `v${number}` }));
      return webJob({ id: job, listen: port, groups: versioned, update: CONTAINER_UPDATE });
    },
    async problems(agent) {
      const all = await instancesOf(agent, job);
      const counted = await Promise.all(drivers.map((driver) => containerProblems(rig, driver, count)));
      return [
        ...recordProblems(all, count * drivers.length),
        ...counted.flat(),
        ...lifeProblems(await livesBehind(listen), all),
      ];
    },
  };
}

function groupOf(driver: ContainerDriver, count: number) {
  const image = driver === 'docker' ? { image: NODE_IMAGE } : {};
  return { name: driver, count, driver, behaviour: Behaviour.exitsAtOnce, ...image };
}

async function containerProblems(rig: ContainerRig, driver: ContainerDriver, count: number): Promise<string[]> {
  const running = driver === 'docker' ? (await rig.engine.docker.listContainers()).length : runcContainers(rig.agent);
  return running === count ? [] : [`${running} containers of ${driver} run, not ${count}`];
}

/** What the server knows of the version that is there now: each instance placed once and started once. */
function recordProblems(all: readonly Instance[], count: number): string[] {
  const newest = Math.max(...all.map((each) => each.JobVersion));
  const placed = all.filter((each) => each.JobVersion === newest);
  const living = all.filter((each) => !isClientTerminal(each));
  return [
    ...(placed.length === count ? [] : [`${placed.length} instances were placed, not ${count}`]),
    ...(living.length === count ? [] : [`${living.length} instances live, not ${count}`]),
    ...placed.flatMap(({ ID, ClientStatus, TaskStates }) => {
      const { Restarts = 0, Events = [] } = TaskStates?.server ?? {};
      const starts = (Events ?? []).filter((event) => event.Type === 'Started').length;
      if (ClientStatus === 'running' && Restarts === 0 && starts === 1) return [];
      return [`instance ${ID} is ${ClientStatus}, started ${starts} times, restarted ${Restarts} times`];
    }),
  ];
}

/** Each instance that answers has one life, and it is that of a living one. */
function lifeProblems(lives: ReadonlySet<string>, all: readonly Instance[]): string[] {
  const answering = [...lives].map((life) => life.slice(0, life.lastIndexOf('.'))).sort();
  const living = all.filter((each) => !isClientTerminal(each)).map((each) => each.ID);
  const isSame = answering.join() === living.sort().join();
  return isSame ? [] : [`there answer ${answering.join(', ')}, and there live ${living.join(', ')}`];
}

async function livesBehind(listen: number): Promise<Set<string>> {
  const lives = new Set<string>();
  for (let asked = 0; asked < ENOUGH_ANSWERS; asked++) {
    const answer = await fetch(`http://127.0.0.1:${listen}/`);
    await answer.arrayBuffer();
    lives.add(answer.headers.get('x-life') ?? '');
  }
  return lives;
}

/** The runtime forgets a container once its task is forgotten. */
function runcContainers(agent: LiveAgent): number {
  return readdirSync(join(agent.dataDir, 'node/exec/containers')).length;
}
