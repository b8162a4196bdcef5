import { VirtualClock } from '../lib/virtual-clock.ts';
import { describeDriver } from './contract.ts';
import type { TaskConfig } from './driver.ts';
import { MockDriver, MockMachine } from './mock.ts';

let made = 0;

const task = (config: Record<string, unknown>): TaskConfig => ({
  id: `start-${made++}`,
  allocId: 'a1',
  taskName: 'web',
  config,
  env: {},
  user: '',
  taskDir: '/nowhere',
  allocDir: '/nowhere',
  ports: [],
  stdoutPath: '/nowhere/out',
  stderrPath: '/nowhere/err',
  cpuMHz: 100,
  memoryMB: 32,
  memoryMaxMB: 0,
});

describeDriver('mock', async () => {
  const clock = new VirtualClock();
  const machine = new MockMachine();
  return {
    openDriver: async () => new MockDriver(clock, machine),
    sleeper: () => task({}),
    exiting: (exit_code) => task({ run_for_ms: 10, exit_code }),
    stubborn: () => task({ ignores: ['SIGTERM'] }),
    unstartable: () => task({ start_error: 'there is no such program' }),
    badConfigs: [{ run_for_ms: 'long' }, { command: '/bin/true' }],
    ready: async () => {},
    pass: (ms) => clock.advance(ms),
    close: async () => {},
  };
});
