/**
 * Canaries, blue/green, failing and reverting under constant load: no request fails, and each version answers exactly
 * while the deployment says so. `npm run soak -- --only revert` measures the way back 200 times:
 * under a second.
 */
import { describe, expect, it } from 'vitest';
import { deploymentOf, instancesOf, updated } from '../src/agent/testing/job-watch.ts';
import { freePort } from '../src/agent/testing/live-agent.ts';
import { until } from '../src/agent/testing/until.ts';
import { type WebGroup, webJob } from '../src/agent/testing/web-job.ts';
import { isClientTerminal } from '../src/model/allocation.ts';
import { Answers } from './answers.ts';
import { liveBench } from './live-bench.ts';
import { underTraffic } from './traffic.ts';

const bench = liveBench();
const COUNT = 3;
/** So many answers are a while: each connection has asked again several times. */
const A_WHILE = 100;
/** Enough to tell a quarter of all from a tenth and from four. */
const MANY = 250;

type Update = Readonly<Record<string, string | number | boolean>>;

/** A service of version v0 under load; `work` is done to it, then what was answered is judged. */
async function service(id: string, update: Update) {
  const { agent } = bench;
  const listen = await freePort();
  const answers = new Answers();
  const submit = (group: Partial<WebGroup>): Promise<string> => {
    const groups = [{ count: COUNT, version: 'v0', ...group }];
    return agent.succeed('run', '-detach', agent.file(webJob({ id, listen, groups, update })));
  };
  await submit({});
  await updated(agent, id, 0);
  const canariesAreHealthy = (): Promise<unknown> =>
    until('the canaries are healthy', async () => {
      const { JobVersion, TaskGroups } = await deploymentOf(agent, id);
      const { HealthyAllocs, DesiredCanaries } = TaskGroups.app!;
      return JobVersion > 0 && HealthyAllocs === DesiredCanaries;
    });
  const underLoad = async (work: () => Promise<unknown>): Promise<void> => {
    const figures = await underTraffic(listen, work, answers);
    expect(figures.failures).toEqual([]);
    expect(figures.requests).toBeGreaterThan(100);
    await agent.succeed('stop', '-detach', id);
  };
  /** Fails or promotes its deployment; resolves with the time at which that was sent. */
  const send = async (verb: 'fail' | 'promote'): Promise<number> => {
    const { ID } = await deploymentOf(agent, id);
    const sentAtMs = answers.now();
    await agent.write(`deployment/${verb}/${ID}`, { DeploymentID: ID, All: true });
    return sentAtMs;
  };
  /** So many requests more, of whatever version, were sent and answered. */
  const answered = async (count: number): Promise<void> => {
    const sinceMs = answers.now();
    await until('it is asked again', () => ['v0', 'v1'].flatMap((each) => answers.of(each, sinceMs)).length >= count);
  };
  return { agent, answers, answered, submit, canariesAreHealthy, underLoad, send };
}

const BLUE_GREEN = { canary: COUNT } as const;

