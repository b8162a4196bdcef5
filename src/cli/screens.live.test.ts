/** Every screen that a real peer printed at a recorded moment, printed by us from the same answers at the same time. */
import { afterAll, describe, expect, it } from 'vitest';
import { type FakeAgent, golden, type Routes, routesOf, startFakeAgent } from './testing/fake-agent.ts';
import { runWords } from './testing/run-words.ts';

interface Screen {
  readonly moment: string;
  readonly command: string;
  readonly nowMs: number;
  readonly exit: number;
  readonly text: string;
}

const screens = golden<Screen[]>('screens.json');
const agents = new Map<string, Promise<FakeAgent>>();

afterAll(async () => {
  for (const agent of agents.values()) await (await agent).close();
});

/** What the recording machine measured of its tasks; the search, which was not recorded. */
const EXTRA: Routes = {
  'GET /v1/client/allocation/0423e644-99e3-5d2d-3bea-b374c519f26e/stats': stats(),
  'GET /v1/client/allocation/dc99359b-69f1-c33d-afd9-6f6435d82397/stats': stats(),
};

function stats() {
  const usage = { CpuStats: { TotalTicks: 0 }, MemoryStats: { RSS: 45 * 1024 ** 2 } };
  return { text: JSON.stringify({ Tasks: { server: { ResourceUsage: usage } } }) };
}

function searchRoute(moment: string, command: string): Routes {
  const wanted = command.split(' ').at(-1)!;
  const ids = (file: string) => golden<{ ID: string }[]>(`${moment}/${file}.json`).map(({ ID }) => ID);
  const found = (file: string) => ids(file).filter((id) => id.startsWith(wanted));
  const Matches = {
    jobs: found('jobs'),
    allocs: moment === '01-empty' ? [] : found('job_allocations'),
    evals: found('evaluations'),
    deployment: found('deployments'),
    nodes: [],
  };
  return { 'PUT /v1/search': { text: JSON.stringify({ Matches }) } };
}

function agentOf({ moment, command }: Screen): Promise<FakeAgent> {
  const key = `${moment} ${command}`;
  const agent = startFakeAgent({ ...routesOf(moment), ...EXTRA, ...searchRoute(moment, command) });
  agents.set(key, agent);
  return agent;
}

/** Rows made at the same index stand in any order. */
function comparable(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const isAllocRow = (line: string) => /^[0-9a-f]{8}.* ago$/.test(line);
  const rows = lines.filter(isAllocRow).sort();
  return [...lines.filter((line) => !isAllocRow(line)), ...rows];
}

describe('prints what the peer printed', () => {
  it.each(screens.map((screen) => [screen.moment, screen.command, screen] as const))(
    '%s: %s',
    async (_, __, screen) => {
      const agent = await agentOf(screen);
      const ran = await runWords(screen.command.split(' '), { address: agent.address, nowMs: screen.nowMs });
      expect(comparable((ran.out + ran.err).trimEnd())).toEqual(comparable(screen.text.trimEnd()));
      expect(ran.status).toBe(screen.exit);
    },
  );
});
