import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type LoadOptions, type LoadSnapshot, startLoad } from './load.ts';

const open: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

const OK = 'HTTP/1.1 200 OK\r\nX-Version: 3\r\nContent-Length: 2\r\n\r\nok';

/** A server that does with each request what it is told; `turn` counts the requests of a connection from 1. */
async function serve(
  answer: (socket: Socket, turn: number) => void,
): Promise<{ url: string; connections: () => number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let turn = 0;
    socket.on('error', () => {});
    socket.on('data', () => answer(socket, ++turn));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({ server, sockets });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, connections: () => sockets.size };
}

async function loadFor(ms: number, options: Partial<LoadOptions> & { url: string }): Promise<LoadSnapshot> {
  const load = startLoad({ connections: 2, keepAlive: 'always', ...options });
  await delay(ms);
  return load.stop();
}

describe('the load generator', () => {
  it('counts answers by version over connections that it keeps', async () => {
    const server = await serve((socket) => socket.write(OK));
    const result = await loadFor(100, { url: server.url });
    expect(result).toMatchObject({ failed: 0, byVersion: { 3: result.requests } });
    expect(result.requests).toBeGreaterThan(10);
    expect(server.connections()).toBe(2);
    expect(result.latencies.p50).toBeLessThanOrEqual(result.latencies.max);
  });

  it('opens a connection for every request when told so', async () => {
    const server = await serve((socket) => socket.end(OK));
    const result = await loadFor(100, { url: server.url, keepAlive: 'never' });
    expect(result.failed).toBe(0);
    expect(server.connections()).toBe(result.requests);
  });

  it('keeps to a rate', async () => {
    const server = await serve((socket) => socket.write(OK));
    const { requests } = await loadFor(500, { url: server.url, ratePerSecond: 100 });
    expect(requests).toBeGreaterThan(30);
    expect(requests).toBeLessThanOrEqual(52);
  });

  it('calls a connection that was closed between two requests no failure', async () => {
    const server = await serve((socket, turn) => {
      socket.write(OK);
      if (turn === 2) setTimeout(() => socket.end(), 2);
    });
    const result = await loadFor(200, { url: server.url, ratePerSecond: 100 });
    expect(result.failures).toEqual([]);
    expect(server.connections()).toBeGreaterThan(4);
  });

  it.each([
    ['a connection lost before the answer', (socket: Socket) => void socket.destroy(), /closed before any answer/],
    ['a reset', (socket: Socket) => void socket.resetAndDestroy(), /ECONNRESET before any answer/],
    ['a body cut short', (socket: Socket) => void socket.end(OK.slice(0, -1)), /closed in the middle of the answer/],
    ['a status of 503', (socket: Socket) => void socket.write(OK.replace('200', '503')), /status 503: ok/],
    ['an answer that is no HTTP', (socket: Socket) => void socket.write('hello\r\n\r\n'), /malformed/],
    ['more than was announced', (socket: Socket) => void socket.write(`${OK}x`), /after the end/],
    ['no answer in time', () => {}, /no answer in time/],
  ] as [string, (socket: Socket) => void, RegExp][])('calls %s a failure, in words', async (_, answer, words) => {
    const server = await serve(answer);
    const result = await loadFor(60, { url: server.url, timeoutMs: 50 });
    expect(result.requests).toBeGreaterThan(0);
    expect(result.failed).toBe(result.requests);
    expect(result.failures[0]).toMatch(words);
  });

  it('calls a refused connection a failure', async () => {
    const server = await serve(() => {});
    open.splice(0)[0]!.server.close();
    const result = await loadFor(60, { url: server.url });
    expect(result.failed).toBe(result.requests);
    expect(result.failures[0]).toMatch(/ECONNREFUSED/);
  });
});
