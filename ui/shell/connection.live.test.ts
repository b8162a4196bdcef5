/** The page and its agent: gone and back, with a token and without. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { updated } from '../../src/agent/testing/job-watch.ts';
import { freePort } from '../../src/agent/testing/live-agent.ts';
import { webJob } from '../../src/agent/testing/web-job.ts';
import { hasBrowser, pageBench, says } from '../testing/page-bench.ts';

describe.runIf(hasBrowser)('the page', () => {
  const bench = pageBench();

  it('says that its agent is gone, and shows what happened meanwhile when it is back', async () => {
    const { agent } = bench;
    const { page, complaints, close } = await bench.open('/jobs');
    await says(page, /No jobs yet/);
    const file = agent.file(webJob({ id: 'web', listen: await freePort(), groups: [{ count: 1, version: 'v0' }] }));
    await agent.succeed('run', '-detach', file);
    await says(page, /web\s*running/);
    await updated(agent, 'web', 0);

    await agent.end('SIGKILL');
    await page.getByText(/The connection to the agent was lost/).waitFor();
    await agent.start();
    await agent.succeed('stop', '-detach', 'web');
    await page.getByText(/The connection to the agent was lost/).waitFor({ state: 'detached' });
    await says(page, /web\s*stopped/);
    expect(complaints.filter((words) => !/ERR_CONNECTION_REFUSED/.test(words))).toEqual([]);
    await close();
  });
});

describe.runIf(hasBrowser)('the page of an agent with tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'serin-page-'));
  const tokenFile = join(folder, 'token');
  writeFileSync(join(folder, 'agent.hcl'), `auth {\n  token_file = "${tokenFile}"\n}\n`);
  const bench = pageBench(['-config', join(folder, 'agent.hcl')]);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('asks for one, says that a wrong one is wrong, and goes on with the right one', async () => {
    const { page, close } = await bench.open('/nodes');
    const field = page.getByLabel(/The management token/);
    await field.fill('wrong');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText(/The token that was typed may not do this/).waitFor();
    await field.fill(readFileSync(tokenFile, 'utf8').trim());
    await page.getByRole('button', { name: 'Go on' }).click();
    await says(page, /ready/);
    await close();
  });
});
