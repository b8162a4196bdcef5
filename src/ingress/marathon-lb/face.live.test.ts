/** marathon-lb's port over real sockets. */
import { createServer, type Server } from 'node:net';
import { expect, it } from 'vitest';
import { steadyClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { MarathonLbFace } from './face.ts';

const report = { ID: 'i', Name: 'edge', DataPlane: 'embedded', AppliedIndex: 0, Servers: {} };
const sources = () => ({ view: { table: undefined, report }, pid: 4711, haproxyConfig: undefined });

function start(port: number) {
  const stop = new AbortController();
  const face = new MarathonLbFace({ port, bindAddress: '127.0.0.1', sources, clock: steadyClock(), log: silentLog });
  const ended = face.run(stop.signal);
  const end = (): Promise<void> => {
    stop.abort();
    return ended;
  };
  return { face, stop: end };
}

const isOpen = (face: MarathonLbFace) => expect.poll(() => face.port).not.toBe(0);

it('answers reading alone, and ends with its connections', async () => {
  const { face, stop } = start(0);
  await isOpen(face);
  const url = `http://127.0.0.1:${face.port}/_haproxy_getpids`;
  const answer = await fetch(url);
  expect([answer.status, await answer.text()]).toEqual([200, '4711']);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.headers.get('content-length'), await head.text()]).toEqual(['4', '']);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  await stop();
  await expect(fetch(url)).rejects.toThrow();
});

it('waits for a port that another process holds', async () => {
  const holder: Server = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as { port: number };
  const { face, stop } = start(port);
  expect(face.port).toBe(0);
  await new Promise((resolve) => holder.close(resolve));
  await isOpen(face);
  expect(face.port).toBe(port);
  await stop();
});
