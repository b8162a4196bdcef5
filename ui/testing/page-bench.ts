/** What every live test of the page begins and ends with: a built agent that serves the built page, and a real browser. */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { CHROMIUM, openBrowser } from '../../bench/page-browser.ts';
import { LiveAgent } from '../../src/agent/testing/live-agent.ts';
import { buildProgram, type Program } from '../../src/agent/testing/program.ts';

/** Debian's package; without it the suites are skipped, unless everything is asked for. */
export const hasBrowser = existsSync(CHROMIUM) || process.env.SERIN_LIVE === 'required';

/** Patience of clicks and waits: a busy machine may be ten times slower. */
const PATIENCE_MS = 60_000;

export interface PageBench {
  readonly agent: LiveAgent;
  /** Opens an address below /ui in a window of its own. */
  open(path: string, options?: BrowserContextOptions): Promise<OpenedPage>;
}

export interface OpenedPage {
  readonly page: Page;
  /** What the browser complained about: errors of scripts, refusals by the policy, requests to elsewhere. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export function pageBench(flags: readonly string[] = []): PageBench {
  let program: Program | undefined;
  let agent: LiveAgent | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    program = await buildProgram();
    [agent, browser] = await Promise.all([LiveAgent.start(program, { flags }), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await agent?.cleanUp();
    program?.remove();
  });
  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the bench has not started');
    return part;
  };
  return {
    get agent() {
      return started(agent);
    },
    open: (path, options) => openPage(started(browser), started(agent).address, path, options),
  };
}

async function openPage(
  browser: Browser,
  address: string,
  path: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // What the agent refused is the page's to say, and the browser's to log.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(address) && !url.startsWith('data:')) complaints.push(`asked ${url}`);
  });
  await page.goto(`${address}/ui${path}`);
  return { page, complaints, close: () => context.close() };
}

/** Waits until the page says it. */
export async function says(page: Page, text: string | RegExp): Promise<void> {
  await expect.poll(() => page.getByRole('main').textContent(), { timeout: PATIENCE_MS }).toMatch(text);
}
