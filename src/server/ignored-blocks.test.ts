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

it('says where a service is not reached as it asks', () => {
  const Checks = [{ Name: 'alive', Expose: true, AddressMode: '' }];
  const Services = [{ Name: 'web', AddressMode: 'driver', Checks }];
  const job = newJob({ TaskGroups: [newGroup({ Name: 'app', Tasks: [], Services } as never)] });
  expect(ignoredBlocks(job)).toEqual([
    'group "app": "check.expose" is kept and shown, but Serin does not act on it',
    'group "app": "address_mode" is kept and shown, but Serin does not act on it',
  ]);
});

it('a network mode that no node offers is told apart from the ordinary ones, since the group would wait for ever', () => {
  const withMode = (Mode: string) => newJob({ TaskGroups: [newGroup({ Name: 'app', Networks: [{ Mode }] } as never)] });
  expect(ignoredBlocks(withMode('bridge'))).toEqual([
    expect.stringMatching(/^group "app": no node offers network mode "bridge", so nothing is placed: leave it out/),
  ]);
  expect(['', 'host'].map((mode) => ignoredBlocks(withMode(mode)))).toEqual([[], []]);
});
