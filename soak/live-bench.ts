/** What every live test of the whole program begins and ends with: a built program and an agent. */
import { afterAll, beforeAll } from 'vitest';
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
