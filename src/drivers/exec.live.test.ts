import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../lib/clock.ts';
import { type DriverLab, describeDriver } from './contract.ts';
import type { TaskConfig } from './driver.ts';
import { ExecDriver } from './exec.ts';
import { eventually } from './testing/eventually.ts';

const CGROUP = `serin-test-${process.pid}`;

interface Lab extends DriverLab {
  readonly dir: string;
  open(): ExecDriver;
  shell(script: string, more?: Partial<TaskConfig>): TaskConfig;
}

function makeLab(): Lab {
  const dir = mkdtempSync(join(tmpdir(), 'serin-exec-'));
  const stateDir = join(dir, 'state');
  const taskDir = join(dir, 'web');
  for (const folder of ['alloc', 'web/local', 'web/secrets', 'web/tmp']) {
    mkdirSync(join(dir, folder), { recursive: true });
    chmodSync(join(dir, folder), 0o777);
  }
  const opened: ExecDriver[] = [];
  const task = (command: string, args: string[]): TaskConfig => ({
    id: randomUUID(),
    allocId: randomUUID(),
    taskName: 'web',
    config: { command, args },
    env: { PATH: '/usr/bin:/bin', GREETING: `it's "fine"\n$HOME` },
    user: '',
    taskDir,
    allocDir: join(dir, 'alloc'),
    ports: [],
    stdoutPath: join(dir, 'out'),
    stderrPath: join(dir, 'err'),
    cpuMHz: 100,
    memoryMB: 32,
    memoryMaxMB: 0,
  });
  const open = () => {
    const driver = new ExecDriver({
      stateDir,
      clock: systemClock,
      path: '/usr/sbin:/usr/bin:/sbin:/bin',
      runtime: '',
      allowCaps: [],
      cgroupName: CGROUP,
    });
    opened.push(driver);
    return driver;
  };
  const shell = (script: string, more: Partial<TaskConfig> = {}) => ({ ...task('/bin/sh', ['-c', script]), ...more });
  return {
    dir,
    open,
    shell,
    openDriver: async () => open(),
    sleeper: () => task('sleep', ['1000']),
    exiting: (code) => shell(`exit ${code}`),
    stubborn: () => shell('trap "" TERM; : >"/local/ready-$SERIN_TASK_ID"; while :; do sleep 0.05; done'),
    unstartable: () => task('/bin/nosuchcommand', []),
    badConfigs: [
      {},
      { command: 3 },
      { command: 'a', args: 'b' },
      { command: 'a', image: 'b' },
      { command: 'a', cap_add: ['sys_admin'] },
      { command: 'a', cap_drop: ['flying'] },
      { command: 'a', pids_limit: 0 },
    ],
    ready: ({ id }) => eventually(() => existsSync(join(taskDir, 'local', `ready-${id}`))),
    pass: async () => {},
    close: async () => {
      for (const driver of opened) driver.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

describeDriver('exec', async () => makeLab());