describe.concurrent('no request fails', () => {
  it('where a blue/green is promoted: nothing of the new set before, nothing of the old one after', async () => {
    const { agent, answers, answered, submit, canariesAreHealthy, underLoad, send } = await service('bg', BLUE_GREEN);
    await underLoad(async () => {
      await submit({ version: 'v1' });
      await canariesAreHealthy();
      await answered(A_WHILE);
      expect(answers.of('v1')).toEqual([]);

      const sentAtMs = await send('promote');
      await updated(agent, 'bg', 1);
      await answered(A_WHILE);
      expect(answers.of('v1').length).toBeGreaterThanOrEqual(A_WHILE);
      expect(answers.strays('v0', 'v1', sentAtMs)).toEqual([]);
    });
  });

  it('where a blue/green is promoted and somebody waits for it: no old answer once the command has returned', async () => {
    const { agent, answers, answered, submit, canariesAreHealthy, underLoad } = await service('waits', BLUE_GREEN);
    await underLoad(async () => {
      await submit({ version: 'v1' });
      await canariesAreHealthy();
      await agent.succeed('deployment', 'promote', (await deploymentOf(agent, 'waits')).ID);
      const returnedAtMs = answers.now();
      await answered(A_WHILE);
      expect(answers.of('v0', returnedAtMs)).toEqual([]);
      expect(answers.of('v1', returnedAtMs).length).toBeGreaterThanOrEqual(A_WHILE);
    });
  });

  it('where a canary is promoted: both versions answer until the rest has followed', async () => {
    const { agent, answers, answered, submit, canariesAreHealthy, underLoad, send } = await service('canary', {
      canary: 1,
      max_parallel: 1,
    });
    await underLoad(async () => {
      await submit({ version: 'v1' });
      await canariesAreHealthy();
      const healthyAtMs = answers.now();
      await answered(MANY);
      const [stable, canary] = [answers.of('v0', healthyAtMs).length, answers.of('v1', healthyAtMs).length];
      // One of four instances.
      expect(canary / (stable + canary)).toBeGreaterThan(0.1);
      expect(canary / (stable + canary)).toBeLessThan(0.4);
      await send('promote');
      await updated(agent, 'canary', 1);
      const overAtMs = answers.now();
      await answered(A_WHILE);
      expect(answers.of('v0', overAtMs)).toEqual([]);
    });
  });

  it('where a canary is failed: all of the traffic is back at once', async () => {
    const { answers, submit, canariesAreHealthy, underLoad, send } = await service('failed', {
      canary: 1,
      max_parallel: 1,
    });
    await underLoad(async () => {
      await submit({ version: 'v1' });
      await canariesAreHealthy();
      await until('the canary answers', () => answers.of('v1').length > 0);
      const sentAtMs = await send('fail');
      await until('all of the traffic is back', () => {
        const lastMs = sentAtMs + answers.lingeredMs('v1', sentAtMs);
        return answers.of('v0', lastMs).length >= A_WHILE;
      });
    });
  });

  it('where a blue/green is failed with auto_revert: the new set never answers, the old one is the newest version', async () => {
    const { agent, answers, submit, canariesAreHealthy, underLoad, send } = await service('auto', {
      ...BLUE_GREEN,
      auto_revert: true,
    });
    const blue = await alive('auto');
    await underLoad(async () => {
      await submit({ version: 'v1' });
      await canariesAreHealthy();
      await send('fail');
      await updated(agent, 'auto', 2);
      expect(answers.of('v1')).toEqual([]);
      expect(await alive('auto')).toEqual(blue);
    });
  });

  it('where half of a rolling update is failed with auto_revert: it goes back, and no faster than it may', async () => {
    const { agent, answers, answered, submit, underLoad, send } = await service('half', {
      max_parallel: 1,
      auto_revert: true,
    });
    await underLoad(async () => {
      await submit({ version: 'v1' });
      await until('the new version answers', () => answers.of('v1').length > 0);
      await send('fail');
      await updated(agent, 'half', 2);
      const overAtMs = answers.now();
      await answered(A_WHILE);
      expect(answers.of('v1', overAtMs)).toEqual([]);
    });
  });

  it('where a blue/green is reverted before its promotion: the new set never answers, the old one stays', async () => {
    const { agent, answers, submit, canariesAreHealthy, underLoad } = await service('revert', BLUE_GREEN);
    const blue = await alive('revert');
    await underLoad(async () => {
      await submit({ version: 'v1' });
      await canariesAreHealthy();
      await agent.succeed('job', 'revert', '-detach', 'revert', '0');
      await updated(agent, 'revert', 2);
      expect(answers.of('v1')).toEqual([]);
      expect(await alive('revert')).toEqual(blue);
    });
  });
});

/** The ids of the instances that live, in order. */
async function alive(job: string): Promise<string[]> {
  const all = await instancesOf(bench.agent, job);
  return all
    .filter((each) => !isClientTerminal(each))
    .map((each) => each.ID)
    .sort();
}
