/**
 * Law: consecutive updates of a service under load fail no request, even when the agent is killed in the middle of
 * some. `npm test` runs a sample of it, the soak the whole.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { updated } from '../src/agent/testing/job-watch.ts';
import type { LiveAgent } from '../src/agent/testing/live-agent.ts';
import { webJob } from '../src/agent/testing/web-job.ts';
import type { Random } from '../src/lib/random.ts';

export interface RollingOptions {
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

export interface RolledUpdate {
  readonly number: number;
  /** From submission to the end of the deployment with nothing old alive. */
  readonly tookMs: number;
  readonly wasKilled: boolean;
}

export const ROLLING_COUNT = 6;
export const ROLLING_UPDATE = { max_parallel: 3, min_healthy_time: '100ms' } as const;
const JOB = 'rolling';
/** An update takes little more than a second; a kill comes somewhere in it. */
const KILL_WITHIN_MS = 1000;
const DOWN_FOR_MS = 500;

/** The version before the first update; traffic may start when this has resolved. */
export async function startRolling(agent: LiveAgent, listen: number, from = 1): Promise<void> {
  await agent.succeed('run', agent.file(rollingJob(listen, from - 1)));
  await updated(agent, JOB, 0);
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
  const { agent, listen, from } = options;
  const wasKilled = isKillDue(number, options);
  const startedAt = Date.now();
  await agent.succeed('run', '-detach', agent.file(rollingJob(listen, number)));
  if (wasKilled) await killInTheMiddle(options);
  await updated(agent, JOB, number - from + 1);
  return { number, tookMs: Date.now() - startedAt, wasKilled };
}

async function killInTheMiddle({ agent, random }: RollingOptions): Promise<void> {
  await delay(random.next() * KILL_WITHIN_MS);
  await agent.end('SIGKILL');
  await delay(random.next() * DOWN_FOR_MS);
  await agent.start();
}

/** 20 updates, 5 kills: in 4, 8, 12, 16 and 20. */
const isKillDue = (number: number, { updates, kills }: RollingOptions): boolean =>
  Math.floor((number * kills) / updates) > Math.floor(((number - 1) * kills) / updates);

function rollingJob(listen: number, number: number): string {
  const groups = [{ count: ROLLING_COUNT, version: `v${number}` }];
  return webJob({ id: JOB, listen, groups, update: ROLLING_UPDATE });
}
