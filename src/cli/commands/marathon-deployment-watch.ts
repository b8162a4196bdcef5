/** `marathon deployment watch`: how far a deployment is, and what the one of Serin beneath it waits for, until it is over.` */
import type { MarathonDeploymentView } from '../../api/marathon-views.ts';
import { sleep } from '../../lib/clock.ts';
import { formatMarathonProgress } from '../format/marathon-deployment.ts';
import { marathonJson } from '../format/marathon-json.ts';
import { formatTime } from '../format/words.ts';
import { createLiveBlock } from '../live-block.ts';
import { type MarathonContext, marathonCommand, unlessMissing } from '../marathon.ts';
import { countOf, secondsOf } from '../marathon-input.ts';
import { waitOf } from '../marathon-wait.ts';

export const command = marathonCommand(async (context, [id], flags) => {
  const most = countOf(flags, 'max-count') ?? Number.POSITIVE_INFINITY;
  const intervalMs = 1000 * (secondsOf(flags, 'interval') ?? 1);
  const say = flags.is('json') ? sayPlainly(context) : context.terminal.isLive ? sayInPlace(context) : sayNews(context);
  for (let count = 0; count < most; count++) {
    if (count > 0) await sleep(context.clock, intervalMs, context.signal);
    const deployment = (await context.marathon.deployments()).find((each) => each.id === id);
    if (deployment === undefined) return over(context, id!, count);
    say(flags.is('json') ? marathonJson(deployment) : await describe(context, deployment));
  }
  return 0;
});

/** One that ended before anybody looked cannot be told from one that never was. */
function over({ terminal }: MarathonContext, id: string, count: number): number {
  terminal.print(count > 0 ? `Deployment ${id} is over.` : `Deployment ${id} is over, or never was.`);
  return 0;
}

type Say = (text: string) => void;

const sayPlainly =
  ({ terminal }: MarathonContext): Say =>
  (text) =>
    terminal.print(text);

function sayInPlace({ terminal }: MarathonContext): Say {
  const block = createLiveBlock(terminal);
  return (text) => block.draw(text.split('\n'));
}

/** A number of seconds that runs down is no news. */
function sayNews({ terminal, clock }: MarathonContext): Say {
  let said = '';
  return (text) => {
    const gist = text.replaceAll(/(?:\d+(?:\.\d+)?(?:ms|s|m|h))+/g, '#');
    if (gist !== said) terminal.print(`${formatTime(clock.nowMs())}\n${text}\n`);
    said = gist;
  };
}

async function describe(context: MarathonContext, deployment: MarathonDeploymentView): Promise<string> {
  const ids = deployment.currentActions.flatMap(({ app }) => app ?? []);
  const apps = await Promise.all(ids.map((id) => unlessMissing(context.marathon.app(id))));
  const known = apps.filter((app) => app !== undefined);
  const waits = await Promise.all(ids.map((id) => waitOf(context, id)));
  const parts = [formatMarathonProgress(deployment, known), ...new Set(waits)];
  return parts.filter((part) => part !== '').join('\n\n');
}
