/** What becomes of a request whose instance fails it. */
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { answerOf, httpInstance, rawClient, rawInstance, until, withPatience } from '../embedded/live-rig.ts';
import { areAll, type Suite, says } from './suite.ts';

export function failuresContract({ behaviour, start, proxied, cleanup }: Suite): void {
  behaviour('refused', () => {
    it('and the instance gets its traffic back with a check', async () => {
      const rig = await start();
      const good = await httpInstance(cleanup, 'good', says('hello'));
      const flaky = await httpInstance(cleanup, 'flaky', says('hello'));
      await rig.apply([good, flaky]);
      await until('both are ready', () => areAll(rig, [good, flaky], 'ready'));
      flaky.server.close();
      flaky.server.closeAllConnections();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          at % 2 ? answerOf(rig.url, { method: 'POST' }, 'x'.repeat(5000)) : answerOf(rig.url),
        ),
      );
      expect(new Set(answers)).toEqual(new Set(['200 hello']));
      await until('it is found out', () => rig.state(flaky) === 'unhealthy');
      await httpInstance(cleanup, 'flaky', says('hello'), flaky.port);
      await until('it is ready again', () => rig.state(flaky) === 'ready');
    });

    it('or holds it, where that was the last one', async () => {
      const { rig, instance } = await proxied(says('first'));
      instance.server.close();
      instance.server.closeAllConnections();
      const pending = Promise.all([answerOf(rig.url), answerOf(rig.url, { method: 'POST' }, 'x')]);
      await delay(50);
      await httpInstance(cleanup, 'a', says('second'), instance.port);
      expect(await pending).toEqual(['200 second', '200 second']);
    });
  });

  behaviour('resend', () => {
    it('a GET that met a connection which the instance was just closing', async () => {
      const rig = await start();
      // Answers one request a connection, then takes the next one's bytes and closes without a word.
      const instance = await rawInstance(cleanup, 'a', (socket) => {
        let count = 0;
        socket.on('data', () => {
          if (++count === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
          else socket.destroy();
        });
      });
      await rig.apply([instance]);
      await until('it is ready', () => rig.state(instance) === 'ready');
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      cleanup.add(() => agent.destroy());
      for (let turn = 0; turn < 6; turn++) expect(await answerOf(rig.url, { agent })).toBe('200 ok');
    });

    it('but not a POST that an instance has taken', async () => {
      const rig = await start();
      let posts = 0;
      const instance = await rawInstance(cleanup, 'a', (socket) => {
        socket.on('data', (bytes) => {
          if (bytes.toString().startsWith('POST')) posts++;
          socket.destroy();
        });
      });
      await rig.apply([instance]);
      await until('it is ready', () => rig.state(instance) === 'ready');
      const answer = await answerOf(rig.url, { method: 'POST' }, 'x');
      expect(answer).toBe('502 an instance of default/web/web closed the connection before its answer was complete');
      expect(posts).toBe(1);
    });
  });

  behaviour('cut', () => {
    it.each([
      ['with a length', 'Content-Length: 100\r\n\r\npart'],
      ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'],
    ])('%s', async (_, text) => {
      const rig = await start();
      const instance = await rawInstance(cleanup, 'a', (socket) => {
        socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${text}`));
      });
      await rig.apply([instance]);
      await until('it is ready', () => rig.state(instance) === 'ready');
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      await until('the first part is here', () => client.text().includes('part'));
      for (const socket of instance.sockets) socket.resetAndDestroy();
      await until('the connection is cut', () => client.state.isClosed);
      expect(client.text().endsWith('0\r\n\r\n')).toBe(false);
      await until('nothing is in flight', () => rig.inFlight(instance) === 0);
    });
  });

  behaviour('timeouts', () => {
    it('so that an answer that has begun may pause longer', async () => {
      const { rig, instance } = await proxied((_, answer) => {
        answer.write('begun');
        setTimeout(() => answer.end(' ended'), pauseMs);
      });
      let pauseMs = 0;
      await withPatience(async (ms) => {
        pauseMs = ms * 2;
        await rig.apply([instance], [], { RequestTimeoutMs: ms });
        await until('it is ready', () => rig.state(instance) === 'ready');
        expect(await answerOf(rig.url)).toBe('200 begun ended');
      }, 300);
    });
  });
}
