/** What a change may not make of apps and groups together. */
import { expect, it } from 'vitest';
import { newApp } from './fixtures.ts';
import type { Root } from './root.ts';
import { EMPTY_ROOT } from './root.ts';
import { rootProblems } from './root-problems.ts';

const at = { version: '1', lastScalingAt: '1', lastConfigChangeAt: '1' };

/** By app and by group: what it needs. */
const root = (apps: Record<string, string[]>, groups: Record<string, string[]> = {}): Root => ({
  apps: new Map(Object.entries(apps).map(([id, dependencies]) => [id, { app: newApp({ id, dependencies }), at }])),
  groups: new Map(Object.entries(groups).map(([id, dependencies]) => [id, { dependencies, version: '1' }])),
});

const circle = (text: string) => [{ path: '/', error: `Dependency graph has cyclic dependencies. (${text})` }];
const both = (id: string) => [
  {
    path: '/id',
    error: `Groups and Applications may not have the same identifier: '${id}' would be both, give one of them another id`,
  },
];

it.each<[string, Root, ReturnType<typeof circle>]>([
  ['apps beside each other', root({ '/a': [], '/b': ['/a'] }), []],
  ['an app in an app', root({ '/shop': [], '/shop/web': [] }), both('/shop')],
  ['an app with the id of an empty group', root({ '/shop': [] }, { '/shop': [] }), both('/shop')],
  ['an app with the id of a group above', root({ '/a': [], '/a/b/c': [] }), both('/a')],
  ['an app that needs itself', root({ '/a': ['/a'] }), circle('/a needs /a')],
  ['an app that needs its own group', root({ '/g/a': ['/g'] }), circle('/g/a needs /g/a')],
  ['a group that needs itself', root({ '/g/a': [] }, { '/g': ['/g'] }), circle('/g/a needs /g/a')],
  ['a group that needs a group of its own', root({ '/g/h/a': [] }, { '/g': ['/g/h'] }), circle('/g/h/a needs /g/h/a')],
  [
    'a group that needs one of its apps, which Marathon takes',
    root({ '/g/a': [], '/g/b': [] }, { '/g': ['/g/a'] }),
    [],
  ],
  ['two apps', root({ '/a': ['/b'], '/b': ['/a'], '/c': ['/a'] }), circle('/a needs /b needs /a')],
  [
    'two groups',
    root({ '/g/a': [], '/h/b': [] }, { '/g': ['/h'], '/h': ['/g'] }),
    circle('/g/a needs /h/b needs /g/a'),
  ],
])('%s', (_, to, problems) => {
  expect(rootProblems(EMPTY_ROOT, to)).toEqual(problems);
});

it('says nothing of what was so before', () => {
  const before = root({ '/shop': [], '/shop/web': [], '/a': ['/a'] });
  expect(rootProblems(before, root({ '/shop': [], '/shop/web': [], '/a': ['/a'], '/b': [] }))).toEqual([]);
});
