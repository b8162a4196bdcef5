/** What a user waits for and what an idle machine pays: the start of `-dev`, a short command, the memory at rest. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type BenchAgent, ingressPid, PROGRAM, pssMB, startBenchAgent } from '../agent-process.ts';
import { atMost, type Figure, type Suite } from '../figure.ts';
import { median, repeat } from '../samples.ts';

const STARTS = 7;
const COMMANDS = 15;
/** Until what the start has left behind is collected and the ingress has renewed its lease a few times. */
const SETTLE_MS = 8000;

export const start: Suite = {
  name: 'start',
  about: 'The real program: `serin agent -dev` to its first answer, `serin status` against it, memory (PSS) at rest.',
  async run() {
    const starts = await repeat(STARTS - 1, startAndStop);
    const agent = await startBenchAgent();
    try {
      const ready = median([...starts, agent.readyMs]);
      return [startFigure(ready), await commandFigure(agent), ...(await memoryFigures(agent))];
    } finally {
      await agent.stop();
    }
  },
};

const startFigure = (measured: number): Figure => ({
  name: '`serin agent -dev` to the first answered request',
  unit: 'ms',
  measured,
  budget: atMost(1000),
  peer: 'Nomad 1,700 ms to ready',
});

async function startAndStop(): Promise<number> {
  const agent = await startBenchAgent();
  await agent.stop();
  return agent.readyMs;
}

async function commandFigure({ address }: BenchAgent): Promise<Figure> {
  const times = await repeat(COMMANDS, () => timeCommand(['status', '-address', address]));
  const name = '`serin status` against a warm agent';
  return { name, unit: 'ms', measured: median(times), budget: atMost(120), peer: 'Nomad 30 to 40 ms' };
}

async function timeCommand(words: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`serin ${words.join(' ')} ended with ${code}`);
  return performance.now() - startedAt;
}

async function memoryFigures(agent: BenchAgent): Promise<Figure[]> {
  await delay(SETTLE_MS);
  const [server, ingress] = [pssMB([agent.pid]), pssMB([ingressPid(agent)])];
  return [
    { name: 'agent and ingress at rest, PSS', unit: 'MB', measured: server + ingress, budget: atMost(170) },
    { name: 'of that the agent', unit: 'MB', measured: server },
    { name: 'of that the ingress', unit: 'MB', measured: ingress },
  ];
}
