/** An agent or an ingress that is killed at the worst moments of an update: it ends all the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { instancesOf, updated } from '../src/agent/testing/job-watch.ts';
import { freePort } from '../src/agent/testing/live-agent.ts';
import { endProcess } from '../src/agent/testing/own-processes.ts';
import { until } from '../src/agent/testing/until.ts';
import { Behaviour, type WebGroup, webJob } from '../src/agent/testing/web-job.ts';
import { liveBench } from './live-bench.ts';
import { type TrafficFigures, underTraffic, webUrl } from './traffic.ts';

const bench = liveBench();

async function service(id: string, group: Partial<WebGroup> & { count: number }) {
  const { agent } = bench;
  const listen = await freePort();
  const submit = (version: number) => {
    const groups = [{ ...group, version: `v${version}` }];
    return agent.succeed('run', '-detach', agent.file(webJob({ id, listen, groups })));
  };
  await submit(0);
  await updated(agent, id, 0);
  /** Resolves when an instance of version 0 has been told to stop. */
  const oldIsStopping = () =>
    until('an old instance is told to stop', async () =>
      (await instancesOf(agent, id)).some((each) => each.JobVersion === 0 && each.DesiredStatus === 'stop'),
    );
  return { agent, listen, submit, oldIsStopping };
}

it('an agent that is killed with jobs half done: each is ended by the next one, and no request fails', async () => {
  const { agent } = bench;
  const [handover, stubborn] = await Promise.all([
    service('handover', { count: 1, staticPort: await freePort() }),
    service('stubborn', { count: 2, behaviour: Behaviour.ignoresSignals, killTimeout: '2s' }),
  ]);
  const rolls = async (): Promise<void> => {
    await stubborn.submit(1);
    await stubborn.oldIsStopping();
    // It has got its signal and ignores it; a static port changes hands; a third job was only just taken.
    await delay(500);
    await handover.submit(1);
    await handover.oldIsStopping();
    const groups = [{ count: 2, version: 'v0' }];
    await agent.succeed('run', '-detach', agent.file(webJob({ id: 'taken', listen: await freePort(), groups })));
    await agent.restart();
    await Promise.all([updated(agent, 'stubborn', 1), updated(agent, 'handover', 1), updated(agent, 'taken', 0)]);
  };
  const figures = await underTraffic(stubborn.listen, () => underTraffic(handover.listen, rolls).then(expectNoFailure));
  expectNoFailure(figures);
});

it('an ingress that is killed in the middle of an update: it is back, and the update ends', async () => {
  const { agent, listen, submit, oldIsStopping } = await service('blinded', { count: 4 });
  await submit(1);
  await oldIsStopping();
  const { pid } = JSON.parse(readFileSync(join(agent.dataDir, 'ingress/process.json'), 'utf8')) as { pid: number };
  endProcess(pid);
  await until('it takes requests again', async () => (await fetch(webUrl(listen))).ok);
  const figures = await underTraffic(listen, () => updated(agent, 'blinded', 1));
  expectNoFailure(figures);
});

const expectNoFailure = ({ failures }: TrafficFigures): void => expect(failures).toEqual([]);
