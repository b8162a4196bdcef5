/**
 * What a driver takes to start and to stop a task, without agent and API. With docker most of it is the engine's own:
 * that is measured between our cycles, with the same container and nothing but the library that calls the engine.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DriverLab } from '../../src/drivers/contract-kit.ts';
import { containerOptions } from '../../src/drivers/docker-container-options.ts';
import { compileDockerPlugin } from '../../src/drivers/docker-plugin-config.ts';
import type { Driver, TaskConfig } from '../../src/drivers/driver.ts';
import { type CycleTimes, runCycle } from '../../src/drivers/testing/cycle.ts';
import { engineMissing, startTestEngine, type TestEngine } from '../../src/drivers/testing/docker-engine.ts';
import { type DockerLab, makeDockerLab } from '../../src/drivers/testing/docker-lab.ts';
import { makeProgramLab } from '../../src/drivers/testing/program-lab.ts';
import { atMost, type Figure, type Suite } from '../figure.ts';
import { median, repeat } from '../samples.ts';

const CYCLES = 20;
/** What Serin may add to the engine's own time. */
const OVER_ENGINE_MS = 50;

export const drivers: Suite = {
  name: 'drivers',
  about: `${CYCLES} tasks with each driver, one after the other: the call that starts it, and the one that ends it with its signal.`,
  async run() {
    const figures = [...(await ofPrograms('raw_exec')), ...(await ofPrograms('exec'))];
    return engineMissing() === undefined ? [...figures, ...(await ofDocker())] : figures;
  },
};

async function ofPrograms(kind: 'raw_exec' | 'exec'): Promise<Figure[]> {
  const lab = makeProgramLab({ kind, cgroupName: `serin-bench-${process.pid}`, badConfigs: [] });
  try {
    const times = await cycles(await lab.openDriver(), lab);
    return figuresOf(kind, times);
  } finally {
    await lab.close();
  }
}

async function cycles(driver: Driver, lab: DriverLab, between?: () => Promise<unknown>): Promise<CycleTimes[]> {
  await runCycle(driver, lab.sleeper(), lab.settled);
  return repeat(CYCLES, async () => {
    await between?.();
    return runCycle(driver, lab.sleeper(), lab.settled);
  });
}

const startOf = (times: readonly CycleTimes[]): number => median(times.map((each) => each.startMs));
const stopOf = (times: readonly CycleTimes[]): number => median(times.map((each) => each.stopMs));

const figuresOf = (name: string, times: readonly CycleTimes[]): Figure[] => [
  { name: `${name}: start`, unit: 'ms', measured: startOf(times) },
  { name: `${name}: stop`, unit: 'ms', measured: stopOf(times) },
];

async function ofDocker(): Promise<Figure[]> {
  const engine = await startTestEngine();
  const lab = makeDockerLab(engine);
  try {
    const plain: CycleTimes[] = [];
    const driver = await lab.openDriver();
    const times = await cycles(driver, lab, async () => plain.push(await engineCycle(engine, lab)));
    const over = atMost(OVER_ENGINE_MS);
    return [
      ...figuresOf('docker', times),
      ...figuresOf("the engine's own, same container", plain),
      { name: 'docker: start, over the engine', unit: 'ms', measured: startOf(times) - startOf(plain), budget: over },
      { name: 'docker: stop, over the engine', unit: 'ms', measured: stopOf(times) - stopOf(plain), budget: over },
    ];
  } finally {
    await lab.close();
    await engine.close();
  }
}

async function engineCycle(engine: TestEngine, lab: DockerLab): Promise<CycleTimes> {
  const task = lab.sleeper();
  const options = containerOptions(task, compileDockerPlugin({}, undefined), randomUUID());
  const began = performance.now();
  const container = await engine.docker.createContainer(options);
  await container.start();
  const startMs = performance.now() - began;
  await ready(task);
  const stopping = performance.now();
  await container.kill({ signal: 'SIGTERM' });
  await container.wait();
  const stopMs = performance.now() - stopping;
  await container.remove();
  return { startMs, stopMs };
}

/** Asked for by file, as by `settled`, so that neither of the two keeps the engine busy. */
async function ready({ taskDir }: TaskConfig): Promise<void> {
  while (!existsSync(join(taskDir, 'local/ready'))) await delay(5);
}
