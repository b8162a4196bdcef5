import { describe, expect, it } from 'vitest';
import { pathMatcher } from './path-matcher.ts';

describe('a path has a route', () => {
  const isPath = pathMatcher(['/v1/jobs', '/v1/job/:id/plan', '/v1/files/*']);

  it.each([
    ['/v1/jobs', true],
    ['/v1/jobs?prefix=a/b', true],
    ['/v1/jobs/', false],
    ['/v1/job/web/plan', true],
    ['/v1/job/a%2Fb/plan', true],
    ['/v1/job//plan', false],
    ['/v1/job/web', false],
    ['/v1/files/a/b', true],
    ['/v1/files', false],
    ['/v2/jobs', false],
  ])('%s: %s', (url, expected) => {
    expect(isPath(url)).toBe(expected);
  });
});
