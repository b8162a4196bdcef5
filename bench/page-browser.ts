/** The system's Chromium as a bench looks through it: when a view was painted, and which tasks kept it from answering. */
import { type Browser, chromium, type Page } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

/** With nothing that would call its maker. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: QUIET });

export interface Watched {
  readonly page: Page;
  /** From the navigation until something that matches was painted. */
  paintedMs(): Promise<number>;
  /** Of those since the last call: the longest task, in ms; 0: none was over 50 ms. */
  longestTaskMs(): Promise<number>;
  /** Milliseconds since the epoch at which a text was on screen. */
  shownAtMs(text: string): Promise<number>;
  close(): Promise<void>;
}

/** A window of its own: nothing is kept of an earlier one. */
export async function openWatched(browser: Browser, url: string, selector: string): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript({ content: watchFor(selector) });
  await page.goto(url, { waitUntil: 'commit' });
  return {
    page,
    paintedMs: () => page.evaluate<number>('watch.painted'),
    longestTaskMs: () => page.evaluate<number>(LONGEST),
    shownAtMs: (text) => page.evaluate<number>(shownAt(text)),
    close: () => context.close(),
  };
}

/** Runs in the page, before anything of it; as text, since nothing of a browser is known here. */
const watchFor = (selector: string): string => `
  let painted;
  const watch = { tasks: [], painted: new Promise((resolve) => { painted = resolve; }) };
  globalThis.watch = watch;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watch.tasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
  const changes = new MutationObserver(() => {
    if (!document.querySelector(${JSON.stringify(selector)})) return;
    changes.disconnect();
    requestAnimationFrame(() => setTimeout(() => painted(performance.now())));
  });
  changes.observe(document, { childList: true, subtree: true, attributes: true });`;

const LONGEST = 'Math.max(0, ...watch.tasks.splice(0))';

const shownAt = (text: string): string => `new Promise((resolve) => {
  const look = () => document.body.textContent.includes(${JSON.stringify(text)}) ? resolve(Date.now()) : requestAnimationFrame(look);
  look();
})`;
