import { expect, it } from 'vitest';
import type { Job } from '../../src/model/job.ts';
import { appDefinition, appFacts, labelsOf, strategyWords } from './marathon-app.ts';

const JOB = {
  ID: 'shop/cart',
  TaskGroups: [{ Name: 'cart', Count: 6 }],
  Marathon: {
    App: {
      cmd: 'serve',
      labels: { team: 'checkout', HAPROXY_GROUP: 'external' },
      upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0.25 },
      dependencies: ['/shop/db'],
    },
    Version: 'v',
    LastScalingAt: 's',
    LastConfigChangeAt: 'c',
  },
} as unknown as Job;

it('an app is shown as it was put, with the id and the count that its job keeps', () => {
  expect(appDefinition(JOB)).toMatchObject({ id: '/shop/cart', cmd: 'serve', instances: 6 });
});

it('says its upgrade strategy in instances', () => {
  expect(appFacts(JOB)).toMatchObject({
    id: '/shop/cart',
    instances: '6',
    dependencies: '/shop/db',
    upgradeStrategy:
      'at least 3 of 6 serve during an upgrade (minimumHealthCapacity 0.5), at most 1 more runs (maximumOverCapacity 0.25)',
  });
  expect(strategyWords({}, 4)).toMatch(/^at least 4 of 4 .* at most 4 more run /);
});

it('has its labels by name', () => {
  expect(labelsOf(JOB)).toEqual([
    ['HAPROXY_GROUP', 'external'],
    ['team', 'checkout'],
  ]);
});
