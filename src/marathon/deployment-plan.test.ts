import { describe, expect, it } from 'vitest';
import { affectedApps, planDeployment } from './deployment-plan.ts';
import { newApp } from './fixtures.ts';
import { type AppState, dependenciesOf, groupIds, layersOf, type Root } from './root.ts';

const AT = { version: '1', lastScalingAt: '1', lastConfigChangeAt: '1' };
const state = (id: string, fields = {}): [string, AppState] => [id, { app: newApp({ id, ...fields }), at: AT }];
const root = (...apps: [string, AppState][]): Root => ({ apps: new Map(apps), groups: new Map() });
const words = (from: Root, to: Root, kills: string[] = []): string[] =>
  planDeployment(from, to, new Set(kills)).map(({ actions }) =>
    actions.map(({ action, app }) => `${action.replace('Application', '')} ${app}`).join(', '),
  );

describe('the steps of a deployment', () => {
  it.each<[string, Root, Root, string[]]>([
    ['a new app', root(), root(state('/a')), ['Start /a', 'Scale /a']],
    ['another count', root(state('/a')), root(state('/a', { instances: 3 })), ['Scale /a']],
    ['another command', root(state('/a')), root(state('/a', { cmd: 'other' })), ['Restart /a']],
    ['both', root(state('/a')), root(state('/a', { cmd: 'other', instances: 3 })), ['Restart /a']],
    ['to none', root(state('/a')), root(state('/a', { cmd: 'other', instances: 0 })), ['Scale /a']],
    ['an app that is gone', root(state('/a')), root(), ['Stop /a']],
    ['nothing', root(state('/a')), root(state('/a')), []],
    [
      'a dependency comes first',
      root(),
      root(state('/web', { dependencies: ['/db'] }), state('/db')),
      ['Start /db, Start /web', 'Scale /db', 'Scale /web'],
    ],
    [
      'what needs nothing goes at once',
      root(state('/a'), state('/b'), state('/c', { dependencies: ['/a'] })),
      root(state('/a', { cmd: 'x' }), state('/b', { cmd: 'x' }), state('/c', { cmd: 'x', dependencies: ['/a'] })),
      ['Restart /a, Restart /b', 'Restart /c'],
    ],
  ])('%s', (_, from, to, expected) => expect(words(from, to)).toEqual(expected));

  it('restart an app that says the same where somebody asked for it', () => {
    const [id, before] = state('/a');
    const after = { apps: new Map([[id, { ...before, restartedAt: '2' }]]), groups: new Map() };
    expect(words(root([id, before]), after)).toEqual(['Restart /a']);
  });

  it('scale an app of which instances are killed for good', () => {
    expect(words(root(state('/a')), root(state('/a')), ['/a'])).toEqual(['Scale /a']);
  });

  it('lock every app that they name, once', () => {
    expect(affectedApps(planDeployment(root(state('/x')), root(state('/a'))))).toEqual(['/x', '/a']);
  });
});

describe('groups', () => {
  const shop: Root = {
    apps: new Map([state('/shop/web'), state('/shop/db/main'), state('/queue')]),
    groups: new Map([
      ['/shop/web-tier', { dependencies: [], version: '1' }],
      ['/shop', { dependencies: ['/queue'], version: '1' }],
    ]),
  };

  it('are those that apps stand in, and those that somebody made', () => {
    expect(groupIds(shop)).toEqual(['/', '/shop', '/shop/db', '/shop/web-tier']);
  });

  it('give their dependencies to all of their apps', () => {
    expect(dependenciesOf(shop, '/shop/db/main')).toEqual(['/queue']);
    expect(dependenciesOf(shop, '/queue')).toEqual([]);
  });

  it('are needed by way of their apps', () => {
    const needing = root(state('/web', { dependencies: ['/db'] }), state('/db/a'), state('/db/b'));
    expect(dependenciesOf(needing, '/web')).toEqual(['/db/a', '/db/b']);
  });

  it('in a circle have no layers', () => {
    const circle = root(state('/a', { dependencies: ['/b'] }), state('/b', { dependencies: ['/a'] }));
    expect(layersOf(circle, ['/a', '/b'])).toBeUndefined();
  });
});
