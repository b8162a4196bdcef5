/** Who is ready, and what waits until somebody is. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  answerOf,
  freePort,
  httpInstance,
  rawClient,
  serverOf,
  tableOf,
  until,
  withPatience,
} from '../embedded/live-rig.ts';
import { pool, type Suite, says } from './suite.ts';

export function healthContract({ behaviour, start, cleanup }: Suite): void {
  behaviour('check', () => {
    it('by the path of the check, and of the version', async () => {
      const rig = await start();
      let isHealthy = false;
      const paths: string[] = [];
      const instance = await httpInstance(cleanup, 'a', (asked, answer) => {
        paths.push(asked.url!);
        answer.writeHead(asked.url === '/' || isHealthy ? 200 : 503).end('ok');
      });
      const check = { Type: 'http' as const, Path: '/health', Method: 'GET', IntervalMs: 1000, TimeoutMs: 500 };
      const own = { ...serverOf('ready')(instance), Check: { ...check, Path: '/old-health' } };
      await rig.apply([], [], { Check: check, Pools: [{ ...pool([]), Servers: [own] }] });
      const pending = answerOf(rig.url);
      await until('it was checked twice', () => paths.length >= 2);
      expect(rig.state(instance)).toBe('unhealthy');
      expect(new Set(paths)).toEqual(new Set(['/old-health']));
      isHealthy = true;
      expect(await pending).toBe('200 ok');
      await until('it is ready', () => rig.state(instance) === 'ready');
    });
  });

  behaviour('hold', () => {
    it('and serves them with the first one', async () => {
      const rig = await start();
      await rig.apply([]);
      const pending = Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          at % 2 ? answerOf(rig.url, { method: 'POST' }, 'x') : answerOf(rig.url),
        ),
      );
      await delay(100);
      const instance = await httpInstance(cleanup, 'a', says('hello'));
      await rig.apply([instance]);
      expect(new Set(await pending)).toEqual(new Set(['200 hello']));
    });

    it('until they have waited long enough, or too many wait', async () => {
      const rig = await start({ maxHeld: 2 });
      await withPatience(async (ms) => {
        await rig.apply([], [], { HoldMs: ms });
        const startedMs = performance.now();
        const answers: { text: string; afterMs: number }[] = [];
        const ask = async () => {
          const text = await answerOf(rig.url);
          answers.push({ text, afterMs: performance.now() - startedMs });
        };
        await Promise.all([ask(), ask(), ask()]);
        const [tooMany, ...waited] = answers;
        expect(tooMany!.text).toMatch(/^503 /);
        expect(tooMany!.afterMs).toBeLessThan(ms - 10);
        expect(waited.map(({ text }) => text)).toEqual(Array(2).fill('503 no instance of default/web/web is ready'));
        expect(waited[0]!.afterMs).toBeGreaterThanOrEqual(ms - 10);
      }, 300);
    });

    it('and sends none that its client has given up', async () => {
      const rig = await start();
      await rig.apply([]);
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('GET /given-up HTTP/1.1\r\nHost: h\r\n\r\n');
      await delay(50);
      client.socket.resetAndDestroy();
      await delay(150);
      const pending = answerOf(`${rig.url}kept`);
      const paths: (string | undefined)[] = [];
      const instance = await httpInstance(cleanup, 'a', (asked, answer) => {
        paths.push(asked.url);
        answer.end('ok');
      });
      await rig.apply([instance]);
      expect(await pending).toBe('200 ok');
      expect(paths).toEqual(['/kept']);
    });
  });

  behaviour('port', () => {
    it('and tries it again', async () => {
      const rig = await start();
      const instance = await httpInstance(cleanup, 'a', says('hello'));
      const squatter = await httpInstance(cleanup, 'squatter', says('mine'), rig.port);
      const other = await freePort();
      const [frontend] = tableOf(rig.port, 'http', [instance]).Frontends;
      await rig.applyTable({ Frontends: [frontend!, { ...frontend!, Listen: other }] });
      await until('the other port serves', () => rig.state(instance) === 'ready');
      await until('it complains', () => rig.plane.problems().length > 0);
      expect(rig.plane.problems()).toEqual([
        { Listen: rig.port, Message: `cannot listen on 127.0.0.1:${rig.port}: another process holds the port` },
      ]);
      expect(await answerOf(`http://127.0.0.1:${other}/`)).toBe('200 hello');
      squatter.server.close();
      await until('it listens', () => rig.plane.problems().length === 0);
      expect(await answerOf(rig.url)).toBe('200 hello');
    });

    it('and calls nothing ready that can be reached by no port', async () => {
      const rig = await start();
      const instance = await httpInstance(cleanup, 'a', says('hello'));
      const squatter = await httpInstance(cleanup, 'squatter', says('mine'), rig.port);
      await rig.apply([instance]);
      await until('it complains', () => rig.plane.problems().length > 0);
      await delay(100);
      expect(rig.state(instance)).toBe('unhealthy');
      squatter.server.close();
      await until('it listens', () => rig.state(instance) === 'ready');
    });
  });
}
