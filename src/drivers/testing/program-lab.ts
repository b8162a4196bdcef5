/** The lab of the drivers that run programs of this machine: raw_exec and exec. */
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriverLab } from '../contract-kit.ts';
import type { TaskConfig, TaskHandle } from '../driver.ts';
import type { ProcessId } from '../proc.ts';
import { type DriverSpec, type MadeDriver, makeDriver } from './driver-maker.ts';
import { startInDyingAgent } from './dying-agent.ts';
import { eventually } from './eventually.ts';
import { marked } from './marked.ts';

const ENTRY = new URL('./driver-agent.ts', import.meta.url);

export interface ProgramLab extends Required<Omit<DriverLab, 'settled'>> {
  readonly dir: string;
  readonly taskDir: string;
  open(): MadeDriver;
  task(command: string, args: readonly string[], more?: Partial<TaskConfig>): TaskConfig;
  shell(script: string, more?: Partial<TaskConfig>): TaskConfig;
}

export interface ProgramLabOptions {
  readonly kind: DriverSpec['kind'];
  /** "": no cgroups, for raw_exec. */
  readonly cgroupName: string;
  readonly runtime?: string;
  readonly badConfigs: DriverLab['badConfigs'];
}

export function makeProgramLab({ kind, cgroupName, runtime = '', badConfigs }: ProgramLabOptions): ProgramLab {
  const dir = mkdtempSync(join(tmpdir(), `serin-${kind}-`));
  const taskDir = join(dir, 'web');
  const allocDir = join(dir, 'alloc');
  makeFolders(dir);
  const spec = (stateDir: string): DriverSpec => ({ kind, stateDir: join(dir, stateDir), cgroupName, runtime });
  const opened: MadeDriver[] = [];
  const openOver = (stateDir: string) => {
    const driver = makeDriver(spec(stateDir));
    opened.push(driver);
    return driver;
  };
  const localDir = kind === 'exec' ? '/local' : join(taskDir, 'local');
  const task = (command: string, args: readonly string[], more: Partial<TaskConfig> = {}): TaskConfig => ({
    id: randomUUID(),
    allocId: randomUUID(),
    taskName: 'web',
    config: { command, args },
    env: { PATH: '/usr/bin:/bin', GREETING: `it's "fine"\n$HOME`, NOMAD_TASK_DIR: localDir },
    user: '',
    taskDir,
    allocDir,
    ports: [],
    stdoutPath: join(dir, 'out'),
    stderrPath: join(dir, 'err'),
    cpuMHz: 100,
    memoryMB: 32,
    memoryMaxMB: 0,
    ...more,
  });
  const shell = (script: string, more?: Partial<TaskConfig>) => task('/bin/sh', ['-c', script], more);
  const ready = ': >"$NOMAD_TASK_DIR/ready-$SERIN_TASK_ID"';
  return {
    dir,
    taskDir,
    task,
    shell,
    open: () => openOver('state'),
    openDriver: async () => openOver('state'),
    openForeignDriver: async () => openOver('foreign'),
    sleeper: () => task('sleep', ['1000']),
    exiting: (code) => shell(`exit ${code}`),
    stubborn: () => shell(`trap "" TERM; ${ready}; while :; do sleep 0.05; done`),
    unstartable: () => task('/bin/nosuchcommand', []),
    forking: () => shell(`(setsid sh -c "sleep 1000 & sleep 1000" &); ${ready}; exec sleep 1000`),
    leaving: () => shell('(setsid sh -c "sleep 1000 & sleep 1000" &); exit 0'),
    counting: () => shell('n=0; while :; do n=$((n+1)); echo line $n; sleep 0.01; done'),
    badConfigs,
    ready: ({ id }) => eventually(() => existsSync(join(taskDir, 'local', `ready-${id}`))),
    pass: async () => {},
    processesOf: ({ id }) => marked(id),
    outputOf: ({ stdoutPath }) => (existsSync(stdoutPath) ? readFileSync(stdoutPath, 'utf8') : ''),
    startInDyingAgent: (config, attach) => startInDyingAgent(ENTRY, spec('state'), config, attach),
    supervisorOf: (handle) => idsOf(handle).first ?? idsOf(handle).shim,
    mainOf: (handle) => idsOf(handle).task,
    leftovers: () => [...filesBelow(join(dir, 'state')), ...cgroupsOf(cgroupName)],
    close: async () => {
      for (const driver of opened) driver.close();
      rmSync(dir, { recursive: true, force: true });
      for (const path of cgroupFolders(cgroupName)) removeFolder(path);
    },
  };
}

/** As the node makes them. */
function makeFolders(dir: string): void {
  for (const folder of ['alloc', 'web', 'web/local', 'web/secrets', 'web/tmp']) {
    mkdirSync(join(dir, folder), { recursive: true });
    chmodSync(join(dir, folder), folder === 'web/secrets' ? 0o700 : 0o777);
  }
}

const idsOf = (handle: TaskHandle) =>
  handle.state as unknown as { readonly task: ProcessId; readonly shim: ProcessId; readonly first?: ProcessId };

function filesBelow(stateDir: string): string[] {
  const containers = join(stateDir, 'containers');
  return [...readdirSync(stateDir), ...(existsSync(containers) ? readdirSync(containers) : [])].sort();
}

/** Of every hierarchy that is mounted where distributions mount them. */
function cgroupFolders(name: string): string[] {
  if (name === '') return [];
  const mounts = ['/sys/fs/cgroup', ...readdirSync('/sys/fs/cgroup').map((each) => join('/sys/fs/cgroup', each))];
  return mounts.map((mount) => join(mount, name)).filter(existsSync);
}

const cgroupsOf = (name: string): string[] =>
  cgroupFolders(name).flatMap((path) =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name)),
  );

/** One in which something still is stays, for the test that fails to show. */
function removeFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not empty.
  }
}
