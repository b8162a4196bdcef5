import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { BackendServer } from '../../model/ingress.ts';
import {
  answerOf,
  freePort,
  hammer,
  httpInstance,
  processInstance,
  rawClient,
  serverOf,
  until,
} from '../embedded/live-rig.ts';
import { areAll, pool, type Suite, says } from './suite.ts';

const UPDATES = 6;

export function drainContract({ behaviour, start, proxied, cleanup }: Suite): void {
  behaviour('update', () => {
    it(`${UPDATES} of them, of instances that exit at once when drained`, async () => {
      const rig = await start();
      let old = [await processInstance(cleanup, 'a0', 'v0', 10), await processInstance(cleanup, 'b0', 'v0', 10)];
      await rig.apply(old);
      const gets = hammer({ url: rig.url, workers: 16, pauseMs: 10 });
      const posts = hammer({ url: rig.url, workers: 4, pauseMs: 10, body: Buffer.alloc(2000) });
      for (let turn = 1; turn <= UPDATES; turn++) {
        const fresh = await Promise.all(
          ['a', 'b'].map((each) => processInstance(cleanup, `${each}${turn}`, `v${turn}`, 10)),
        );
        await rig.apply([...old, ...fresh]);
        await until('the new ones are ready', () => areAll(rig, fresh, 'ready'));
        await rig.apply(fresh, old);
        await Promise.all(
          old.map(async (each) => {
            await until('the old ones are drained', () => rig.state(each) === 'drained');
            await each.stop();
          }),
        );
        await rig.apply(fresh);
        old = fresh;
      }
      const [got, posted] = [await gets(), await posts()];
      expect([...got.failures, ...posted.failures]).toEqual([]);
      expect(got.requests).toBeGreaterThan(UPDATES * 5);
      expect(got.bodies.size).toBe(UPDATES + 1);
    });
  });

  behaviour('drain', () => {
    it('and takes nothing new meanwhile', async () => {
      const rig = await start();
      let release: (() => void) | undefined;
      const slow = await httpInstance(cleanup, 'slow', (_, answer) => {
        release = () => answer.end('slow');
      });
      const other = await httpInstance(cleanup, 'other', says('other'));
      await rig.apply([slow]);
      await until('it is ready', () => rig.state(slow) === 'ready');
      const pending = answerOf(rig.url);
      await until('it is in flight', () => rig.inFlight(slow) === 1 && release !== undefined);
      await rig.apply([other], [slow]);
      expect(rig.state(slow)).toBe('draining');
      expect(await answerOf(rig.url)).toBe('200 other');
      await delay(30);
      expect(rig.state(slow)).toBe('draining');
      release!();
      expect(await pending).toBe('200 slow');
      await until('it is drained', () => rig.state(slow) === 'drained');
    });

    it('at once where an instance never had traffic', async () => {
      const rig = await start();
      const gone = { id: 'gone', port: await freePort() };
      await rig.apply([], [gone]);
      await until('it is drained', () => rig.state(gone) === 'drained');
    });

    it('where the instance was out of the table meanwhile as well', async () => {
      const rig = await start();
      let release: (() => void) | undefined;
      const slow = await httpInstance(cleanup, 'slow', (_, answer) => {
        release = () => answer.end('slow');
      });
      await rig.apply([slow]);
      await until('it is ready', () => rig.state(slow) === 'ready');
      const pending = answerOf(rig.url);
      await until('it is in flight', () => rig.inFlight(slow) === 1 && release !== undefined);
      await rig.apply([]);
      expect(rig.state(slow)).toBeUndefined();
      await rig.applyTable({ Frontends: [] });
      await rig.apply([], [slow]);
      expect(rig.state(slow)).toBe('draining');
      release!();
      await pending;
      await until('it is drained', () => rig.state(slow) === 'drained');
    });
  });

  behaviour('deadline', () => {
    const drained = async (server: Partial<BackendServer>) => {
      const { rig, instance } = await proxied((asked, answer) => {
        asked.resume();
        answers.push(() => answer.end('late'));
      });
      const answers: (() => void)[] = [];
      const pending = answerOf(rig.url);
      await until('it is in flight', () => rig.inFlight(instance) === 1 && answers.length === 1);
      const Servers = [{ ...serverOf('draining')(instance), ...server }];
      await rig.apply([], [], { DrainDeadlineMs: 100, HoldMs: 100, Pools: [{ ...pool([]), Servers }] });
      return { rig, instance, pending, answers };
    };

    it('once it has passed', async () => {
      const { rig, instance, pending } = await drained({});
      expect(await pending).toMatch(/^5\d\d /);
      await until('nothing is in flight', () => rig.state(instance) === 'drained');
    });

    it('and lets a kept one answer', async () => {
      const { pending, answers } = await drained({ IsKept: true });
      await delay(250);
      answers[0]!();
      expect(await pending).toBe('200 late');
    });
  });

  behaviour('polite', () => {
    it('of the answer, where another instance may not be asked', async () => {
      const { rig, instance } = await proxied(() => {});
      const pending = answerOf(rig.url, { method: 'POST' }, 'x');
      await until('it is in flight', () => rig.inFlight(instance) === 1);
      await rig.apply([], [instance], { DrainDeadlineMs: 100 });
      expect(await pending).toMatch(
        /^50[23] (the|an) instance of default.web.web (that had this request )?has to stop: /,
      );
    });
  });

  behaviour('move', () => {
    it('which stay open, whatever becomes of the instances', async () => {
      const rig = await start();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      cleanup.add(() => agent.destroy());
      const opened = new Set<unknown>();
      agent.on('free', (socket) => opened.add(socket));
      for (let turn = 0; turn < 5; turn++) {
        const instance = await httpInstance(cleanup, `i${turn}`, says(`i${turn}`));
        await rig.apply([instance]);
        await until('it is ready', () => rig.state(instance) === 'ready');
        expect(await answerOf(rig.url, { agent })).toBe(`200 i${turn}`);
        await rig.apply([], [instance]);
        await until('it is drained', () => rig.state(instance) === 'drained');
        instance.server.closeAllConnections();
        instance.server.close();
      }
      expect(opened.size).toBe(1);
    });
  });

  behaviour('close', () => {
    it('and listens no more', async () => {
      const { rig } = await proxied(says('hello'));
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      await until('it is answered', () => client.text().includes('hello'));
      await rig.applyTable({ Frontends: [] });
      await until('it is closed', () => client.state.isClosed);
      expect(client.state.error).toBe('');
      expect(await answerOf(rig.url)).toBe('ECONNREFUSED');
    });
  });

  behaviour('stop', () => {
    it('what is in flight ends, and nothing new is taken', async () => {
      let release: (() => void) | undefined;
      const { rig, instance } = await proxied((asked, answer) => {
        if (asked.url === '/slow') release = () => answer.end('slow');
        else answer.end('quick');
      });
      const pending = answerOf(`${rig.url}slow`);
      await until('it is in flight', () => rig.inFlight(instance) === 1 && release !== undefined);
      const stopped = rig.stop();
      await expect.poll(() => answerOf(rig.url)).toBe('ECONNREFUSED');
      release!();
      expect(await pending).toBe('200 slow');
      await stopped;
    });
  });
}
