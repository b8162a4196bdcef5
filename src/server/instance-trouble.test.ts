import { expect, it } from 'vitest';
import type { AllocServiceStatus, TaskEvent, TaskState } from '../model/allocation.ts';
import { instanceTrouble } from './instance-trouble.ts';

const event = (Type: string, DisplayMessage: string): TaskEvent => ({ Type, DisplayMessage, Time: 0 });

const state = (fields: Partial<TaskState>): TaskState => ({
  State: 'pending',
  Failed: false,
  Restarts: 0,
  LastRestart: null,
  StartedAt: null,
  FinishedAt: null,
  Events: [],
  ...fields,
});

const service = (Status: 'passing' | 'critical', Output: string, Check = 'alive'): AllocServiceStatus => ({
  Service: 'web',
  PortLabel: 'http',
  Address: '127.0.0.1',
  Port: 20000,
  Status,
  Checks: [{ Check, Status, Output, TimestampMs: 0 }],
});

const exited = [
  event('Started', 'Task started by client'),
  event('Terminated', 'Exit Code: 1'),
  event('Restarting', 'Task restarting in 15.4s'),
  event('Alloc Unhealthy', 'Task not running for min_healthy_time of 2s by deadline'),
];

it('a task that ended says how, and what comes of it', () => {
  const alloc = { TaskStates: { server: state({ Events: exited, Restarts: 2 }) }, Services: [] };
  expect(instanceTrouble(alloc)).toBe('task "server": Exit Code: 1; Task restarting in 15.4s (restarted 2 times)');
});

it.each([
  [1, 'task "server" was restarted once after Exit Code: 1; check "alive" says: refused'],
  [3, 'task "server" was restarted 3 times after Exit Code: 1; check "alive" says: refused'],
  [0, 'check "alive" says: refused'],
])('a task that was restarted %s times and runs again is not told by its check alone', (Restarts, words) => {
  const TaskStates = { server: state({ State: 'running', Events: exited, Restarts }) };
  expect(instanceTrouble({ TaskStates, Services: [service('critical', 'refused')] })).toBe(words);
  expect(instanceTrouble({ TaskStates, Services: [service('passing', 'ok')] })).toBeUndefined();
});

it('a task that ended comes before the check that cannot reach it', () => {
  const alloc = { TaskStates: { server: state({ Events: exited }) }, Services: [service('critical', 'refused')] };
  expect(instanceTrouble(alloc)).toContain('Exit Code: 1');
});

it('a task that runs again is no trouble; its failing check is', () => {
  const running = state({ State: 'running', Events: [...exited, event('Started', 'Task started by client')] });
  const alloc = { TaskStates: { server: running }, Services: [service('critical', '404 Not Found')] };
  expect(instanceTrouble(alloc)).toBe('check "alive" says: 404 Not Found');
});

it('a check that was given no name stands in brackets', () => {
  const alloc = { TaskStates: null, Services: [service('critical', 'refused', 'service: "web" check')] };
  expect(instanceTrouble(alloc)).toBe('check (service: "web" check) says: refused');
});

it('a task that did its work, a check that passes: nothing to complain about', () => {
  const done = state({ State: 'dead', Events: [event('Terminated', 'Exit Code: 0')] });
  expect(instanceTrouble({ TaskStates: { init: done }, Services: [service('passing', 'ok')] })).toBeUndefined();
  expect(instanceTrouble({ TaskStates: null, Services: [] })).toBeUndefined();
});
