/**
 * The main job, end to end and for real: starts an agent, runs six instances behind one port, keeps that port under
 * load, rolls out a second version, and counts every request that failed. Exit status 1 if one did.
 */
import { startLoad } from '../bench/load.ts';
import type { AgentProcess } from './agent-process.ts';
import { freePort, serin, startAgent } from './agent-process.ts';
import { type Frame, type Instance, liveScreen, plainLine, seconds } from './screen.ts';

const JOB_FILE = 'examples/web.nomad.hcl';
const CONNECTIONS = 16;
const REQUESTS_PER_SECOND = 400;
/** The load goes on for this long before and after the update, so that "before" and "after" are seen too. */
const MARGIN_MS = 1500;
const GIVE_UP_MS = 120_000;

const isLive = process.stdout.isTTY === true;
const say = (text = ''): void => console.log(text);

export async function demo(): Promise<number> {
  const agent = await startedAgent();
  const listen = await freePort(8080);
  const url = `http://127.0.0.1:${listen}/`;
  const run = (args: readonly string[]) => serin(agent.address, args);
  const job = (version: string) => ['-var', `version=${version}`, '-var', `listen=${listen}`, JOB_FILE];

  say(`$ serin run ${JOB_FILE}`);
  const first = await run(['run', ...job('v1')]);
  if (first.code !== 0) return failed('the first version did not come up', first.output, agent);
  say(`  6 instances of v1 serve ${url}\n`);

  const load = startLoad({ url, connections: CONNECTIONS, keepAlive: 'mixed', ratePerSecond: REQUESTS_PER_SECOND });
  say(
    `Load: ${CONNECTIONS} connections, half of them kept alive, half fresh for every request, ${REQUESTS_PER_SECOND} requests a second.\n`,
  );
  await wait(MARGIN_MS);

  say(`$ serin plan -var version=v2 ${JOB_FILE}`);
  const plan = await run(['plan', ...job('v2')]);
  say(indent(beforeHints(plan.output)));

  say(`$ serin run -detach -var version=v2 ${JOB_FILE}`);
  const submittedAt = Date.now();
  const second = await run(['run', '-detach', ...job('v2')]);
  if (second.code !== 0) return failed('the second version was not accepted', second.output, agent);
  const allNewMs = await watchUpdate(agent, submittedAt, () => load.snapshot());
  await wait(MARGIN_MS);
  const result = await load.stop();

  say();
  say(`requests                    ${result.requests}`);
  say(`failed                      ${result.failed}`);
  say(
    `answered by version         ${Object.entries(result.byVersion)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  );
  say(`submit to all new           ${allNewMs === undefined ? 'never' : seconds(allNewMs)}`);
  for (const failure of result.failures.slice(0, 10)) say(`  ${failure}`);
  say();
  sayWhatNext(agent, listen);
  return result.failed === 0 && allNewMs !== undefined ? 0 : 1;
}

async function startedAgent(): Promise<AgentProcess> {
  const port = await freePort(4646);
  say('$ serin agent -dev');
  const agent = await startAgent(port);
  say(`  answers at ${agent.address} after ${agent.readyMs} ms (pid ${agent.pid})\n`);
  return agent;
}

/** Draws the update until every instance is new and the old ones are gone; how long that took, undefined if never. */
async function watchUpdate(
  agent: AgentProcess,
  submittedAt: number,
  snapshot: () => {
    readonly requests: number;
    readonly failed: number;
    readonly byVersion: Readonly<Record<string, number>>;
  },
): Promise<number | undefined> {
  const everyMs = isLive ? 100 : 1000;
  let before = snapshot();
  let beforeAt = Date.now();
  let drawn = 0;
  while (Date.now() - submittedAt < GIVE_UP_MS) {
    await wait(everyMs);
    const instances = await read<Instance[]>(`${agent.address}/v1/job/web/allocations`);
    const deployment = await read<{ Status: string; Blocker?: { Message: string } | null }>(
      `${agent.address}/v1/job/web/deployment`,
    );
    const now = snapshot();
    const frame: Frame = {
      elapsedMs: Date.now() - submittedAt,
      instances,
      perSecond: rates(before.byVersion, now.byVersion, Date.now() - beforeAt),
      requests: now.requests,
      failed: now.failed,
      waiting: deployment.Blocker?.Message ?? '',
    };
    drawn = draw(frame, drawn);
    if (Date.now() - beforeAt >= 900) {
      before = now;
      beforeAt = Date.now();
    }
    if (deployment.Status === 'failed') return undefined;
    if (isAllNew(instances) && deployment.Status === 'successful') return Date.now() - submittedAt;
  }
  return undefined;
}

function isAllNew(instances: readonly Instance[]): boolean {
  const alive = instances.filter((each) => each.ClientStatus === 'running' || each.ClientStatus === 'pending');
  return alive.length === 6 && alive.every((each) => each.JobVersion === 1 && each.DesiredStatus === 'run');
}

function draw(frame: Frame, drawn: number): number {
  if (!isLive) {
    say(plainLine(frame));
    return 0;
  }
  const text = liveScreen(frame, process.stdout.columns || 80);
  if (drawn > 0) process.stdout.write(`\u001b[${drawn}A\u001b[J`);
  process.stdout.write(`${text}\n`);
  return text.split('\n').length;
}

function rates(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
  ms: number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(now).map(([version, count]) => [
      version,
      Math.round(((count - (before[version] ?? 0)) * 1000) / Math.max(ms, 1)),
    ]),
  );
}

function sayWhatNext(agent: AgentProcess, listen: number): void {
  const address = agent.address.endsWith(':4646') ? '' : ` -address ${agent.address}`;
  say(`The agent goes on (pid ${agent.pid}; kill -INT ${agent.pid} drains and stops everything). Try next:`);
  say(`  curl http://127.0.0.1:${listen}/`);
  say(`  npx serin status${address} web`);
  say(`  ${agent.address}/ui/ in a browser: the next update as it happens`);
  say(`  npx serin run${address} -var version=v3${listen === 8080 ? '' : ` -var listen=${listen}`} ${JOB_FILE}`);
}

function failed(what: string, output: string, agent: AgentProcess): number {
  say(`${what}:\n${indent(output)}\nThe agent's log: ${agent.logFile}`);
  return 1;
}

async function read<T>(url: string): Promise<T> {
  return (await fetch(url)).json() as Promise<T>;
}

/** The plan ends with hints on how to submit it; the demonstration does that itself. */
const beforeHints = (output: string): string => output.split('\nJob Modify Index')[0]!.trimEnd();
const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ').concat('\n');
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

demo().then(
  (code) => process.exit(code),
  (error) => {
    console.error(`the demonstration could not run: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  },
);
