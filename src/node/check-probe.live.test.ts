import { createServer as createHttp, type Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { type HttpTarget, httpProbe, tcpProbe, withTimeout } from './check-probe.ts';

const never = new AbortController().signal;
let server: Server | ReturnType<typeof createServer> | undefined;

afterEach(async () => {
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

async function listen(made: Server | ReturnType<typeof createServer>): Promise<number> {
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return (made.address() as AddressInfo).port;
}

const target = (port: number, changes: Partial<HttpTarget> = {}): HttpTarget => ({
  address: '127.0.0.1',
  port,
  path: '/health',
  protocol: 'http',
  method: 'GET',
  headers: {},
  body: '',
  verifyCertificate: true,
  ...changes,
});

describe('an http check', () => {
  it.each([
    [200, 'passing'],
    [204, 'passing'],
    [302, 'critical'],
    [404, 'critical'],
    [429, 'warning'],
    [500, 'critical'],
  ])('on status %i: %s', async (status, grade) => {
    const port = await listen(
      createHttp((_request, response) => response.writeHead(status).end(status === 204 ? '' : 'well?')),
    );
    const result = await httpProbe(target(port))(never);
    expect(result.grade).toBe(grade);
    expect(result.output).toContain(`HTTP GET http://127.0.0.1:${port}/health: ${status}`);
  });

  it.each([
    ['HTTP/1.1 103 Early Hints\r\n\r\n', undefined, undefined],
    ['HTTP/1.1 103 Early Hints\r\n\r\n', true, true],
    ['HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', undefined, undefined],
    ['HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', true, true],
    ['', true, undefined],
  ])(
    'that is answered %j and no more fails, and says nothing with ignore_1xx = %s',
    async (answer, asked, isIgnored) => {
      const port = await listen(
        createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(answer))),
      );
      const result = await httpProbe(target(port, { ignores1xx: asked === true }))(never);
      expect(result).toMatchObject({ grade: 'critical' });
      expect(result.isIgnored).toBe(isIgnored);
    },
  );

  it('that is answered with a hint first is judged by what comes then', async () => {
    const port = await listen(
      createHttp((_request, response) => {
        response.writeEarlyHints({ link: '</a>; rel=preload' });
        response.writeHead(500).end();
      }),
    );
    const result = await httpProbe(target(port, { ignores1xx: true }))(never);
    expect([result.grade, result.isIgnored]).toEqual(['critical', undefined]);
  });

  it('passes with the statuses that it is told to take', async () => {
    const port = await listen(createHttp((_request, response) => response.writeHead(401).end()));
    expect((await httpProbe(target(port, { successCodes: '200,401' }))(never)).grade).toBe('passing');
    expect((await httpProbe(target(port, { successCodes: '200-399' }))(never)).grade).toBe('critical');
  });

  it('sends its method, headers and body, over a fresh connection', async () => {
    let seen = '';
    const port = await listen(
      createHttp((request, response) => {
        request.on('data', (chunk) => (seen += chunk));
        request.on('end', () => {
          seen += ` ${request.method} ${request.headers['x-who']} ${request.headers.connection}`;
          response.end();
        });
      }),
    );
    await httpProbe(target(port, { method: 'POST', headers: { 'x-who': ['me'] }, body: 'ping' }))(never);
    expect(seen).toBe('ping POST me close');
  });

  it('keeps only the beginning of a long answer', async () => {
    const port = await listen(createHttp((_request, response) => response.end('x'.repeat(1_000_000))));
    const { grade, output } = await httpProbe(target(port))(never);
    expect(grade).toBe('passing');
    expect(output.length).toBeLessThan(1_200);
  });

  it('fails in time when nothing answers', async () => {
    const port = await listen(createHttp(() => {}));
    const result = await withTimeout(httpProbe(target(port)), 50, systemClock)(never);
    expect(result).toEqual({ grade: 'critical', output: 'no answer within 50 ms' });
    (server as Server).closeAllConnections();
  });

  it('fails when nobody listens', async () => {
    const port = await listen(createServer());
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    expect(await httpProbe(target(port))(never)).toMatchObject({
      grade: 'critical',
      output: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

describe('a tcp check', () => {
  it('passes when the port accepts', async () => {
    const port = await listen(createServer((socket) => socket.destroy()));
    expect(await tcpProbe('127.0.0.1', port)(never)).toEqual({
      grade: 'passing',
      output: `TCP connect 127.0.0.1:${port}: Success`,
    });
  });

  it('fails when nobody listens', async () => {
    const port = await listen(createServer());
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    expect((await tcpProbe('127.0.0.1', port)(never)).grade).toBe('critical');
  });
});
