import { expect, it } from 'vitest';
import type { TaskState } from '../model/allocation.ts';
import { judgeClientStatus } from './client-status.ts';

const state = (text: string): TaskState => ({
  State: text.startsWith('run') ? 'running' : text.startsWith('dead') ? 'dead' : 'pending',
  Failed: text.endsWith('failed'),
  Restarts: 0,
  LastRestart: null,
  StartedAt: text === 'pending' ? null : '2026-01-01T00:00:00.000Z',
  FinishedAt: null,
  Events: [],
});

it.each([
  [['pending'], 'pending'],
  [['pending', 'running'], 'running'],
  [['restarting'], 'running'],
  [['dead', 'running'], 'running'],
  [['dead failed', 'running'], 'running'],
  [['dead failed', 'pending'], 'running'],
  [['dead'], 'complete'],
  [['dead', 'dead failed'], 'failed'],
  [[], 'pending'],
])('tasks that are %j make an allocation %s', (texts, expected) => {
  expect(judgeClientStatus(texts.map(state)).status).toBe(expected);
});
