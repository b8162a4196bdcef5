/** The small things that a connection and its requests are judged by. */
import { describe, expect, it } from 'vitest';
import { isNetwork } from '../../lib/networks.ts';
import { cookieValue, setCookie } from './cookies.ts';
import { renderRequestHead } from './forwarded-head.ts';
import { fieldsOf, headersOf } from './http2-headers.ts';
import { requestHeadOf } from './http2-request-head.ts';
import { originOf } from './origin.ts';
import { locationOf } from './redirect.ts';
import { parseRequestHead } from './request-head.ts';
import { trustedBy } from './trusted.ts';

describe('a trusted proxy', () => {
  it('is named by its address or its network, of either family', () => {
    const isTrusted = trustedBy(['10.0.0.5', '10.1.0.0/16', 'fd00::/8', '::1']);
    const told = ['10.0.0.5', '10.1.2.3', 'fd12::1', '::1', '10.0.0.6', '10.2.0.1', 'fe80::1', '', 'x'].filter(
      isTrusted,
    );
    expect(told).toEqual(['10.0.0.5', '10.1.2.3', 'fd12::1', '::1']);
    expect(trustedBy([])('10.0.0.5')).toBe(false);
  });

  it.each(['10.0.0.0/33', '10.0.0', 'a', '10.0.0.0/8/8', '::/129', '10.0.0.0/'])('is not %j', (text) => {
    expect(isNetwork(text)).toBe(false);
    expect(() => trustedBy([text])).toThrow(text);
  });
});

describe('a cookie', () => {
  const fields = fieldsOf(['cookie', 'a=1; who=x=y', 'cookie', ' who=later']);

  it('is found by its whole name, the first one of it', () => {
    expect(cookieValue(fields, 'who')).toBe('x=y');
    expect(cookieValue(fields, 'wh')).toBeUndefined();
    expect(cookieValue([], 'who')).toBeUndefined();
  });

  it('that came with TLS goes back with TLS only', () => {
    expect(setCookie('a', 'b', true)).toBe('a=b; Path=/; HttpOnly; SameSite=Lax; Secure');
  });
});

describe('what the instance is told', () => {
  const ends = [
    { address: '9.9.9.9', port: 1 },
    { address: '8.8.8.8', port: 443 },
  ] as const;
  const head = parseRequestHead(
    'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Host: b\r\nForwarded: for=1.1.1.1\r\n',
  );

  it('leaves out whatever a client says about itself', () => {
    expect(renderRequestHead(head, originOf(...ends, { scheme: 'https', isTrusted: false }))).toBe(
      'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n' +
        'X-Forwarded-Port: 443\r\nX-Forwarded-Host: a\r\n\r\n',
    );
  });

  it('keeps what a proxy of ours has said, and adds that proxy', () => {
    expect(renderRequestHead(head, originOf(...ends, { scheme: 'http', isTrusted: true }))).toBe(
      'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1, 9.9.9.9\r\nX-Forwarded-Proto: http\r\n' +
        'X-Forwarded-Port: 443\r\nX-Forwarded-Host: b\r\nForwarded: for=1.1.1.1\r\n\r\n',
    );
  });
});

it.each([
  [443, 'a.com:80', '/x?y', 'https://a.com/x?y'],
  [8443, 'A.com', '/', 'https://a.com:8443/'],
  [443, '[::1]:80', '*', 'https://[::1]/'],
])('a request is sent on to port %d of the same host', (redirectTo, host, target, location) => {
  expect(locationOf({ redirectTo }, { host, target })).toBe(location);
});

describe('a request of HTTP/2', () => {
  const pseudo = { ':method': 'GET', ':path': '/a?b', ':authority': 'a.com' };

  it('is read as one of HTTP/1, its crumbs of cookies put together', () => {
    const head = requestHeadOf(pseudo, [':path', '/a?b', 'cookie', 'a=1', 'x', 'y', 'cookie', 'b=2'], true);
    expect(head).toMatchObject({ method: 'GET', target: '/a?b', path: '/a', host: 'a.com', framing: { kind: 'none' } });
    expect(head.fields.map(({ name, value }) => `${name}: ${value}`)).toEqual(['x: y', 'cookie: a=1; b=2']);
    expect(requestHeadOf(pseudo, [], false).framing).toEqual({ kind: 'chunked' });
    expect(requestHeadOf({ ...pseudo, 'content-length': '7' }, [], false).framing).toEqual({
      kind: 'length',
      length: 7,
    });
  });

  it.each([
    { ':path': '/a b' },
    { ':path': '/a\r\nX: y' },
    { ':path': 'a' },
    { ':method': 'GET /' },
    { ':method': 'CONNECT' },
    { ':authority': 'a b' },
    { ':authority': '' },
  ])('that would read otherwise in HTTP/1 is refused: %j', (change) => {
    expect(() => requestHeadOf({ ...pseudo, ...change }, [], true)).toThrow();
  });

  it('has one of what there is one of, and lists of the rest', () => {
    const pairs = [
      ['etag', 'a'],
      ['etag', 'b'],
      ['set-cookie', '1'],
      ['set-cookie', '2'],
    ] as const;
    expect({ ...headersOf(pairs) }).toEqual({ etag: 'a', 'set-cookie': ['1', '2'] });
  });
});
