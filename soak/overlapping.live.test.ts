/** What people do to a service besides waiting for one update after the other; nothing of it may cost a request. */
import { describe, expect, it } from 'vitest';
import { answeringPids, deploymentOf, instancesOf, updated } from '../src/agent/testing/job-watch.ts';
import { freePort } from '../src/agent/testing/live-agent.ts';
import { until } from '../src/agent/testing/until.ts';
import { type WebGroup, webJob } from '../src/agent/testing/web-job.ts';
import { isClientTerminal } from '../src/model/allocation.ts';
import type { RoutingTable } from '../src/model/ingress.ts';
import { liveBench } from './live-bench.ts';
import { underTraffic, webUrl } from './traffic.ts';

const bench = liveBench();

async function service(id: string, count: number) {
  const { agent } = bench;
  const listen = await freePort();
  const submit = (group: Partial<WebGroup>, update: Record<string, string | number> = {}) => {
    const groups = [{ count, version: 'v0', ...group }];
    return agent.succeed('run', '-detach', agent.file(webJob({ id, listen, groups, update })));
  };
  await submit({});
  await updated(agent, id, 0);
  return { agent, listen, submit };
}

describe.concurrent('no request fails', () => {
  it('where versions are submitted faster than they roll out: the newest wins', async () => {
    const { agent, listen, submit } = await service('hasty', 4);
    const figures = await underTraffic(listen, async () => {
      for (const version of ['v1', 'v2', 'v3', 'v4']) {
        await submit({ version });
        await until(
          'an instance of it is placed',
          async () => (await deploymentOf(agent, 'hasty')).TaskGroups.app!.PlacedAllocs > 0,
        );
      }
      await updated(agent, 'hasty', 4);
    });
    expect(figures.failures).toEqual([]);
    const alive = (await instancesOf(agent, 'hasty')).filter((each) => !isClientTerminal(each));
    expect(alive.map((each) => each.JobVersion)).toEqual([4, 4, 4, 4]);
  });

  it('where the count goes up and down, and what goes stops', async () => {
    const { agent, listen, submit } = await service('scaled', 2);
    const figures = await underTraffic(listen, async () => {
      for (const count of [5, 1, 3]) {
        await submit({ count });
        await until(`${count} instances are all there is`, async () => {
          const alive = (await instancesOf(agent, 'scaled')).filter((each) => !isClientTerminal(each));
          return alive.length === count && alive.every((each) => each.DeploymentStatus?.Healthy === true);
        });
      }
    });
    expect(figures.failures).toEqual([]);
  });

  it('where an update changes nothing about the processes: they go on', async () => {
    const { agent, listen, submit } = await service('in-place', 2);
    const before = await answeringPids(webUrl(listen));
    const figures = await underTraffic(listen, async () => {
      await submit({ killTimeout: '7s' });
      await until('the new version is running', async () => {
        const alive = (await instancesOf(agent, 'in-place')).filter((each) => !isClientTerminal(each));
        return (
          alive.every((each) => each.JobVersion === 1) &&
          (await deploymentOf(agent, 'in-place')).Status === 'successful'
        );
      });
    });
    expect(figures.failures).toEqual([]);
    expect(await answeringPids(webUrl(listen))).toEqual(before);
  });

  it('where instances are restarted and stopped by hand, the last one of a service among them', async () => {
    const { agent, listen } = await service('by-hand', 1);
    const figures = await underTraffic(listen, async () => {
      const [only] = await instancesOf(agent, 'by-hand');
      await agent.succeed('alloc', 'restart', only!.ID);
      await until('it was restarted', async () => {
        const [restarted] = await instancesOf(agent, 'by-hand');
        return restarted!.TaskStates!.server!.Restarts === 1 && (await answeringPids(webUrl(listen), 1)).size === 1;
      });
      await agent.succeed('alloc', 'stop', '-detach', only!.ID);
      await until('another one took its place', async () => {
        const alive = (await instancesOf(agent, 'by-hand')).filter((each) => !isClientTerminal(each));
        return alive.length === 1 && alive[0]!.ID !== only!.ID;
      });
    });
    expect(figures.failures).toEqual([]);
  });

  it('where colours change by counts, 10/0 to 9/1 to 0/10 and back: they are one backend', async () => {
    const { agent } = bench;
    const listen = await freePort();
    const move = async (green: number, blue: number): Promise<void> => {
      const groups = [
        { name: 'api-green', count: green, version: 'v1' },
        { name: 'api-blue', count: blue, version: 'v2' },
      ];
      await agent.succeed('run', '-detach', agent.file(webJob({ id: 'my-api', listen, groups })));
      await until(`${green} green and ${blue} blue instances serve, nothing else lives`, async () => {
        const alive = (await instancesOf(agent, 'my-api')).filter((each) =>
          ['pending', 'running'].includes(each.ClientStatus),
        );
        const of = (name: string) =>
          alive.filter((each) => each.TaskGroup === name && each.DesiredStatus === 'run').length;
        expect([of('api-green'), of('api-blue'), alive.length]).toEqual([green, blue, green + blue]);
        expect((await deploymentOf(agent, 'my-api')).Status).toBe('successful');
        return true;
      });
    };
    await move(10, 0);
    const figures = await underTraffic(listen, async () => {
      await move(9, 1);
      const table = await agent.read<RoutingTable>('ingress/table');
      const frontend = table.Frontends.find((each) => each.Listen === listen)!;
      expect(frontend.Routes).toHaveLength(1);
      expect(frontend.Routes[0]!.Backend.Pools.flatMap((pool) => pool.Servers)).toHaveLength(10);
      await move(0, 10);
      await move(10, 0);
    });
    expect(figures.failures).toEqual([]);
    expect(Object.keys(figures.byVersion).sort()).toEqual(['v1', 'v2']);
  });
});
