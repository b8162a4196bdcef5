/** The lab of docker, on a test's own engine. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import type { DriverLab } from '../contract-kit.ts';
import { DockerDriver } from '../docker.ts';
import { compileDockerPlugin } from '../docker-plugin-config.ts';
import type { TaskConfig } from '../driver.ts';
import { TASK_MARKER } from '../process-tree.ts';
import { TEST_IMAGE, type TestEngine } from './docker-engine.ts';
import { startInDyingAgent } from './dying-agent.ts';
import { eventually } from './eventually.ts';
import { marked } from './marked.ts';

export interface DockerLab extends DriverLab {
  readonly leftovers: NonNullable<DriverLab['leftovers']>;
  readonly processesOf: NonNullable<DriverLab['processesOf']>;
  readonly dir: string;
  open(plugin?: Record<string, unknown>, stateDir?: string): DockerDriver;
  task(config: Record<string, unknown>, more?: Partial<TaskConfig>): TaskConfig;
  shell(script: string, more?: Partial<TaskConfig>): TaskConfig;
  output(task: TaskConfig): string;
}

/** As the first process of a container, a shell gets only the signals that it handles. */
const HANDLES = ['HUP 1', 'INT 2', 'TERM 15', 'USR1 10']
  .map((each) => each.split(' '))
  .map(([name, number]) => `trap "exit ${128 + Number(number)}" ${name};`)
  .join(' ');
const DAEMON = '(setsid sh -c "sleep 1000 & exec sleep 1000" &);';
const RUN_ON = 'while :; do sleep 0.02; done';

export function makeDockerLab(engine: Pick<TestEngine, 'docker' | 'socketPath'>): DockerLab {
  const dir = mkdtempSync(join(tmpdir(), 'serin-docker-driver-'));
  const opened: DockerDriver[] = [];
  const open = (plugin: Record<string, unknown> = {}, stateDir = 'state') => {
    const driver = new DockerDriver({
      stateDir: join(dir, stateDir),
      plugin: compileDockerPlugin({ endpoint: `unix://${engine.socketPath}`, ...plugin }, undefined),
      clock: systemClock,
      newId: randomUUID,
      log: silentLog,
    });
    opened.push(driver);
    return driver;
  };
  const task = (config: Record<string, unknown>, more: Partial<TaskConfig> = {}): TaskConfig => {
    const id = randomUUID();
    const root = join(dir, id);
    for (const folder of ['web/local', 'web/secrets', 'alloc/logs']) mkdirSync(join(root, folder), { recursive: true });
    return {
      id,
      allocId: randomUUID(),
      taskName: 'web',
      config: { image: TEST_IMAGE, ...config },
      env: { GREETING: `it's "fine"\n$HOME`, NOMAD_ALLOC_DIR: '/alloc', NOMAD_TASK_DIR: '/local', [TASK_MARKER]: id },
      user: '',
      taskDir: join(root, 'web'),
      allocDir: join(root, 'alloc'),
      ports: [],
      stdoutPath: join(root, 'alloc/logs/web.stdout.0'),
      stderrPath: join(root, 'alloc/logs/web.stderr.0'),
      cpuMHz: 100,
      memoryMB: 32,
      memoryMaxMB: 0,
      ...more,
    };
  };
  const shell = (script: string, more: Partial<TaskConfig> = {}) =>
    task({ command: '/bin/sh', args: ['-c', script] }, more);
  return {
    dir,
    open,
    task,
    shell,
    output: ({ stdoutPath }) => readFileSync(stdoutPath, 'utf8'),
    openDriver: async () => open(),
    sleeper: () => shell(`${HANDLES} touch /local/ready; sleep 1000 & wait`),
    exiting: (code) => shell(`touch /local/ready; exit ${code}`),
    stubborn: () => shell(`trap "" TERM; touch /local/ready; ${RUN_ON}`),
    unstartable: () => task({ command: '/bin/nosuchcommand' }),
    badConfigs: [
      {},
      { image: 3 },
      { image: 'a', args: 'b' },
      { image: 'a', nonsense: 1 },
      { image: 'a', privileged: true },
    ],
    ready: ({ taskDir }) => eventually(() => existsSync(join(taskDir, 'local/ready'))),
    settled: ({ taskDir }) => eventually(() => existsSync(join(taskDir, 'local/ready'))),
    pass: async () => {},
    openForeignDriver: async () => open({}, 'foreign'),
    forking: () => shell(`${DAEMON} ${HANDLES} touch /local/ready; sleep 1000 & wait`),
    leaving: () => shell(`${DAEMON} touch /local/ready; exit 0`),
    counting: () => shell(`${HANDLES} touch /local/ready; n=0; while :; do n=$((n+1)); echo line $n; sleep 0.01; done`),
    processesOf: ({ id }) => marked(id),
    outputOf: ({ stdoutPath }) => (existsSync(stdoutPath) ? readFileSync(stdoutPath, 'utf8') : ''),
    startInDyingAgent: (config, attach) => {
      const plugin = compileDockerPlugin({ endpoint: `unix://${engine.socketPath}` }, undefined);
      const entry = new URL('./docker-start-agent.ts', import.meta.url);
      return startInDyingAgent(entry, { stateDir: join(dir, 'state'), plugin }, config, attach);
    },
    leftovers: async () => [
      ...readdirSync(join(dir, 'state')),
      ...(await engine.docker.listContainers({ all: true })).map(({ Id }) => Id),
    ],
    close: async () => {
      for (const driver of opened) await driver.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
