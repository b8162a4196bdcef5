import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from '../../src/agent/testing/live-agent.ts';
import { listenersOf, watchListeners } from './listeners.ts';

it('a socket that listens on a port is found, with its process', async () => {
  const port = await freePort();
  const place = { host: '127.0.0.1', port };
  expect(listenersOf(place)).toEqual(new Set());
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const known = listenersOf(place);
  expect(listenersOf({ ...place, host: '127.0.0.4' })).toEqual(new Set());
  expect(known.size).toBe(1);
  server.close();
});

it('a watch tells when a process began to listen, however busy this one is', async () => {
  const port = await freePort();
  const place = { host: '127.0.0.1', port };
  const watch = await watchListeners(place);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const listensMs = performance.now();
  // Nothing else happens here meanwhile.
  while (performance.now() < listensMs + 300);
  const { notYetMs, backMs } = await watch.comeback(() => [process.pid], 60_000);
  expect(notYetMs).toBeLessThan(listensMs);
  expect(backMs).toBeGreaterThan(notYetMs);
  expect(backMs).toBeLessThan(performance.now());
  await expect(watch.comeback(() => [1], 20)).rejects.toThrow('nobody listens');
  const later = await watchListeners(place);
  await expect(later.comeback(() => [process.pid], 20)).rejects.toThrow('nobody listens');
  await Promise.all([watch.stop(), later.stop()]);
  server.close();
});
