/** The page in a real browser while the agent that serves it holds 1,000 jobs and 10,000 instances. */
import type { Browser } from 'playwright-core';
import { type BenchAgent, getJson, putJson, startBenchAgent } from '../agent-process.ts';
import { atMost, type Figure, type Suite } from '../figure.ts';
import { ALLOCS, fillCluster, JOBS, quietJob, UPDATED, UPDATED_COUNT, until, updatedJob } from '../large-cluster.ts';
import { openBrowser, openWatched } from '../page-browser.ts';
import { median, repeat } from '../samples.ts';

const RUNS = 5;
const FIRST_VIEW = atMost(1000);
const LONGEST_TASK = atMost(200);

interface View {
  readonly name: string;
  readonly path: string;
  /** What is there once the view is. */
  readonly selector: string;
}

const JOBS_VIEW: View = { name: 'jobs', path: '/jobs', selector: '.table tbody td a' };

const VIEWS: readonly View[] = [
  JOBS_VIEW,
  { name: 'topology', path: '/topology', selector: '.tile-canvas[style*="px"]' },
  { name: 'topology as a table', path: '/topology?as=table', selector: '.table tbody td a' },
  { name: 'nodes', path: '/nodes', selector: '.table tbody td a' },
];

export const page: Suite = {
  name: 'page',
  about: `The page in Chromium, of a real agent with ${JOBS.toLocaleString('en-US')} jobs and ${ALLOCS.toLocaleString('en-US')} instances, on one machine.`,
  async run() {
    const agent = await startBenchAgent();
    const browser = await openBrowser();
    const hearts = new AbortController();
    try {
      const { ended } = await fillCluster(agent.address, hearts.signal);
      const figures: Figure[] = [];
      for (const view of VIEWS) figures.push(await firstView(agent, browser, view));
      figures.push(await changeSeen(agent, browser));
      for (const [at, view] of [...VIEWS, ofJob()].entries())
        figures.push(await longestTask(agent, browser, view, `v${at + 2}`));
      hearts.abort();
      await ended;
      return figures;
    } finally {
      hearts.abort();
      await browser.close();
      await agent.stop();
    }
  },
};

const ofJob = (): View => ({ name: 'the job', path: `/jobs/${UPDATED}`, selector: 'h1' });

async function firstView({ address }: BenchAgent, browser: Browser, view: View): Promise<Figure> {
  const times = await repeat(RUNS, async () => {
    const window = await openWatched(browser, `${address}/ui${view.path}`, view.selector);
    const ms = await window.paintedMs();
    await window.close();
    return ms;
  });
  return { name: `first view of ${view.name}, painted`, unit: 'ms', measured: median(times), budget: FIRST_VIEW };
}

/** By the clock of the machine, which browser and bench share. */
async function changeSeen({ address }: BenchAgent, browser: Browser): Promise<Figure> {
  const window = await openWatched(browser, `${address}/ui${JOBS_VIEW.path}`, JOBS_VIEW.selector);
  await window.paintedMs();
  const times = await repeat(RUNS, async (at) => {
    // Sorted by name it stands where one looks.
    const id = `a-change-${at}`;
    const shown = window.shownAtMs(id);
    await putJson(`${address}/v1/jobs`, { Job: quietJob(id) });
    const doneMs = Date.now();
    return (await shown) - doneMs;
  });
  await window.close();
  return { name: 'a new job in the list, worst', unit: 'ms', measured: Math.max(...times), budget: FIRST_VIEW };
}

async function longestTask({ address }: BenchAgent, browser: Browser, view: View, version: string): Promise<Figure> {
  const window = await openWatched(browser, `${address}/ui${view.path}`, view.selector);
  await window.paintedMs();
  await window.page.waitForTimeout(500);
  await window.longestTaskMs();
  await putJson(`${address}/v1/jobs`, { Job: updatedJob(version) });
  await until(() => isUpdated(address));
  await window.page.waitForTimeout(500);
  const measured = await window.longestTaskMs();
  await window.close();
  const name = `${view.name}: longest task while ${UPDATED_COUNT} instances are updated`;
  return { name, unit: 'ms', measured, budget: LONGEST_TASK };
}

async function isUpdated(address: string): Promise<boolean> {
  const job = await getJson<{ Version: number }>(`${address}/v1/job/${UPDATED}`);
  const last = await getJson<{ JobVersion: number; Status: string } | null>(`${address}/v1/job/${UPDATED}/deployment`);
  return last?.JobVersion === job.Version && last.Status === 'successful';
}
