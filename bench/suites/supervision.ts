/**
 * A hundred tasks on one node, through the real agent, with each driver: how long until all of them run, and what
 * watching over them costs in memory. That is what the agent grows by and our supervisors; containerd's own process for
 * each container is the engine's, and stands beside it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseLaunched } from '../../src/drivers/exec-shim.ts';
import {
  engineMissing,
  startTestEngine,
  TEST_IMAGE,
  type TestEngine,
} from '../../src/drivers/testing/docker-engine.ts';
import { type BenchAgent, getJson, pssMB, putJson, startBenchAgent, supervisorPids } from '../agent-process.ts';
import { atMost, type Figure, type Suite } from '../figure.ts';

const TASKS = 100;
const SETTLE_MS = 5000;

interface Kind {
  readonly driver: string;
  readonly config: object;
  readonly supervisors: (agent: BenchAgent) => number[];
  /** The engine's processes for its containers. */
  readonly engines?: () => number[];
}

const PROGRAM = { command: 'sleep', args: ['600'] };
const RAW_EXEC: Kind = { driver: 'raw_exec', config: PROGRAM, supervisors: (agent) => supervisorPids(agent) };
const EXEC: Kind = {
  driver: 'exec',
  config: PROGRAM,
  supervisors: (agent) => [...supervisorPids(agent, 'exec'), ...firstProcesses(agent)],
};
const dockerKind = (engine: TestEngine): Kind => ({
  driver: 'docker',
  config: { image: TEST_IMAGE, ...PROGRAM },
  supervisors: () => [],
  engines: () => shims(engine),
});

export const supervision: Suite = {
  name: 'supervision',
  about: `${TASKS} tasks (\`sleep\`) on one node with each driver, through agent and API.`,
  async run() {
    const figures = [...(await measure(RAW_EXEC)), ...(await measure(EXEC))];
    if (engineMissing() !== undefined) return figures;
    const engine = await startTestEngine();
    try {
      const env = { DOCKER_HOST: `unix://${engine.socketPath}` };
      return [...figures, ...(await measure(dockerKind(engine), env))];
    } finally {
      await engine.close();
    }
  },
};

async function measure(kind: Kind, env: Readonly<Record<string, string>> = {}): Promise<Figure[]> {
  const { driver, engines } = kind;
  const agent = await startBenchAgent([], env);
  try {
    await delay(SETTLE_MS);
    const before = pssMB([agent.pid]);
    const startedAt = performance.now();
    await putJson(`${agent.address}/v1/jobs`, { Job: sleepers(kind) });
    await allRunning(agent);
    const runningMs = performance.now() - startedAt;
    await delay(SETTLE_MS);
    const ours = pssMB([agent.pid]) - before + pssMB(kind.supervisors(agent));
    return [
      { name: `${driver}: ${TASKS} tasks, submitted to all running`, unit: 'ms', measured: runningMs },
      { name: `${driver}: supervision of a task, PSS`, unit: 'MB', measured: ours / TASKS, budget: atMost(1) },
      ...(engines
        ? [{ name: "the engine's own process for one", unit: 'MB', measured: pssMB(engines()) / TASKS }]
        : []),
    ];
  } finally {
    await agent.stop();
  }
}

function sleepers({ driver, config }: Kind) {
  const resources = { CPU: 5, MemoryMB: 10 };
  const logs = { MaxFiles: 1, MaxFileSizeMB: 1 };
  const task = {
    Name: 'sleep',
    Driver: driver,
    Config: config,
    LogConfig: logs,
    Resources: resources,
    KillTimeout: 1e8,
  };
  const group = { Name: 'sleepers', Count: TASKS, EphemeralDisk: { SizeMB: 10 }, Tasks: [task] };
  return { ID: 'sleepers', Type: 'service', Datacenters: ['*'], TaskGroups: [group] };
}

async function allRunning({ address }: BenchAgent): Promise<void> {
  for (;;) {
    const { Summary } = await getJson<{ Summary: Record<string, { Running: number }> }>(
      `${address}/v1/job/sleepers/summary`,
    );
    if (Summary.sleepers?.Running === TASKS) return;
    await delay(10);
  }
}

/** Each container's, which stays root and watches over the task. */
function firstProcesses({ dataDir }: BenchAgent): number[] {
  const folder = join(dataDir, 'node', 'exec');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.started'))
    .map((name) => parseLaunched(readFileSync(join(folder, name), 'utf8')))
    .flatMap((first) => (typeof first === 'object' ? [first.pid] : []));
}

/** Containerd's, one for each container of this engine. */
function shims({ dir }: TestEngine): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandOf(pid).includes('containerd-shim') && commandOf(pid).includes(dir))
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
