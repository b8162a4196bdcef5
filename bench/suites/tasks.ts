/** 200 raw_exec tasks through the real agent: from the submission until the API says that all of them run. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BenchAgent,
  getJson,
  ingressPid,
  pssMB,
  putJson,
  startBenchAgent,
  supervisorPids,
} from '../agent-process.ts';
import { atMost, type Suite } from '../figure.ts';
import { median, repeat } from '../samples.ts';

const TASKS = 200;
const RUNS = 5;
const SETTLE_MS = 5000;

export const tasks: Suite = {
  name: 'tasks',
  about: `${TASKS} raw_exec tasks (\`sleep\`) on one node, through agent and API; each run in an agent of its own.`,
  async run() {
    const runs = await repeat(RUNS, runOnce);
    return [
      {
        name: `${TASKS} raw_exec tasks, submitted to all running`,
        unit: 'ms',
        measured: median(runs.map((run) => run.runningMs)),
        budget: atMost(1000),
        peer: 'Nomad 3,000 to 3,500 ms',
      },
      {
        name: `agent, ingress and ${TASKS} supervisors, PSS`,
        unit: 'MB',
        measured: median(runs.map((run) => run.memoryMB)),
        budget: atMost(250),
        peer: 'Nomad 1,700 MB with tasks',
      },
      {
        name: 'of that the supervisors',
        unit: 'MB',
        measured: median(runs.map((run) => run.supervisorsMB)),
      },
    ];
  },
};

async function runOnce() {
  const agent = await startBenchAgent();
  try {
    const startedAt = performance.now();
    await putJson(`${agent.address}/v1/jobs`, { Job: sleepers() });
    await allRunning(agent);
    const runningMs = performance.now() - startedAt;
    await delay(SETTLE_MS);
    const supervisors = supervisorPids(agent);
    if (supervisors.length < TASKS) throw new Error(`only ${supervisors.length} supervisors were found`);
    const supervisorsMB = pssMB(supervisors);
    return { runningMs, supervisorsMB, memoryMB: supervisorsMB + pssMB([agent.pid, ingressPid(agent)]) };
  } finally {
    await agent.stop();
  }
}

function sleepers() {
  const resources = { CPU: 5, MemoryMB: 10 };
  const logs = { MaxFiles: 1, MaxFileSizeMB: 1 };
  const config = { command: 'sleep', args: ['600'] };
  const task = { Name: 'sleep', Driver: 'raw_exec', Config: config, LogConfig: logs, Resources: resources };
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
