/** docs/api.md and the code say the same, both ways. */
import { expect, it } from 'vitest';
import { ErrorCodes } from '../lib/errors.ts';
import { readDoc, rowsOf, sectionOf } from '../lib/testing/doc-tables.ts';
import { BlockerReasons, DeploymentFailures } from '../model/deployment.ts';
import { InstanceStates } from '../model/deployment-explanation.ts';
import type { HttpDeps } from './deps.ts';
import { TEST_AGENT } from './fixture.ts';
import { EventTopics, RULES } from './nomad/events.ts';
import { ROUTE_METHODS, type Route } from './route.ts';
import { allRoutes } from './routes.ts';

const DOCS = readDoc('api.md');
const tableOf = (section: string): string[][] => rowsOf(sectionOf(DOCS, `## ${section}`));

const methodsOf = (route: Route): string => ROUTE_METHODS.filter((method) => route[method] !== undefined).join(', ');

it('every route is documented, and every documented route exists', () => {
  const routes = allRoutes({ agent: TEST_AGENT } as HttpDeps).map((route) => `${methodsOf(route)} ${route.path}`);
  expect(
    tableOf('Endpoints')
      .map(([methods, path]) => `${methods} ${path}`)
      .sort(),
  ).toEqual(routes.sort());
});

it('every error code is documented with its status, and every documented one exists', () => {
  const codes = Object.entries(ErrorCodes).map(([code, { status, about }]) => [code, String(status), about]);
  expect(tableOf('Errors').sort()).toEqual(codes.sort());
});

it.each([
  ['Reasons of a blocker', BlockerReasons],
  ['Failures', DeploymentFailures],
  ['States of an instance', InstanceStates],
])('%s are documented in their order, and every documented one exists', (section, codes) => {
  expect(rowsOf(sectionOf(DOCS, `### ${section}`))).toEqual(Object.entries(codes));
});

it('every event topic and type is documented, and every documented one exists', () => {
  expect(tableOf('Events').map(([topic]) => topic)).toEqual(Object.keys(EventTopics));
  const types = /\nTypes: ([^.]+)\./.exec(DOCS)?.[1]?.match(/\w+/g) ?? [];
  expect(types.toSorted()).toEqual([...new Set(RULES.map(({ type }) => type))].sort());
});
