import { describe, expect, it } from 'vitest';
import type { TaskState } from '../model/allocation.ts';
import type { JobType } from '../model/job.ts';
import { endCause, endsByItself, type Member, type Role, roleOf, stopWaves } from './task-roles.ts';

const state = (text: string): TaskState => ({
  State: text.startsWith('run') ? 'running' : text.startsWith('dead') ? 'dead' : 'pending',
  Failed: text === 'dead failed',
  Restarts: 0,
  LastRestart: null,
  StartedAt: text === 'pending' ? null : '2026-01-01T00:00:00.000Z',
  FinishedAt: null,
  Events: [],
});

/** "web leader: running", "init prestart: dead". */
function member(text: string): Member {
  const [words = '', at = ''] = text.split(': ');
  const [name = '', role = 'main'] = words.split(' ');
  const leader = role === 'leader';
  return { name, role: (leader ? 'main' : role) as Role, leader, state: state(at) };
}

const lifecycle = (Hook: string, Sidecar = false) => ({ Lifecycle: { Hook, Sidecar } });

it.each<[string, ReturnType<typeof lifecycle> | { Lifecycle: null }, Role, string]>([
  ['no hook', { Lifecycle: null }, 'main', 'batch'],
  ['prestart', lifecycle('prestart'), 'prestart', 'service batch'],
  ['a prestart sidecar', lifecycle('prestart', true), 'prestartSidecar', ''],
  ['poststart', lifecycle('poststart'), 'poststart', 'service batch'],
  ['a poststart sidecar', lifecycle('poststart', true), 'poststartSidecar', ''],
  ['poststop', lifecycle('poststop'), 'poststop', 'service batch'],
  ['a poststop "sidecar"', lifecycle('poststop', true), 'poststop', 'service batch'],
])('a task with %s is done with a success in jobs of type: %j', (_name, task, role, types) => {
  expect(roleOf(task)).toBe(role);
  const done = (['service', 'batch'] satisfies JobType[]).filter((type) => endsByItself(task, type));
  expect(done.join(' ')).toBe(types);
});

describe('endCause', () => {
  it.each<[string[], string | undefined]>([
    [['web: running', 'log: running'], undefined],
    [['web: pending', 'init prestart: running'], undefined],
    [['web: pending', 'init prestart: dead'], undefined],
    [['web: pending', 'init prestart: dead failed'], 'Sibling Task Failed'],
    [['web: running', 'log: dead failed'], 'Sibling Task Failed'],
    [['web: running', 'mesh prestartSidecar: dead failed'], 'Sibling Task Failed'],
    [['web: running', 'hello poststart: dead failed'], 'Sibling Task Failed'],
    [['web: running', 'hello poststart: dead'], undefined],
    [['web: running', 'log: dead'], undefined],
    [['web leader: dead', 'log: running'], 'Leader Task Dead'],
    [['web leader: restarting', 'log: running'], undefined],
    [['web leader: running', 'log: dead'], undefined],
    [['web: dead', 'mesh prestartSidecar: running'], 'Main Tasks Dead'],
    [['web: dead', 'log: restarting', 'mesh prestartSidecar: running'], undefined],
    [['web: dead', 'hello poststart: running', 'mesh prestartSidecar: running'], undefined],
    [['web: dead', 'hello poststart: pending'], 'Main Tasks Dead'],
    [['web: dead', 'bye poststop: pending'], 'Main Tasks Dead'],
    [['web: running', 'bye poststop: dead failed'], undefined],
  ])('of %j is %s', (texts, expected) => {
    expect(endCause(texts.map(member))?.Type).toBe(expected);
  });
});

describe('stopWaves', () => {
  it.each<[string, string[], string[][]]>([
    ['all at once', ['web', 'log'], [['web', 'log']]],
    ['the leader first', ['log', 'web leader'], [['web'], ['log']]],
    ['sidecars last', ['web', 'mesh prestartSidecar', 'log'], [['web', 'log'], ['mesh']]],
    [
      'leader, others, sidecars, and no poststop task',
      ['mesh poststartSidecar', 'log', 'web leader', 'hello poststart', 'bye poststop'],
      [['web'], ['log', 'hello'], ['mesh']],
    ],
  ])('stops %s', (_name, texts, expected) => {
    const members = texts.map((text) => member(`${text}: running`));
    expect(stopWaves(members).map((wave) => wave.map(({ name }) => name))).toEqual(expected);
  });
});
