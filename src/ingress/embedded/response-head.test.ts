import { describe, expect, it } from 'vitest';
import { BadMessage } from './header-fields.ts';
import { parseResponseHead } from './response-head.ts';

const head = (...lines: string[]): string => lines.map((line) => `${line}\r\n`).join('');

describe('a response head', () => {
  it.each([
    ['a length', head('HTTP/1.1 200 OK', 'Content-Length: 5'), 'GET', { kind: 'length', length: 5 }, true],
    ['no body at length 0', head('HTTP/1.1 200 OK', 'Content-Length: 0'), 'GET', { kind: 'none' }, true],
    ['chunks', head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'), 'GET', { kind: 'chunked' }, true],
    ['the end of the connection', head('HTTP/1.1 200 OK'), 'GET', { kind: 'until-close' }, false],
    ['nothing after HEAD', head('HTTP/1.1 200 OK', 'Content-Length: 5'), 'HEAD', { kind: 'none' }, true],
    ['nothing at 204', head('HTTP/1.1 204 No Content'), 'GET', { kind: 'none' }, true],
    ['nothing at 304', head('HTTP/1.1 304 Not Modified', 'Content-Length: 9'), 'GET', { kind: 'none' }, true],
    [
      'a length, then a close',
      head('HTTP/1.1 200', 'Content-Length: 5', 'Connection: close'),
      'GET',
      { kind: 'length', length: 5 },
      false,
    ],
    ['a length of 1.0', head('HTTP/1.0 200 OK', 'Content-Length: 5'), 'GET', { kind: 'length', length: 5 }, false],
  ])('ends its body by %s', (_, text, method, framing, keepAlive) => {
    expect(parseResponseHead(text, method)).toMatchObject({ framing, keepAlive });
  });

  it('knows how long the instance keeps an idle connection', () => {
    const text = head('HTTP/1.1 200 OK', 'Content-Length: 0', 'Keep-Alive: timeout=5, max=100');
    expect(parseResponseHead(text, 'GET').keepAliveMs).toBe(5000);
  });

  it.each([
    ['a status line without a status', head('HTTP/1.1 OK')],
    ['both lengths', head('HTTP/1.1 200 OK', 'Content-Length: 3', 'Transfer-Encoding: chunked')],
    ['another protocol', head('ICY 200 OK')],
  ])('is refused with %s', (_, text) => {
    expect(() => parseResponseHead(text, 'GET')).toThrow(BadMessage);
  });
});
