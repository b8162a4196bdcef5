/** What dies, and who starts it again: the agent, the ingress, a task; and what an agent leaves behind. In this order. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { answeringPids, instancesOf, updated } from '../src/agent/testing/job-watch.ts';
import { freePort, type LiveAgent } from '../src/agent/testing/live-agent.ts';
import { endProcess, isRunning, processesOf } from '../src/agent/testing/own-processes.ts';
import { until } from '../src/agent/testing/until.ts';
import { webJob } from '../src/agent/testing/web-job.ts';
import { liveBench } from './live-bench.ts';
import { underTraffic, webUrl } from './traffic.ts';

const COUNT = 3;
const CONNECTIONS = 8;
const bench = liveBench();
const portOfWeb = freePort();

it('an agent that is killed leaves traffic alone, and the next one adopts tasks and ingress', async () => {
  const { agent } = bench;
  const listen = await portOfWeb;
  await agent.succeed('run', agent.file(webJob({ id: 'web', listen, groups: [{ count: COUNT, version: 'v0' }] })));
  await updated(agent, 'web', 0);
  const before = await lives(agent, listen);
  const startsBefore = await startsOf(agent);

  const figures = await underTraffic(listen, async () => {
    await agent.end('SIGKILL');
    await delay(1000);
    await agent.start();
    await until('its node is ready again', async () => isNodeReady(agent));
  });

  expect(figures.failures).toEqual([]);
  expect(figures.requests).toBeGreaterThan(50);
  expect(before.tasks).toHaveLength(COUNT);
  expect(await lives(agent, listen)).toEqual(before);
  expect(await startsOf(agent)).toEqual(startsBefore);
});

it('a task that is killed by hand is restarted where it was, and only what it had in flight is lost', async () => {
  const { agent } = bench;
  const listen = await portOfWeb;
  const [victim] = (await lives(agent, listen)).tasks;
  const figures = await underTraffic(listen, async () => {
    endProcess(victim!);
    await until('it is restarted and serves again', async () => {
      const { tasks } = await lives(agent, listen);
      return tasks.length === COUNT && !tasks.includes(victim!);
    });
  });
  expect(figures.failed).toBeLessThanOrEqual(CONNECTIONS);
  const instances = await instancesOf(agent, 'web');
  expect(instances).toHaveLength(COUNT);
  expect(instances.map((each) => each.TaskStates!.server!.Restarts).sort()).toEqual([0, 0, 1]);
});

it('an ingress that is killed is started again by its agent, and takes requests at the same port', async () => {
  const { agent } = bench;
  const listen = await portOfWeb;
  const victim = ingressOf(agent);
  const { tasks } = await lives(agent, listen);
  endProcess(victim);
  await until('another ingress answers', async () => ingressOf(agent) !== victim && (await fetch(webUrl(listen))).ok);
  const figures = await underTraffic(listen, () => delay(500));
  expect(figures.failures).toEqual([]);
  expect((await lives(agent, listen)).tasks).toEqual(tasks);
});

it('an interrupted agent drains first, then leaves no process and no directory', async () => {
  const { agent } = bench;
  const listen = await portOfWeb;
  const answer = fetch(webUrl(listen, '/slow?ms=1500')).then((got) => got.text());
  await delay(500);
  expect(processesOf(agent.dataDir).length).toBeGreaterThan(COUNT + 1);
  await agent.end('SIGINT');
  expect(await answer).toMatch(/^v0 /);
  expect(processesOf(agent.dataDir)).toEqual([]);
  expect(existsSync(agent.dataDir)).toBe(false);
});

/** The processes that serve, as they are. */
async function lives(agent: LiveAgent, listen: number): Promise<{ ingress: number; tasks: number[] }> {
  const tasks = [...(await answeringPids(webUrl(listen)))].sort((a, b) => a - b);
  const ingress = ingressOf(agent);
  expect([ingress, ...tasks].filter((pid) => !isRunning(pid))).toEqual([]);
  return { ingress, tasks };
}

function ingressOf(agent: LiveAgent): number {
  const known = JSON.parse(readFileSync(join(agent.dataDir, 'ingress/process.json'), 'utf8')) as { pid: number };
  return known.pid;
}

/** When each task was started, and how often again. */
async function startsOf(agent: LiveAgent): Promise<string[]> {
  const instances = await instancesOf(agent, 'web');
  const starts = instances.map(({ ID, TaskStates }) => {
    const { StartedAt, Restarts } = TaskStates!.server!;
    return `${ID} ${StartedAt} ${Restarts}`;
  });
  return starts.sort();
}

async function isNodeReady(agent: LiveAgent): Promise<boolean> {
  const nodes = await agent.read<{ Status: string }[]>('nodes');
  return nodes.length === 1 && nodes[0]!.Status === 'ready';
}
