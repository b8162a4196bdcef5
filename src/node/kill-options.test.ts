import { expect, it } from 'vitest';
import { MINUTE, SECOND } from '../model/nanos.ts';
import { killOptions } from './kill-options.ts';

const task = { KillSignal: '', KillTimeout: 5 * SECOND };

it.each([
  ["the task's own signal first", { ...task, KillSignal: 'SIGUSR1' }, { killSignal: 'SIGTERM' }, 'SIGUSR1'],
  ["then the driver's", task, { killSignal: 'SIGTERM' }, 'SIGTERM'],
  ['then SIGINT', task, {}, 'SIGINT'],
  ['and that as well where the driver is gone', task, undefined, 'SIGINT'],
])('asks a task to end by %s', (_, asking, driver, signal) => {
  expect(killOptions(asking, driver, 30_000)).toEqual({ signal, timeoutNanos: 5 * SECOND });
});

it('grants no more time than the node does, and tells what was asked for', () => {
  const patient = { ...task, KillTimeout: MINUTE };
  expect(killOptions(patient, {}, 30_000)).toMatchObject({ timeoutNanos: 30 * SECOND, asked: MINUTE });
  expect(killOptions(patient, {}, 60_000)).toEqual({ signal: 'SIGINT', timeoutNanos: MINUTE });
});
