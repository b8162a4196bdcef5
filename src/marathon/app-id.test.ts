import { describe, expect, it } from 'vitest';
import { appIdOf, groupOf, idProblem, isWithin, jobIdOf, resolveId, toPath } from './app-id.ts';

describe('an id', () => {
  it.each([
    ['web', '/web'],
    ['/web', '/web'],
    ['//web', '/web'],
    ['/a//b/', '/a/b'],
    ['', '/'],
  ])('%j is the path %s', (id, path) => expect(toPath(id)).toBe(path));

  it.each([
    ['web', '/shop', '/shop/web'],
    ['../db', '/shop', '/db'],
    ['./db', '/shop', '/shop/db'],
    ['../../../db', '/shop', '/db'],
    ['/db', '/shop', '/db'],
    ['db', '/', '/db'],
  ])('%s in %s is %s', (id, group, path) => expect(resolveId(id, group)).toBe(path));

  it.each(['/web', '/a/b/c', '/my-app', '/v1.2.web', '/0', '/../db'])('%s is fine', (id) =>
    expect(idProblem(id)).toBeUndefined(),
  );

  it.each(['/Web', '/my_app', '/-web', '/web-', '/a/b c', '/', '/a.'])('%s is refused', (id) =>
    expect(idProblem(id)).toMatch(/must/i),
  );

  it('stands in its group, and in the groups above', () => {
    expect(groupOf('/a/b/web')).toBe('/a/b');
    expect(groupOf('/web')).toBe('/');
    expect([isWithin('/a/web', '/a'), isWithin('/ab', '/a'), isWithin('/x', '/')]).toEqual([true, false, true]);
  });

  it('is the id of its job without the first slash, and back', () => {
    expect(jobIdOf('/shop/web')).toBe('shop/web');
    expect(appIdOf(jobIdOf('/shop/web'))).toBe('/shop/web');
  });
});
