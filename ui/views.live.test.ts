/**
 * Every view as everybody may have to use it: axe finds no serious fault in either theme, nothing scrolls sideways on a
 * telephone, the policy refuses nothing, and nothing is asked elsewhere. Pictures of all stay in `SCREENSHOTS`.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { instancesOf, updated } from '../src/agent/testing/job-watch.ts';
import { freePort } from '../src/agent/testing/live-agent.ts';
import { CHECKOUT } from '../src/agent/testing/program.ts';
import { webJob } from '../src/agent/testing/web-job.ts';
import { hasBrowser, pageBench } from './testing/page-bench.ts';

const SCREENSHOTS = join(CHECKOUT, 'node_modules/.cache/serin/screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TELEPHONE = { width: 360, height: 740 };
/** Of compressed script, before anything is to be seen. */
const FIRST_LOAD_BYTES = 300_000;
const SCRIPT_BYTES = `performance.getEntriesByType('resource')
  .filter(({ name }) => name.endsWith('.js'))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`;
const THEMES = ['light', 'dark'] as const;

/** Below /ui, with a name for its picture; ids are filled in from what runs. */
const VIEWS: Readonly<Record<string, (ids: Ids) => string>> = {
  jobs: () => '/jobs',
  job: () => '/jobs/web',
  'job-allocations': () => '/jobs/web/allocations',
  'job-versions': () => '/jobs/web/versions',
  'job-evaluations': () => '/jobs/web/evaluations',
  'job-definition': () => '/jobs/web/definition',
  'job-edit': () => '/jobs/web/edit',
  run: () => '/run',
  deployments: () => '/deployments',
  release: ({ deployment }) => `/deployments/${deployment}`,
  allocation: ({ allocation }) => `/allocations/${allocation}`,
  logs: ({ allocation }) => `/allocations/${allocation}/logs`,
  files: ({ allocation }) => `/allocations/${allocation}/files`,
  terminal: ({ allocation }) => `/allocations/${allocation}/terminal`,
  nodes: () => '/nodes',
  node: ({ node }) => `/nodes/${node}`,
  ingress: () => '/ingress',
  topology: () => '/topology',
  evaluations: () => '/evaluations',
  evaluation: ({ evaluation }) => `/evaluations/${evaluation}`,
  servers: () => '/servers',
  nowhere: () => '/no/such/view',
};

interface Ids {
  readonly deployment: string;
  readonly allocation: string;
  readonly node: string;
  readonly evaluation: string;
}

describe.runIf(hasBrowser)('every view', () => {
  const bench = pageBench();
  let ids: Ids;

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const { agent } = bench;
    const groups = [{ count: 2, version: 'v0' }];
    await agent.succeed('run', '-detach', agent.file(webJob({ id: 'web', listen: await freePort(), groups })));
    await updated(agent, 'web', 0);
    const [deployment] = await agent.read<{ ID: string }[]>('deployments');
    const [allocation] = await instancesOf(agent, 'web');
    const [node] = await agent.read<{ ID: string }[]>('nodes');
    const [evaluation] = await agent.read<{ ID: string }[]>('job/web/evaluations');
    ids = { deployment: deployment!.ID, allocation: allocation!.ID, node: node!.ID, evaluation: evaluation!.ID };
  });

  it('is there after little script', async () => {
    const { page, close } = await bench.open('/jobs');
    await isThere(page);
    const bytes = await page.evaluate<number>(SCRIPT_BYTES);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(FIRST_LOAD_BYTES);
    await close();
  });

  it.each(THEMES)('can be used by everybody, %s', async (colorScheme) => {
    const { page, complaints, close } = await bench.open('/jobs', { colorScheme });
    for (const [name, address] of Object.entries(VIEWS)) {
      await page.goto(`${bench.agent.address}/ui${address(ids)}`);
      await isThere(page);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`), fullPage: true });
      expect(await seriousFaults(page), name).toEqual([]);
      await page.setViewportSize(TELEPHONE);
      expect(await page.evaluate('document.documentElement.scrollWidth'), `${name} on a telephone`).toBe(
        TELEPHONE.width,
      );
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    expect(complaints).toEqual([]);
    await close();
  });
});

/** Has its heading, or its sentence, and waits for nothing any more. */
async function isThere(page: Page): Promise<void> {
  await page.getByRole('main').getByText(/\S/).first().waitFor();
  await expect.poll(() => page.getByText('Asking the agent …').count()).toBe(0);
}

interface Fault {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<{ violations: Fault[] }>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}
