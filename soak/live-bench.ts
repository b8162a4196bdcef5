/** What every live test of the whole program begins and ends with: a built program, an agent, loads that are stopped. */
import { afterAll, beforeAll } from 'vitest';
import { type Load, type LoadSnapshot, startLoad } from '../bench/load.ts';
import { LiveAgent } from '../src/agent/testing/live-agent.ts';
import { buildProgram, type Program } from '../src/agent/testing/program.ts';

export interface LiveBench {
  readonly agent: LiveAgent;
}

/** One agent for the tests of a file; nothing of it is left when they have ended, however they ended. */
export function liveBench(): LiveBench {
  let program: Program | undefined;
  let agent: LiveAgent | undefined;
  beforeAll(async () => {
    program = await buildProgram();
    agent = await LiveAgent.start(program);
  });
  afterAll(async () => {
    await agent?.cleanUp();
    program?.remove();
  });
  return {
    get agent() {
      if (!agent) throw new Error('the agent has not started');
      return agent;
    },
  };
}

export const webUrl = (listen: number, path = '/'): string => `http://127.0.0.1:${listen}${path}`;

/** Half of the connections kept alive, half fresh for every request. */
export function loadOn(listen: number, connections = 8, ratePerSecond = 80): Load {
  return startLoad({ url: webUrl(listen), connections, keepAlive: 'mixed', ratePerSecond });
}

/** What a service answered while something was done to it. */
export async function underLoad(listen: number, work: () => Promise<unknown>): Promise<LoadSnapshot> {
  const load = loadOn(listen);
  try {
    await work();
  } finally {
    await load.stop();
  }
  return load.snapshot();
}
