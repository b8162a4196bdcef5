/** What is counted and measured. */
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LATENCY_BOUNDS_MS } from '../../model/latency.ts';
import { answerOf, httpInstance, rawClient, rawInstance, serverOf, until } from '../embedded/live-rig.ts';
import { type Suite, says } from './suite.ts';

export function figuresContract({ behaviour, start, proxied, cleanup }: Suite): void {
  behaviour('figures', () => {
    it('errors and what is in flight included', async () => {
      const rig = await start();
      const pending: ServerResponse[] = [];
      const stable = await httpInstance(cleanup, 's', (asked, answer) => {
        if (asked.url === '/slow') pending.push(answer);
        else answer.writeHead(asked.url === '/bad' ? 500 : 200).end('s');
      });
      await rig.apply([], [], { HoldMs: 0 });
      expect(await answerOf(rig.url)).toMatch(/^503/);
      const Servers = [serverOf('ready', 3)(stable)];
      await rig.apply([], [], { Pools: [{ Name: 'stable', Weight: 100, Servers }] });
      await until('it is ready', () => rig.state(stable) === 'ready');
      for (const path of ['', 'bad', '']) await answerOf(`${rig.url}${path}`);
      const slow = answerOf(`${rig.url}slow`);
      const of = (Pool: string) => rig.plane.figures().find((each) => each.Pool === Pool);
      await until('they are counted', () => of('stable')?.Requests === 4 && of('stable')?.InFlight === 1);
      expect(of('stable')).toMatchObject({ Backend: 'default/web/web', Version: 3, Errors: 1 });
      expect(of('none')).toMatchObject({ Requests: 1, Errors: 1 });
      await until('the instance has the last one', () => pending.length === 1);
      pending[0]!.end('slow');
      await slow;
    });

    it('and the bytes of both ways', async () => {
      const { rig } = await proxied(says('x'.repeat(50_000)));
      const of = () => rig.plane.figures().find(({ Pool }) => Pool === 'stable');
      const asked = request(rig.url, { method: 'POST', headers: { 'content-length': 20_000 } });
      asked.end(Buffer.alloc(20_000));
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      await answer.resume().toArray();
      await until('they are counted', () => (of()?.BytesIn ?? 0) >= 20_000 && (of()?.BytesOut ?? 0) >= 50_000);
      expect(of()!.BytesIn).toBeLessThan(21_000);
      expect(of()!.BytesOut).toBeLessThan(51_000);
    });

    it('of a TCP connection as well', async () => {
      const rig = await start({ mode: 'tcp' });
      const echo = await rawInstance(cleanup, 'echo', (socket) => {
        socket.on('data', (bytes) => socket.write(bytes));
      });
      await rig.apply([echo]);
      await until('it is ready', () => rig.state(echo) === 'ready');
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('x'.repeat(1000));
      await until('it is echoed', () => client.text().length === 1000);
      client.socket.end();
      const of = () => rig.plane.figures().find(({ Pool }) => Pool === 'stable');
      await until('they are counted', () => of()?.BytesIn === 1000 && of()?.BytesOut === 1000);
    });
  });

  behaviour('latency', () => {
    it('to the first byte of the answer, however long the rest takes', async () => {
      const { rig } = await proxied(async (asked, answer) => {
        asked.resume();
        if (asked.url === '/slow') await delay(60);
        answer.write('begins');
        if (asked.url === '/long') await delay(200);
        answer.end();
      });
      const of = () => rig.plane.figures().find(({ Pool }) => Pool === 'stable')!;
      const countOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
      const total = () => countOf(of().Latency!);
      const took = async (path: string) => {
        const { Latency: before, LatencySumMs: sumMs } = of();
        const askedMs = performance.now();
        const asked = request(`${rig.url}${path}`).end();
        const [answer] = (await once(asked, 'response')) as [IncomingMessage];
        const begunMs = performance.now() - askedMs;
        await answer.resume().toArray();
        await until('it is counted', () => total() > countOf(before!));
        const bucket = of().Latency!.findIndex((count, at) => count > (before![at] ?? 0));
        const [fromMs, toMs] = [LATENCY_BOUNDS_MS[bucket - 1] ?? 0, LATENCY_BOUNDS_MS[bucket]!];
        const countedMs = of().LatencySumMs! - sumMs!;
        expect(countedMs).toBeGreaterThan(fromMs - 1);
        expect(countedMs).toBeLessThan(toMs + 1);
        return { fromMs, toMs, begunMs };
      };
      await took('');
      expect((await took('slow')).toMs).toBeGreaterThanOrEqual(55);
      const long = await took('long');
      expect(long.fromMs).toBeLessThanOrEqual(long.begunMs + 2);
      expect(total()).toBe(3);
    });
  });
}
