import type { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { answerOf, Cleanup, httpInstance, rawClient, rawInstance, startRig, until } from './live-rig.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const hello =
  (version: string): Parameters<typeof httpInstance>[2] =>
  (asked, answer) => {
    asked.resume();
    answer.setHeader('x-version', version).end('hello');
  };

const ask = (url: string, { body, ...options }: { method?: string; agent?: Agent; body?: string } = {}) =>
  answerOf(url, options, body);

describe('a drain', () => {
  it('waits for what is in flight, takes nothing new, and closes idle connections at once', async () => {
    const rig = await startRig(cleanup);
    let release: () => void = () => {};
    const slow = await httpInstance(cleanup, 'slow', (asked, answer) => {
      if (asked.url === '/slow') release = () => answer.end('slow');
      else answer.end('quick');
    });
    const other = await httpInstance(cleanup, 'other', hello('2'));
    await rig.apply([slow]);
    await until('it is ready', () => rig.state(slow) === 'ready');
    await Promise.all(Array.from({ length: 8 }, () => ask(rig.url)));
    const pending = ask(`${rig.url}slow`);
    await until('it is in flight', () => rig.inFlight(slow) === 1);
    const connections = async () => new Promise<number>((resolve) => slow.server.getConnections((_, n) => resolve(n)));
    expect(await connections()).toBeGreaterThan(1);

    await rig.apply([other], [slow]);
    expect(rig.state(slow)).toBe('draining');
    await until('the other is ready', () => rig.state(other) === 'ready');
    expect(await ask(rig.url)).toBe('200 hello');
    expect(await connections()).toBe(1);
    expect(rig.state(slow)).toBe('draining');
    release();
    expect(await pending).toBe('200 slow');
    expect(rig.state(slow)).toBe('drained');
  });
});

describe('an instance', () => {
  it('killed in the middle of a response leaves a cut, never a hang or a whole-looking answer', async () => {
    for (const framing of ['Content-Length: 100\r\n', 'Transfer-Encoding: chunked\r\n', '']) {
      const rig = await startRig(cleanup);
      const instance = await rawInstance(cleanup, 'a', (socket) => {
        socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n4\r\npart\r\n`));
      });
      await rig.apply([instance]);
      await until('it is ready', () => rig.state(instance) === 'ready');
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      await until('the first part is here', () => client.text().includes('part'));
      for (const socket of instance.sockets) socket.resetAndDestroy();
      await until('the connection is cut', () => client.state.isClosed);
      expect(client.state.error).toBe('ECONNRESET');
      expect(rig.inFlight(instance)).toBe(0);
      await cleanup.run();
    }
  });

  it('that does not answer in time gives 504', async () => {
    const rig = await startRig(cleanup);
    const instance = await httpInstance(cleanup, 'a', () => {});
    await rig.apply([instance], [], { RequestTimeoutMs: 200 });
    await until('it is ready', () => rig.state(instance) === 'ready');
    expect(await ask(rig.url)).toMatch(/^504 an instance of default\/web\/web took too long/);
  });
});

describe('the data plane', () => {
  it('stops gracefully: what is in flight ends, then its connection closes', async () => {
    const rig = await startRig(cleanup);
    let release: () => void = () => {};
    const slow = await httpInstance(cleanup, 'slow', (_, answer) => {
      release = () => answer.end('slow');
    });
    await rig.apply([slow]);
    await until('it is ready', () => rig.state(slow) === 'ready');
    const client = await rawClient(cleanup, rig.port);
    client.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await until('it is in flight', () => rig.inFlight(slow) === 1);
    const stopped = rig.stop();
    await delay(50);
    expect(await ask(rig.url)).toBe('ECONNREFUSED');
    release();
    await stopped;
    expect(client.text()).toMatch(/Connection: close\r\n\r\n.*slow/s);
  });
});

const _server = ({ id, port }: { id: string; port: number }, version: number) => ({
  AllocID: id,
  Address: '127.0.0.1',
  Port: port,
  Version: version,
  State: 'ready' as const,
});
