/** What the palette offers, and where it leads. */
import { expect, it } from 'vitest';
import type { DeploymentView, JobStub, NodeStub } from '../../src/api/views.ts';
import { entriesOf, idPrefix, type Known } from './entries.ts';

const NOTHING: Known = { pathname: '/ui/jobs', actions: [], jobs: [], deployments: [], nodes: [], allocIds: [] };
const shown = (known: Partial<Known>) =>
  entriesOf({ ...NOTHING, ...known })
    .filter(({ kind, hint }) => kind !== 'view' || hint === undefined)
    .map(({ kind, name, path }) => [kind, name, path]);

it('leads to every kind of thing, with its name in the address as it must be written', () => {
  const known = {
    jobs: [{ ID: 'a/b', Status: 'running' } as JobStub],
    deployments: [{ ID: '12345678-90', JobID: 'web', JobVersion: 3, Status: 'running' } as DeploymentView],
    nodes: [{ ID: 'abcdefab-cd', Name: 'rack-1', Status: 'ready' } as NodeStub],
    allocIds: ['fedcba98-76'],
  };
  expect(shown(known)).toEqual([
    ['job', 'a/b', '/jobs/a%2Fb'],
    ['deployment', 'web version 3 12345678', '/deployments/12345678-90'],
    ['node', 'rack-1 abcdefab', '/nodes/abcdefab-cd'],
    ['allocation', 'fedcba98-76', '/allocations/fedcba98-76'],
  ]);
});

it('offers first what can be done here, then the other parts of what is looked at', () => {
  const act = () => undefined;
  const known = { pathname: '/ui/allocations/1234/logs', actions: [{ id: '1', name: 'Stop web', act }] };
  expect(shown(known)).toEqual([
    ['action', 'Stop web', undefined],
    ['view', 'Files of this allocation', '/allocations/1234/files'],
    ['view', 'Terminal of this allocation', '/allocations/1234/terminal'],
    ['view', 'Overview of this allocation', '/allocations/1234'],
  ]);
});

it('shows the keys that lead to a view', () => {
  expect(entriesOf(NOTHING).find(({ name }) => name === 'Deployments')).toMatchObject({
    hint: 'g d',
    path: '/deployments',
  });
});

it.each([
  ['ab', 'ab'],
  [' 3F11a426-86 ', '3f11a426-86'],
  ['a', undefined],
  ['web', undefined],
  ['', undefined],
])('"%s" begins an id: %s', (typed, prefix) => {
  expect(idPrefix(typed)).toBe(prefix);
});
