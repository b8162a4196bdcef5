import { describe, expect, it } from 'vitest';
import { refusalOf } from './guard.ts';

const POLICY = { allowedHosts: ['10.0.0.5', 'Serin.example.com'], allowedOrigins: ['https://ops.example.com'] };

const CASES: readonly (readonly [title: string, method: string, headers: Record<string, string>, allowed: boolean])[] =
  [
    ['curl to loopback', 'PUT', { host: '127.0.0.1:4646' }, true],
    ['curl to another loopback address', 'PUT', { host: '127.0.1.1:4646' }, true],
    ['curl to localhost', 'DELETE', { host: 'LocalHost:4646' }, true],
    ['curl to IPv6 loopback', 'GET', { host: '[::1]:4646' }, true],
    ['the bind address', 'GET', { host: '10.0.0.5:4646' }, true],
    ['a configured name, in any case', 'GET', { host: 'serin.EXAMPLE.com' }, true],
    ['a rebound name', 'GET', { host: 'evil.example:4646' }, false],
    ['a name that begins like a loopback address', 'GET', { host: '127.0.0.1.evil.example' }, false],
    ['a name that ends like localhost', 'GET', { host: 'evil-localhost' }, false],
    ['no Host', 'GET', {}, false],
    ['our own page', 'PUT', { host: 'localhost:4646', origin: 'http://localhost:4646' }, true],
    ['our own page behind TLS', 'PUT', { host: 'serin.example.com', origin: 'https://serin.example.com' }, true],
    ['a page of another port', 'PUT', { host: 'localhost:4646', origin: 'http://localhost:3000' }, false],
    ['a page from elsewhere', 'GET', { host: 'localhost:4646', origin: 'https://evil.example' }, false],
    ['a sandboxed page', 'PUT', { host: 'localhost:4646', origin: 'null' }, false],
    ['an allowed page', 'PUT', { host: 'localhost:4646', origin: 'https://ops.example.com' }, true],
    [
      'an allowed page, as a browser sends it',
      'PUT',
      { host: 'localhost:4646', origin: 'https://ops.example.com', 'sec-fetch-site': 'cross-site' },
      true,
    ],
    ['an image tag elsewhere', 'GET', { host: 'localhost:4646', 'sec-fetch-site': 'cross-site' }, false],
    ['an image tag of another port', 'GET', { host: 'localhost:4646', 'sec-fetch-site': 'same-site' }, false],
    [
      'a link followed from elsewhere',
      'GET',
      { host: 'localhost:4646', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      true,
    ],
    ['the address typed by hand', 'GET', { host: 'localhost:4646', 'sec-fetch-site': 'none' }, true],
    ['a browser write without Origin', 'POST', { host: 'localhost:4646', 'sec-fetch-site': 'none' }, false],
    ['a form of an old browser', 'POST', { host: 'localhost:4646', referer: 'https://evil.example/x' }, false],
    ['our own form in an old browser', 'POST', { host: 'localhost:4646', referer: 'http://localhost:4646/ui' }, true],
  ];

describe('who may call', () => {
  it.each(CASES)('%s: %s', (_title, method, headers, allowed) => {
    expect(refusalOf({ method, headers }, POLICY) === undefined).toBe(allowed);
  });

  it('a refusal says what was unexpected and where it is allowed', () => {
    const sentence = refusalOf({ method: 'GET', headers: { host: 'evil.example' } }, POLICY);
    expect(sentence).toBe(
      'The Host "evil.example" is not a name of this agent; add it to the allowed hosts of its configuration, or call it by its address.',
    );
  });
});
