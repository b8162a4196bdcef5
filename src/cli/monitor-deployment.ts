/** Watches a deployment until it ends: a block per change, or one block that is redrawn on a terminal. */
import type { ReadOptions } from '../api/requester.ts';
import type { DeploymentView } from '../api/views.ts';
import { sleep } from '../lib/clock.ts';
import { isDeploymentActive } from '../model/deployment.ts';
import type { CommandContext } from './command.ts';
import { explaining } from './explaining.ts';
import { formatDeployment } from './format/deployment.ts';
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
  let said = '';
  for await (const deployment of changes) {
    const text = describe(context, deployment, options);
    const gist = withoutNumbers(deployment, text);
    if (gist !== said) context.terminal.print(`${options.indent}\n${formatTime(context.clock.nowMs())}\n${text}`);
    said = gist;
    if (!isDeploymentActive(deployment)) return deployment;
  }
  throw new Error('unreachable: a watch ends only with its consumer');
}

/** What it waits for counts as new when its words are: a number of seconds that runs down would fill the screen. */
function withoutNumbers({ Blocker }: DeploymentView, text: string): string {
  return Blocker ? text.replace(Blocker.Message, Blocker.Message.replaceAll(/[\d.]+/g, '#')) : text;
}

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
  block.draw(liveText(context, current, changedMs, `${mark} Deployment "%" ${current.Status}`, options));
  block.end();
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

const describe = (context: CommandContext, deployment: DeploymentView, { verbose }: MonitorDeploymentOptions): string =>
  formatDeployment(deployment, { nowMs: context.clock.nowMs(), verbose }, context.terminal.style);
