/** The words and marks of an allocation's overview. */
import { expect, it } from 'vitest';
import type { AllocCheckResult, TaskEvent, TaskState } from '../../src/model/allocation.ts';
import { MOST_MARKS, marksOf, marksWords } from './check-marks.ts';
import { portUrl } from './port-url.ts';
import { happeningsOf } from './task-events.ts';

const run = (Result: AllocCheckResult['Result'], Count: number, FirstMs: number) =>
  ({ Result, Count, FirstMs, LastMs: FirstMs, Status: 'passing', Output: '' }) as AllocCheckResult;

it('a check shows its last looks, one mark each, and says them in words', () => {
  const marks = marksOf([run('critical', 2, 1), run('passing', 3, 2)]);
  expect(marksWords(marks)).toBe('the last 5 looks, oldest first: 2 critical, 3 passing');
  const many = marksOf([run('passing', 1_000_000, 1), run('critical', 1, 2)]);
  expect([many.length, many.at(-1)?.result, new Set(many.map(({ key }) => key)).size]).toEqual([
    MOST_MARKS,
    'critical',
    MOST_MARKS,
  ]);
});

it.each([
  ['http', '127.0.0.1', 8080, 'http://127.0.0.1:8080'],
  ['https', '127.0.0.1', 8080, 'https://127.0.0.1:8080'],
  ['web', '::1', 80, 'http://[::1]:80'],
])('port %s of %s', (Label, HostIP, Value, url) => {
  expect(portUrl({ Label, HostIP, Value })).toBe(url);
});

it('what happened to the tasks stands newest first; a failure is told from an end that was wanted', () => {
  const event = (Type: string, atMs: number, more: Partial<TaskEvent> = {}): TaskEvent => ({
    Type,
    Time: atMs * 1e6,
    DisplayMessage: '',
    ...more,
  });
  const state = (...Events: TaskEvent[]) => ({ Events }) as TaskState;
  const happened = happeningsOf({
    web: state(event('Started', 1), event('Terminated', 3, { ExitCode: 3 }), event('Killed', 5)),
    side: state(event('Terminated', 4, { ExitCode: 0, DisplayMessage: 'Exit Code: 0' })),
  });
  expect(happened.map(({ task, words, isBad }) => [task, words, isBad])).toEqual([
    ['web', 'Killed', false],
    ['side', 'Exit Code: 0', false],
    ['web', 'Terminated', true],
    ['web', 'Started', false],
  ]);
});
