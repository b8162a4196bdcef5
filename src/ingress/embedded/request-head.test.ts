import { describe, expect, it } from 'vitest';
import { BadMessage } from './header-fields.ts';
import { parseRequestHead } from './request-head.ts';

const head = (...lines: string[]): string => lines.map((line) => `${line}\r\n`).join('');

describe('a request head', () => {
  it('is read with its fields as they were spelled', () => {
    const request = parseRequestHead(head('GET /a/b?c=1 HTTP/1.1', 'Host: x.example:80', 'X-Odd:  two words \t'));
    expect(request).toMatchObject({ method: 'GET', target: '/a/b?c=1', path: '/a/b', host: 'x.example:80', minor: 1 });
    expect(request.fields[1]).toEqual({ name: 'X-Odd', lower: 'x-odd', value: 'two words' });
    expect(request.keepAlive).toBe(true);
    expect(request.framing).toEqual({ kind: 'none' });
  });

  it.each([
    ['HTTP/1.0 closes', head('GET / HTTP/1.0'), false],
    ['HTTP/1.0 with keep-alive keeps', head('GET / HTTP/1.0', 'Connection: Keep-Alive'), true],
    ['HTTP/1.1 with close closes', head('GET / HTTP/1.1', 'Host: a', 'Connection: foo, Close'), false],
  ])('%s the connection', (_, text, keepAlive) => {
    expect(parseRequestHead(text).keepAlive).toBe(keepAlive);
  });

  it('takes the host of an absolute target over the Host header', () => {
    const request = parseRequestHead(head('GET http://real.example/x?y HTTP/1.1', 'Host: other'));
    expect(request).toMatchObject({ host: 'real.example', target: '/x?y', path: '/x' });
  });

  it('offers an upgrade only where the client asks for it properly, and never h2c', () => {
    const upgrade = (...lines: string[]) => parseRequestHead(head('GET / HTTP/1.1', 'Host: a', ...lines)).upgrade;
    expect(upgrade('Connection: keep-alive, Upgrade', 'Upgrade: websocket')).toBe('websocket');
    expect(upgrade('Upgrade: websocket')).toBeUndefined();
    expect(upgrade('Connection: upgrade', 'Upgrade: h2c')).toBeUndefined();
    expect(upgrade('Connection: upgrade', 'Upgrade: websocket', 'Content-Length: 3')).toBeUndefined();
  });

  it.each([
    ['both lengths', head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 3', 'Transfer-Encoding: chunked'), 400],
    ['two lengths', head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 3', 'Content-Length: 3'), 400],
    ['a list of lengths', head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 3, 3'), 400],
    ['a signed length', head('POST / HTTP/1.1', 'Host: a', 'Content-Length: +3'), 400],
    ['a length in hexadecimal', head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 0x3'), 400],
    ['an empty length', head('POST / HTTP/1.1', 'Host: a', 'Content-Length: '), 400],
    ['a space before the colon', head('GET / HTTP/1.1', 'Host : a'), 400],
    ['a folded line', head('GET / HTTP/1.1', 'Host: a', 'X: b', ' c'), 400],
    ['a bare LF in a value', head('GET / HTTP/1.1', 'Host: a', 'X: b\nY: c'), 400],
    ['a bare CR in a value', head('GET / HTTP/1.1', 'Host: a', 'X: b\rY: c'), 400],
    ['a NUL in a value', head('GET / HTTP/1.1', 'Host: a', 'X: b\0'), 400],
    ['an empty name', head('GET / HTTP/1.1', 'Host: a', ': b'), 400],
    ['no host', head('GET / HTTP/1.1'), 400],
    ['two hosts', head('GET / HTTP/1.1', 'Host: a', 'Host: b'), 400],
    ['another coding', head('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip, chunked'), 501],
    ['a coding twice', head('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: x', 'Transfer-Encoding: chunked'), 400],
    ['a coding of 1.0', head('POST / HTTP/1.0', 'Host: a', 'Transfer-Encoding: chunked'), 400],
    ['HTTP/2', head('PRI * HTTP/2.0'), 505],
    ['CONNECT', head('CONNECT a:80 HTTP/1.1', 'Host: a'), 405],
    ['a target without a path', head('GET a HTTP/1.1', 'Host: a'), 400],
    ['two spaces', head('GET  / HTTP/1.1', 'Host: a'), 400],
    ['no version', head('GET /'), 400],
  ])('is refused with %s', (_, text, status) => {
    const refusal = caught(() => parseRequestHead(text));
    expect(refusal).toBeInstanceOf(BadMessage);
    expect((refusal as BadMessage).status).toBe(status);
  });
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
