import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from '../../src/agent/testing/live-agent.ts';
import { comebackOf, listenersOf } from './listeners.ts';

it('a socket that listens on a port is found, with its process', async () => {
  const port = await freePort();
  const place = { host: '127.0.0.1', port };
  expect(listenersOf(place)).toEqual(new Set());
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const known = listenersOf(place);
  expect(listenersOf({ ...place, host: '127.0.0.4' })).toEqual(new Set());
  expect(known.size).toBe(1);
  const me = () => [process.pid];
  const { notYetMs, backMs } = await comebackOf(place, new Set(), me, 60_000);
  expect(backMs).toBeGreaterThanOrEqual(notYetMs);
  await expect(comebackOf(place, known, me, 20)).rejects.toThrow('nobody listens');
  await expect(comebackOf(place, new Set(), () => [1], 20)).rejects.toThrow('nobody listens');
  server.close();
});
