import { expect, it } from 'vitest';
import { newGroup, newJob, newTask, newUpdate } from '../scheduler/fixtures.ts';
import { ignoredBlocks } from './ignored-blocks.ts';

it('what nothing acts on is said, with where it stands', () => {
  const task = newTask({ Name: 'server', Templates: [{ DestPath: 'local/app.conf' }] } as never);
  const job = newJob({ TaskGroups: [newGroup({ Name: 'app', Tasks: [task], Volumes: { data: {} } } as never)] });
  expect(ignoredBlocks(job)).toEqual([
    'group "app": "volume" is kept and shown, but Serin does not act on it',
    'task "server": "template" is kept and shown, but Serin does not act on it',
  ]);
});

it('canaries that nobody can promote are said', () => {
  const job = newJob({ TaskGroups: [newGroup({ Name: 'app', Update: newUpdate({ Canary: 1 }) })] });
  expect(ignoredBlocks(job)).toEqual([expect.stringContaining('nothing promotes them in this version')]);
});

it('an ordinary job hears nothing', () => {
  expect(ignoredBlocks(newJob())).toEqual([]);
});
