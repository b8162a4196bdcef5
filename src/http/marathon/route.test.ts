/** Which handler a path gets. */
import { expect, it } from 'vitest';
import { empty } from '../answer.ts';
import type { Call } from '../route.ts';
import { type MarathonHandler, marathonRouter, pathOf } from './route.ts';

const named =
  (status: number): MarathonHandler =>
  () =>
    empty(status);
const router = marathonRouter([
  { path: '/v2/apps/{id}/tasks/{task}', DELETE: named(1) },
  { path: '/v2/apps/{id}/tasks', GET: named(2) },
  { path: '/v2/apps/{id}', GET: named(3), PUT: named(4) },
]);

function routed(method: string, url: string): unknown {
  const found = router(method, pathOf(url));
  return typeof found === 'object' ? [(found.handler({} as Call) as { status: number }).status, found.params] : found;
}

it.each([
  ['GET', '/v2/apps/web', [3, { id: 'web' }]],
  ['GET', '/v2/apps//a/b/', [3, { id: 'a/b' }]],
  ['GET', '/v2/apps/%2Fa%2Fb?embed=x', [3, { id: '/a/b' }]],
  ['GET', '/v2/apps/a/b/tasks', [2, { id: 'a/b' }]],
  ['HEAD', '/v2/apps/a/tasks', [2, { id: 'a' }]],
  ['DELETE', '/v2/apps/a/b/tasks/x.1', [1, { id: 'a/b', task: 'x.1' }]],
  ['PUT', '/v2/apps/a/tasks', [4, { id: 'a/tasks' }]],
  ['PATCH', '/v2/apps/a', 'method'],
  ['GET', '/v2/%ff', undefined],
  ['GET', '/v2', undefined],
])('%s %s', (method, url, expected) => {
  expect(routed(method, url)).toEqual(expected);
});
