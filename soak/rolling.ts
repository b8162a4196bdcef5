/**
 * Law: consecutive updates of a service under load fail no request, even when the agent is killed in the middle of
 * some. `npm test` runs a sample of it, the soak the whole.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { updated } from '../src/agent/testing/job-watch.ts';
import type { LiveAgent } from '../src/agent/testing/live-agent.ts';
import { webJob } from '../src/agent/testing/web-job.ts';
import type { Random } from '../src/lib/random.ts';
import type { Step } from './steps-run.ts';

/** What is updated over and over. */
export interface RollingService {
  readonly job: string;
  /** The job file of the version with this number. */
  file(listen: number, number: number): string;
  /** A kill comes somewhere in the first so many milliseconds of an update. */
  readonly killWithinMs: number;
  /** What is wrong once an update is over, in words. */
  problems?(agent: LiveAgent, number: number): Promise<readonly string[]>;
}

export interface RollingOptions {
  /** WEB_SERVICE when left out. */
  readonly service?: RollingService;
  readonly agent: LiveAgent;
  /** The port of the ingress. */
  readonly listen: number;
  /** The number of the first update, from 1: where an interrupted run goes on. */
  readonly from: number;
  readonly updates: number;
  /** The agent is killed in the middle of so many of them, evenly spread. */
  readonly kills: number;
  readonly random: Random;
  /** Called after each update; false ends the run. */
  readonly onUpdate?: (update: RolledUpdate) => boolean;
}

export interface RolledUpdate extends Step {
  /** From submission to the end of the deployment with nothing old alive. */
  readonly tookMs: number;
  readonly wasKilled: boolean;
}

export const ROLLING_COUNT = 6;
export const ROLLING_UPDATE = { max_parallel: 3, min_healthy_time: '100ms' } as const;
const DOWN_FOR_MS = 500;

export const WEB_SERVICE: RollingService = {
  job: 'rolling',
  // An update takes little more than that.
  killWithinMs: 1000,
  file: (listen, number) =>
    webJob({
      id: 'rolling',
      listen,
      groups: [{ count: ROLLING_COUNT, version: `v${number}` }],
      update: ROLLING_UPDATE,
    }),
};

/** The version before the first update; traffic may start when this has resolved. */
export async function startRolling(
  agent: LiveAgent,
  listen: number,
  from = 1,
  { job, file }: RollingService = WEB_SERVICE,
): Promise<void> {
  await agent.succeed('run', agent.file(file(listen, from - 1)));
  await updated(agent, job, 0);
}

export async function rollOn(options: RollingOptions): Promise<RolledUpdate[]> {
  const done: RolledUpdate[] = [];
  for (let number = options.from; number <= options.updates; number++) {
    const update = await rollOnce(options, number);
    done.push(update);
    if (options.onUpdate?.(update) === false) break;
  }
  return done;
}

async function rollOnce(options: RollingOptions, number: number): Promise<RolledUpdate> {
  const { agent, listen, from, service = WEB_SERVICE } = options;
  const wasKilled = isKillDue(number, options);
  const startedAt = Date.now();
  await agent.succeed('run', '-detach', agent.file(service.file(listen, number)));
  if (wasKilled) await killInTheMiddle(options, service.killWithinMs);
  await updated(agent, service.job, number - from + 1);
  const tookMs = Date.now() - startedAt;
  const problems = (await service.problems?.(agent, number)) ?? [];
  return { number, tookMs, wasKilled, problems: problems.map((problem) => `update ${number}: ${problem}`) };
}

async function killInTheMiddle({ agent, random }: RollingOptions, withinMs: number): Promise<void> {
  await delay(random.next() * withinMs);
  await agent.end('SIGKILL');
  await delay(random.next() * DOWN_FOR_MS);
  await agent.start();
}

/** 20 updates, 5 kills: in 4, 8, 12, 16 and 20. */
const isKillDue = (number: number, { updates, kills }: RollingOptions): boolean =>
  Math.floor((number * kills) / updates) > Math.floor(((number - 1) * kills) / updates);
