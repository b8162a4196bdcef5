import { describe, expect, it } from 'vitest';
import { compareRoutes, matchRoute } from './route-match.ts';

const routes = [
  { Host: '', Path: '/' },
  { Host: '', Path: '/api' },
  { Host: '*.example.com', Path: '/' },
  { Host: '*.eu.example.com', Path: '/' },
  { Host: 'shop.example.com', Path: '/' },
  { Host: 'shop.example.com', Path: '/api/v2' },
  { Host: 'only.example.org', Path: '/admin/' },
].sort(compareRoutes);

describe('a request', () => {
  it.each([
    ['anything', '/', '', '/'],
    ['anything', '/api', '', '/api'],
    ['anything', '/api/users', '', '/api'],
    ['anything', '/apiary', '', '/'],
    ['shop.example.com', '/', 'shop.example.com', '/'],
    ['SHOP.example.com.:8080', '/api/v2/x', 'shop.example.com', '/api/v2'],
    ['shop.example.com', '/api', 'shop.example.com', '/'],
    ['a.example.com', '/api', '*.example.com', '/'],
    ['a.b.example.com', '/', '*.example.com', '/'],
    ['a.eu.example.com', '/', '*.eu.example.com', '/'],
    ['example.com', '/', '', '/'],
    ['only.example.org', '/admin/x', 'only.example.org', '/admin/'],
    ['only.example.org', '/admin', '', '/'],
  ])('to %s%s takes the route of %j%s', (host, path, routeHost, routePath) => {
    expect(matchRoute(routes, host, path)).toEqual({ Host: routeHost, Path: routePath });
  });

  it('takes none where none matches', () => {
    expect(matchRoute([{ Host: 'a', Path: '/' }], 'b', '/')).toBeUndefined();
  });
});
