/** Watches a deployment until it ends: a block per change, or one block that is redrawn on a terminal. */
import type { ReadOptions } from '../api/requester.ts';
import type { DeploymentView } from '../api/views.ts';
import { sleep } from '../lib/clock.ts';
import { isDeploymentActive } from '../model/deployment.ts';
import type { CommandContext } from './command.ts';
import { explaining } from './explaining.ts';
import { formatDeployment } from './format/deployment.ts';
import { explanationLines } from './format/explanation.ts';
import { withoutJoints } from './format/tree.ts';
import { formatDeploymentTraffic } from './format/version-figures.ts';
import { formatTime, idOf } from './format/words.ts';
import { createLiveBlock } from './live-block.ts';
import { watch } from './watch.ts';

/** What a deployment waits for changes without the deployment: a check that fails now, a port that is taken. */
const REFRESH_MS = 2000;

export interface MonitorDeploymentOptions {
  readonly verbose: boolean;
  /** Of the empty line above each block. */
  readonly indent: string;
}

export type Monitored = DeploymentView;

/** Resolves with the deployment as it ended. */
export function monitorDeployment(
  context: CommandContext,
  deploymentId: string,
  options: MonitorDeploymentOptions,
): Promise<Monitored> {
  const read = (readOptions: ReadOptions) =>
    explaining('Error retrieving deployment', context.client.deployments.read(deploymentId, readOptions));
  const changes = watch(context, read, { refreshMs: REFRESH_MS });
  return context.terminal.isLive ? monitorLive(context, changes, options) : monitorPlain(context, changes, options);
}

async function monitorPlain(
  context: CommandContext,
  changes: AsyncIterable<DeploymentView>,
  options: MonitorDeploymentOptions,
): Promise<Monitored> {
  let said: Said = { figures: '', gists: new Set() };
  for await (const deployment of changes) {
    const figures = describeFigures(context, deployment, options);
    const lines = describeWait(context, deployment, options, 'news');
    const news = newsOf(lines, said);
    const parts = [...(figures === said.figures ? [] : [figures]), ...(news.length > 0 ? [news.join('\n')] : [])];
    if (parts.length > 0) {
      context.terminal.print(`${options.indent}\n${formatTime(context.clock.nowMs())}\n${parts.join('\n\n')}`);
    }
    said = { figures, gists: new Set(lines.map(gistOf)) };
    if (!isDeploymentActive(deployment)) return deployment;
  }
  throw new Error('unreachable: a watch ends only with its consumer');
}

interface Said {
  readonly figures: string;
  /** Of the lines that say what it waits for. */
  readonly gists: ReadonlySet<string>;
}

/** The whole section where all of it is new; later its new lines only, out of their tree. */
function newsOf(lines: readonly string[], { gists }: Said): readonly string[] {
  const [title = ''] = lines;
  if (!gists.has(gistOf(title))) return lines;
  const news = lines.filter((line) => line !== '' && !gists.has(gistOf(line)));
  return news.length > 0 ? [title, ...news.map((line) => `  ${withoutJoints(line)}`)] : [];
}

/** A number of seconds that runs down is no news: it would fill the screen. */
const gistOf = (line: string): string =>
  withoutJoints(line)
    .replaceAll(/(?:\d+(?:\.\d+)?(?:ms|s|m|h))+/g, '#')
    .replaceAll(/\s+/g, ' ');

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const TICK_MS = 100;

async function monitorLive(
  context: CommandContext,
  changes: AsyncGenerator<DeploymentView>,
  options: MonitorDeploymentOptions,
): Promise<Monitored> {
  const block = createLiveBlock(context.terminal);
  let current = (await changes.next()).value as DeploymentView;
  let changedMs = context.clock.nowMs();
  let next = changes.next();
  for (let tick = 0; isDeploymentActive(current); tick++) {
    const frame = SPINNER[tick % SPINNER.length]!;
    block.draw(liveText(context, current, changedMs, `${frame} Deployment "%" in progress...`, options));
    const changed = await Promise.race([next, sleep(context.clock, TICK_MS, context.signal)]);
    if (!changed) continue;
    current = changed.value as DeploymentView;
    changedMs = context.clock.nowMs();
    if (isDeploymentActive(current)) next = changes.next();
  }
  const mark = current.Status === 'successful' ? '✓' : '!';
  block.end(liveText(context, current, changedMs, `${mark} Deployment "%" ${current.Status}`, options));
  return current;
}

function liveText(
  context: CommandContext,
  deployment: DeploymentView,
  changedMs: number,
  head: string,
  options: MonitorDeploymentOptions,
): string[] {
  const body = `\n${formatTime(changedMs)}\n${describe(context, deployment, options)}`;
  return [`  ${head.replace('%', idOf(deployment.ID, options))}`, ...body.split('\n').map((line) => `    ${line}`)];
}

function describe(context: CommandContext, deployment: DeploymentView, options: MonitorDeploymentOptions): string {
  const wait = describeWait(context, deployment, options, 'whole');
  const view = { nowMs: context.clock.nowMs(), style: context.terminal.style };
  // Where nothing is redrawn it would be news every two seconds.
  const traffic = formatDeploymentTraffic(deployment.Traffic, deployment.JobVersion, view);
  const parts = [describeFigures(context, deployment, options), traffic, wait.join('\n')];
  return parts.filter((part) => part !== '').join('\n\n');
}

function describeFigures(context: CommandContext, deployment: DeploymentView, { verbose }: MonitorDeploymentOptions) {
  return formatDeployment(deployment, { nowMs: context.clock.nowMs(), verbose }, context.terminal.style);
}

function describeWait(
  context: CommandContext,
  deployment: DeploymentView,
  { verbose }: MonitorDeploymentOptions,
  detail: 'whole' | 'news',
): string[] {
  return explanationLines(deployment, { nowMs: context.clock.nowMs(), verbose, detail }, context.terminal.style);
}
