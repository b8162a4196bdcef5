/** The users' blue/green, by clicking, under load: what the page says is what happens, and no request fails. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Answers } from '../../soak/answers.ts';
import { underTraffic } from '../../soak/traffic.ts';
import { updated } from '../../src/agent/testing/job-watch.ts';
import { freePort } from '../../src/agent/testing/live-agent.ts';
import { webJob } from '../../src/agent/testing/web-job.ts';
import { hasBrowser, pageBench, says } from '../testing/page-bench.ts';

const COUNT = 3;
const A_WHILE_MS = 1_000;

describe.runIf(hasBrowser)('the page', () => {
  const bench = pageBench();

  it('promotes a blue/green and fails the next: the requests go where it says, and none fails', async () => {
    const { agent } = bench;
    const listen = await freePort();
    const answers = new Answers();
    const submit = (version: string) =>
      agent.succeed(
        'run',
        '-detach',
        agent.file(webJob({ id: 'docs', listen, groups: [{ count: COUNT, version }], update: { canary: COUNT } })),
      );
    await submit('v0');
    await updated(agent, 'docs', 0);
    const { page, complaints, close } = await bench.open('/jobs');
    const main = page.getByRole('main');
    const dialog = page.getByRole('dialog');

    const figures = await underTraffic(
      listen,
      async () => {
        await submit('v1');
        await page.getByRole('link', { name: 'docs' }).click();
        await main.getByRole('link', { name: 'Version 1' }).click();
        await says(page, /wait until somebody promotes them/);
        await says(page, /New set healthy[\s\S]*3 of 3/);
        await says(page, /version 1: 0% by weight · version 0: 100% by weight/);
        await delay(A_WHILE_MS);
        expect(answers.of('v1')).toEqual([]);

        await main.getByRole('button', { name: 'Promote' }).click();
        expect(await dialog.textContent()).toMatch(/all requests go to the 3 instances of version 1 in one step/);
        await dialog.getByRole('button', { name: 'Promote' }).click();
        await says(page, /Deployment completed successfully/);
        await says(page, /Version 0 3 stopped/);
        await main.getByRole('img', { name: 'Share of the requests: version 1 100%' }).waitFor();
        await updated(agent, 'docs', 1);

        await submit('v2');
        await main.getByRole('link', { name: 'docs' }).click();
        await main.getByRole('link', { name: 'Version 2' }).click();
        await says(page, /New set healthy[\s\S]*3 of 3/);
        await main.getByRole('button', { name: 'Fail' }).click();
        await dialog.getByRole('button', { name: 'Fail' }).click();
        await says(page, /Deployment marked as failed/);
        expect(answers.of('v2')).toEqual([]);
      },
      answers,
    );

    expect(figures.failures).toEqual([]);
    expect(figures.requests).toBeGreaterThan(100);
    expect(answers.of('v1').length).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    await close();
  });
});
