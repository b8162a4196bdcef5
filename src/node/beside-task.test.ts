import { expect, it } from 'vitest';
import { attachBeside, chosenTask, requestOf } from './beside-task.ts';

const task = (name: string, State = 'running') => ({
  name,
  state: { State },
  isRunning: State === 'running',
  handle: undefined,
});

it.each<[string, ReturnType<typeof task>[], string, RegExp]>([
  ['a task that is not there', [task('web')], 'db', /allocation A has no task "db"; its tasks: "web"/],
  ['no name among several', [task('web'), task('log')], '', /several tasks; name one of them: "web", "log"/],
  ['a task that has ended', [task('web', 'dead')], 'web', /Task not running: "web" is dead/],
  ['the only task, not yet started', [task('web', 'pending')], '', /Task not running: "web" is pending/],
])('refuses %s', (_name, tasks, wanted, words) => {
  expect(() => chosenTask('A', tasks, wanted)).toThrow(words);
});

it('takes the task that is named, or the only one', () => {
  const tasks = [task('web'), task('log')];
  expect(chosenTask('A', tasks, 'log')).toBe(tasks[1]);
  expect(chosenTask('A', [tasks[0]!], '')).toBe(tasks[0]);
});

it('says so when the driver runs no commands beside its tasks', async () => {
  const place = { env: {}, user: '', taskDir: '/t', allocDir: '/a' };
  const request = { ...requestOf('x', { task: 'web', command: ['ls'], tty: false }), ...place };
  await expect(attachBeside(undefined, task('web'), request, new AbortController().signal)).rejects.toThrow(
    'The driver of task "web" runs no commands beside its tasks.',
  );
});
