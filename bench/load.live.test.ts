import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type LoadOptions, type LoadSnapshot, startLoad } from './load.ts';
import { LoadConnection } from './load-connection.ts';

const open: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

const ONE_CONNECTION = { method: 'GET', body: undefined, timeoutMs: 30_000, fresh: false };
const NO_ANSWER = 'no answer in time';
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

/** Load until so many requests have been made: a busy machine takes longer for them. */
async function loadOf(requests: number, options: Partial<LoadOptions> & { url: string }): Promise<LoadSnapshot> {
  const load = startLoad({ connections: 2, keepAlive: 'always', ...options });
  while (load.snapshot().requests < requests) await delay(5);
  return load.stop();
}

describe('the load generator', () => {
  it('counts answers by version over connections that it keeps', async () => {
    const server = await serve((socket) => socket.write(OK));
    const result = await loadOf(20, { url: server.url });
    expect(result).toMatchObject({ failed: 0, byVersion: { 3: result.requests } });
    expect(server.connections()).toBe(2);
    expect(result.latencies.p50).toBeLessThanOrEqual(result.latencies.max);
  });

  it('opens a connection for every request when told so', async () => {
    const server = await serve((socket) => socket.end(OK));
    const result = await loadOf(20, { url: server.url, keepAlive: 'never' });
    expect(result.failed).toBe(0);
    expect(server.connections()).toBe(result.requests);
  });

  it('keeps to a rate', async () => {
    const server = await serve((socket) => socket.write(OK));
    const startedMs = performance.now();
    const { requests } = await loadOf(30, { url: server.url, ratePerSecond: 100 });
    expect(requests).toBeLessThanOrEqual((performance.now() - startedMs) / 10 + 2);
  });

  it('calls a connection that was closed between two requests no failure', async () => {
    const closed: Promise<unknown>[] = [];
    const server = await serve((socket, turn) => {
      if (turn === 2) closed.push(once(socket.end(OK), 'close'));
      else socket.write(OK);
    });
    const connection = new LoadConnection({ ...ONE_CONNECTION, url: new URL(server.url) });
    for (let turn = 1; turn <= 6; turn++) {
      expect(await connection.request()).toMatchObject({ status: 200 });
      // The server's side has closed once ours has seen its end.
      await Promise.all(closed);
    }
    connection.close();
    expect(server.connections()).toBe(3);
  });

  it.each([
    ['a connection lost before the answer', (socket: Socket) => void socket.destroy(), /closed before any answer/],
    ['a reset', (socket: Socket) => void socket.resetAndDestroy(), /ECONNRESET before any answer/],
    ['a body cut short', (socket: Socket) => void socket.end(OK.slice(0, -1)), /closed in the middle of the answer/],
    ['a status of 503', (socket: Socket) => void socket.write(OK.replace('200', '503')), /status 503: ok/],
    ['an answer that is no HTTP', (socket: Socket) => void socket.write('hello\r\n\r\n'), /malformed/],
    ['more than was announced', (socket: Socket) => void socket.write(`${OK}x`), /after the end/],
    [NO_ANSWER, () => {}, /no answer in time/],
  ] as [string, (socket: Socket) => void, RegExp][])('calls %s a failure, in words', async (what, answer, words) => {
    const server = await serve(answer);
    const result = await loadOf(2, { url: server.url, ...(what === NO_ANSWER && { timeoutMs: 50 }) });
    expect(result.failed).toBe(result.requests);
    expect(result.failures[0]).toMatch(words);
  });

  it('calls a refused connection a failure', async () => {
    const server = await serve(() => {});
    open.splice(0)[0]!.server.close();
    const result = await loadOf(2, { url: server.url });
    expect(result.failed).toBe(result.requests);
    expect(result.failures[0]).toMatch(/ECONNREFUSED/);
  });
});
