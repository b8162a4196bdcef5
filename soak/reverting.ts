/**
 * Law: while the old set of a service is warm, a deployment that is failed or reverted gives all of the traffic back in
 * under a second, and no request fails. `npm test` runs a sample of it, the soak the whole.
 */
import { deploymentOf, instancesOf } from '../src/agent/testing/job-watch.ts';
import type { LiveAgent } from '../src/agent/testing/live-agent.ts';
import { until } from '../src/agent/testing/until.ts';
import { webJob } from '../src/agent/testing/web-job.ts';
import { isClientTerminal } from '../src/model/allocation.ts';
import type { Answer, Answers } from './answers.ts';
import type { Step } from './steps-run.ts';

export const WayBack = {
  /** A second set of as many instances answers half of the requests, and is failed. */
  fail: 'fail',
  /** A second set was promoted, the first one is kept warm, and the job is reverted. */
  revert: 'revert',
} as const;
export type WayBack = (typeof WayBack)[keyof typeof WayBack];

export interface RevertingOptions {
  readonly agent: LiveAgent;
  /** The port of the ingress. */
  readonly listen: number;
  /** Of all requests that are under way. */
  readonly answers: Answers;
  /** The first round, from 1; odd ones are failed, even ones reverted. */
  readonly from: number;
  readonly rounds: number;
  /** BACK_WITHIN_MS when left out. */
  readonly backWithinMs?: number;
  /** Called after each round; false ends the run. */
  readonly onRound?: (round: RevertedRound) => boolean;
}

export interface RevertedRound extends Step {
  readonly way: WayBack;
  /** From the request that asked for it to the last answer of the new version. */
  readonly lingeredMs: number;
  /** From the same moment until nothing but the old set lives. */
  readonly settledMs: number;
}

export const REVERTING_COUNT = 3;
export const BACK_WITHIN_MS = 1000;
export const KEEP_WARM = '60s';
const JOB = 'reverting';
const OLD = 'old';
const TIMES = { min_healthy_time: '100ms', auto_revert: true } as const;

/** Resolves when the old version serves; traffic may start then. */
export async function startReverting(agent: LiveAgent, listen: number): Promise<void> {
  await submit(agent, listen, OLD, TIMES);
  await settled(agent, 0);
}

export async function revertOn(options: RevertingOptions): Promise<RevertedRound[]> {
  const done: RevertedRound[] = [];
  for (let number = options.from; number <= options.rounds; number++) {
    const round = await revertOnce(options, number);
    done.push(round);
    if (options.onRound?.(round) === false) break;
  }
  return done;
}

async function revertOnce(options: RevertingOptions, number: number): Promise<RevertedRound> {
  const { agent, answers, backWithinMs = BACK_WITHIN_MS } = options;
  answers.forget();
  const way = number % 2 === 1 ? WayBack.fail : WayBack.revert;
  const version = `new-${number}`;
  const oldVersion = (await agent.read<{ Version: number }>(`job/${JOB}`)).Version;
  const send = way === WayBack.fail ? await halfWay(options, version) : await allTheWay(options, version, oldVersion);
  const sentAtMs = answers.now();
  await send();
  await settled(agent, oldVersion + 2);
  const settledMs = answers.now() - sentAtMs;
  // Whatever was on its way has been answered, and the old version has taken requests since.
  await until('the old version answers', () => answers.of(OLD, sentAtMs + settledMs).length > 5);
  const lingeredMs = answers.lingeredMs(version, sentAtMs);
  const problems = problemsOf(answers, { way, version, lingeredMs, sentAtMs, backWithinMs });
  return { number, way, lingeredMs, settledMs, problems: problems.map((problem) => `round ${number}: ${problem}`) };
}

interface WayTaken {
  readonly way: WayBack;
  readonly version: string;
  readonly lingeredMs: number;
  readonly sentAtMs: number;
  readonly backWithinMs: number;
}

function problemsOf(answers: Answers, { way, version, lingeredMs, sentAtMs, backWithinMs }: WayTaken): string[] {
  const late = lingeredMs >= backWithinMs ? [`the new version answered ${Math.round(lingeredMs)} ms later still`] : [];
  if (way === WayBack.fail) return late;
  // A promotion and a revert are one step each: whoever asks after the first answer from there is answered from there.
  // What was under way when somebody asked for the way back may have been answered from there already.
  const there = answers.strays(OLD, version, 0).filter((each) => each.endedMs < sentAtMs);
  const back = answers.strays(version, OLD, sentAtMs);
  const told = (strays: readonly Answer[], what: string, to: string, sinceMs: number): string[] =>
    strays.length === 0 ? [] : [`${strays.length} requests after ${what}; ${answers.describe(strays, to, sinceMs)}`];
  return [
    ...late,
    ...told(there, 'the promotion were answered by the old version', version, 0),
    ...told(back, 'the way back were answered by the new version', OLD, sentAtMs),
  ];
}

/** Both sets answer; resolves with what fails the deployment. */
async function halfWay({ agent, listen, answers }: RevertingOptions, version: string): Promise<() => Promise<void>> {
  await submit(agent, listen, version, { ...TIMES, canary: REVERTING_COUNT, canary_weight: 50 });
  const id = await healthyCanaries(agent);
  await until('the new version answers', () => answers.of(version).length > 0);
  return () => agent.write(`deployment/fail/${id}`, { DeploymentID: id });
}

/** The new set answers alone, the old one is warm; resolves with what reverts the job. */
async function allTheWay(
  { agent, listen, answers }: RevertingOptions,
  version: string,
  oldVersion: number,
): Promise<() => Promise<void>> {
  await submit(agent, listen, version, { ...TIMES, canary: REVERTING_COUNT, keep_warm: KEEP_WARM });
  const id = await healthyCanaries(agent);
  await agent.write(`deployment/promote/${id}`, { DeploymentID: id, All: true });
  await until('the promotion is over', async () => (await deploymentOf(agent, JOB)).Status === 'successful');
  await until('the new version answers', () => answers.of(version).length > 5);
  return () => agent.write(`job/${JOB}/revert`, { JobID: JOB, JobVersion: oldVersion });
}

async function submit(
  agent: LiveAgent,
  listen: number,
  version: string,
  update: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  const groups = [{ count: REVERTING_COUNT, version }];
  await agent.succeed('run', '-detach', agent.file(webJob({ id: JOB, listen, groups, update })));
}

/** Resolves with the id of the deployment. */
function healthyCanaries(agent: LiveAgent): Promise<string> {
  return until('the new set is healthy', async () => {
    const { ID, TaskGroups } = await deploymentOf(agent, JOB);
    const { DesiredCanaries, HealthyAllocs } = TaskGroups.app!;
    return DesiredCanaries === REVERTING_COUNT && HealthyAllocs === REVERTING_COUNT && ID;
  });
}

/** The deployment of this version of the job is over, and nothing lives but its instances. */
async function settled(agent: LiveAgent, version: number): Promise<void> {
  await until(`version ${version} is all there is`, async () => {
    const { JobVersion, Status } = await deploymentOf(agent, JOB);
    const living = (await instancesOf(agent, JOB)).filter((each) => !isClientTerminal(each));
    const isAlone = living.length === REVERTING_COUNT && living.every((each) => each.JobVersion === version);
    if (JobVersion === version && Status === 'successful' && isAlone) return true;
    const versions = living.map((each) => `${each.JobVersion} ${each.DesiredStatus}`).join(', ');
    throw new Error(`the deployment of version ${JobVersion} is ${Status}; there live: ${versions}`);
  });
}
