import { expect, it } from 'vitest';
import { DeploymentDescriptions, DeploymentFailures, failureOf } from './deployment.ts';

it('every description of a bad end has a typed reason, each its own; no other has one', () => {
  const bad = Object.values(DeploymentDescriptions).filter((words) => /^(Failed|Cancelled)|failed$/.test(words));
  expect(bad.map(failureOf).sort()).toEqual(Object.keys(DeploymentFailures).sort());
  const others = Object.values(DeploymentDescriptions).filter((words) => !bad.includes(words));
  expect(others.map(failureOf).filter(Boolean)).toEqual([]);
});
