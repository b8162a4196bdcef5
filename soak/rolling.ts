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
  readonly updates: number;
  /** The agent is killed in the middle of so many of them, evenly spread. */
  readonly kills: number;
  readonly random: Random;
  /** Called after each update, with its number from 1. */
  readonly onUpdate?: (update: RolledUpdate) => Promise<void> | void;
}

export interface RolledUpdate {
  readonly number: number;
  /** From submission to the end of the deployment with nothing old alive. */
  readonly tookMs: number;
  readonly wasKilled: boolean;
}

export const ROLLING_COUNT = 6;
const JOB = 'rolling';
/** An update takes about a second and a half; a kill comes somewhere in its first second. */
const KILL_WITHIN_MS = 1000;
const DOWN_FOR_MS = 500;

/** The first version; load may start when this has resolved. */
export async function startRolling(agent: LiveAgent, listen: number): Promise<void> {
  await agent.succeed('run', agent.file(rollingJob(listen, 0)));
  await updated(agent, JOB, 0);
}

export async function rollOn(options: RollingOptions): Promise<RolledUpdate[]> {
  const done: RolledUpdate[] = [];
  for (let number = 1; number <= options.updates; number++) {
    const update = await rollOnce(options, number, isKillDue(number, options));
    done.push(update);
    await options.onUpdate?.(update);
  }
  return done;
}

async function rollOnce(
  { agent, listen, random }: RollingOptions,
  number: number,
  isKill: boolean,
): Promise<RolledUpdate> {
  const startedAt = Date.now();
  await agent.succeed('run', '-detach', agent.file(rollingJob(listen, number)));
  if (isKill) {
    await delay(random.next() * KILL_WITHIN_MS);
    await agent.end('SIGKILL');
    await delay(random.next() * DOWN_FOR_MS);
    await agent.start();
  }
  await updated(agent, JOB, number);
  return { number, tookMs: Date.now() - startedAt, wasKilled: isKill };
}

/** 20 updates, 5 kills: 4, 8, 12, 16, 20. */
const isKillDue = (number: number, { updates, kills }: RollingOptions): boolean =>
  kills > 0 && Math.floor((number * kills) / updates) > Math.floor(((number - 1) * kills) / updates);

const rollingJob = (listen: number, number: number): string =>
  webJob({ id: JOB, listen, groups: [{ count: ROLLING_COUNT, version: `v${number}` }], update: { max_parallel: 3 } });
