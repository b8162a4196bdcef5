import { expect, it } from 'vitest';
import { newGroup, newJob, newTask } from '../scheduler/fixtures.ts';
import { ignoredBlocks } from './ignored-blocks.ts';

it('what nothing acts on is said, with where it stands', () => {
  const task = newTask({ Name: 'server', Templates: [{ DestPath: 'local/app.conf' }] } as never);
  const job = newJob({ TaskGroups: [newGroup({ Name: 'app', Tasks: [task], Volumes: { data: {} } } as never)] });
  expect(ignoredBlocks(job)).toEqual([
    'group "app": "volume" is kept and shown, but Serin does not act on it',
    'task "server": "template" is kept and shown, but Serin does not act on it',
  ]);
});

it('an ordinary job hears nothing', () => {
  expect(ignoredBlocks(newJob())).toEqual([]);
});
