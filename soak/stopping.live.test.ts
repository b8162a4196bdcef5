/** Instances that end rudely, late or with a request in flight; updates of a single instance. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { instancesOf, updated } from '../src/agent/testing/job-watch.ts';
import { freePort } from '../src/agent/testing/live-agent.ts';
import { until } from '../src/agent/testing/until.ts';
import { Behaviour, type WebGroup, webJob } from '../src/agent/testing/web-job.ts';
import { liveBench } from './live-bench.ts';
import { underTraffic, webUrl } from './traffic.ts';

const bench = liveBench();

/** Runs version 0 of a job and answers what runs the next versions of it. */
async function service(id: string, group: Omit<WebGroup, 'version'>) {
  const { agent } = bench;
  const listen = await freePort();
  const file = (version: number): string =>
    agent.file(webJob({ id, listen, groups: [{ ...group, version: `v${version}` }] }));
  const run = async (version: number): Promise<void> => {
    await agent.succeed('run', '-detach', file(version));
    await updated(agent, id, version);
  };
  await run(0);
  return { agent, listen, file, run };
}

async function plan(file: string): Promise<string> {
  const { code, output } = await bench.agent.serin('plan', file);
  expect(code, output).toBe(1);
  return output;
}

describe.concurrent('an update drops nothing', () => {
  it('where instances exit at once on the signal', async () => {
    const { listen, run } = await service('at-once', { count: 3, behaviour: Behaviour.exitsAtOnce });
    const figures = await underTraffic(listen, () => run(1));
    expect(figures.failures).toEqual([]);
    expect(Object.keys(figures.byVersion).sort()).toEqual(['v0', 'v1']);
  });

  it('where instances ignore the signal: they are killed after kill_timeout', async () => {
    const group = { count: 2, behaviour: Behaviour.ignoresSignals, killTimeout: '1s' };
    const { agent, listen, run } = await service('ignores', group);
    const figures = await underTraffic(listen, () => run(1));
    expect(figures.failures).toEqual([]);
    const old = (await instancesOf(agent, 'ignores')).filter((each) => each.JobVersion === 0);
    expect(old).toHaveLength(2);
    for (const { TaskStates } of old) {
      const events = TaskStates!.server!.Events;
      const killing = events.find((event) => event.Type === 'Killing')!;
      const ended = events.find((event) => event.Type === 'Terminated')!;
      expect(ended.DisplayMessage).toContain('Signal: 9');
      expect(ended.Time - killing.Time).toBeGreaterThanOrEqual(0.95e9);
    }
  });

  it('where a request takes 5 s: it is answered in full by the old version', async () => {
    const { listen, run } = await service('slow', { count: 2, behaviour: Behaviour.exitsAtOnce });
    const startedAt = Date.now();
    const slow = [1, 2].map(async () => {
      const answer = await fetch(webUrl(listen, '/slow?ms=5000'));
      return { status: answer.status, text: await answer.text(), tookMs: Date.now() - startedAt };
    });
    const figures = await underTraffic(listen, () => run(1));
    for (const { status, text, tookMs } of await Promise.all(slow)) {
      expect(status).toBe(200);
      expect(text).toMatch(/^v0 /);
      expect(tookMs).toBeGreaterThanOrEqual(5000);
    }
    expect(figures.failures).toEqual([]);
  });

  it('where there is one instance: the new one starts first, and the plan says so', async () => {
    const { listen, file, run } = await service('single', { count: 1, behaviour: Behaviour.exitsAtOnce });
    expect(await plan(file(1))).toContain('the new instance starts first');
    const figures = await underTraffic(listen, () => run(1));
    expect(figures.failures).toEqual([]);
    expect(figures.byVersion.v1).toBeGreaterThan(0);
  });

  it('where there is one instance at a static port: requests are held, and the plan says so', async () => {
    const group = { count: 1, behaviour: Behaviour.exitsAtOnce, staticPort: await freePort() };
    const { listen, file, run } = await service('static', group);
    expect(await plan(file(1))).toContain('requests wait for up to 10s');
    const figures = await underTraffic(listen, () => run(1));
    expect(figures.failures).toEqual([]);
    expect(figures.byVersion.v1).toBeGreaterThan(0);
    // Starting a process takes longer than any request: some of them have waited.
    expect(figures.latencies.quick.max).toBeGreaterThan(30);
  });
});

it('an instance whose port another process holds is never taken for healthy: no request goes to that one', async () => {
  const { agent } = bench;
  const listen = await freePort();
  const stranger = createServer((_, response) => response.end('stranger')).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port: staticPort } = stranger.address() as AddressInfo;
  try {
    const groups = [{ count: 1, version: 'v0', staticPort }];
    await agent.succeed('run', '-detach', agent.file(webJob({ id: 'taken', listen, groups })));
    const answers: string[] = [];
    await until('it has failed', async () => {
      // No answer is what is hoped for: nobody listens, or the ingress holds the request.
      answers.push(
        await fetch(webUrl(listen), { signal: AbortSignal.timeout(200) }).then(
          (each) => each.text(),
          () => 'none',
        ),
      );
      const [only] = await instancesOf(agent, 'taken');
      const events = only?.TaskStates?.server?.Events ?? [];
      return events.some((event) =>
        event.DisplayMessage.includes(`port ${staticPort} ("http") is held by pid ${process.pid} `),
      );
    });
    expect(answers.filter((each) => each.includes('stranger'))).toEqual([]);
  } finally {
    stranger.close();
  }
});
