/** How traffic moves from one set of instances to another, and how the next one is seen before. */
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Backend, Frontend, RoutingTable } from '../../model/ingress.ts';
import { answerOf, freePort, hammer, httpInstance, tableOf, until } from '../embedded/live-rig.ts';
import { previewOf } from '../preview.ts';
import { areAll, canary, pool, type Suite, says } from './suite.ts';

export function flipContract({ behaviour, start, cleanup }: Suite): void {
  behaviour('flip', () => {
    it('by a promotion: the second set is ready, and the very next request goes there', async () => {
      const rig = await start();
      const [blue, green] = [
        await httpInstance(cleanup, 'blue', says('blue')),
        await httpInstance(cleanup, 'green', says('green')),
      ];
      await rig.apply([], [], { Pools: [pool([blue]), canary(0, [green])], HoldMs: 0 });
      await until('both sets are ready', () => areAll(rig, [blue, green], 'ready'));
      await rig.apply([green], [blue], { HoldMs: 0 });
      expect(rig.state(green)).toBe('ready');
      expect(await answerOf(rig.url)).toBe('200 green');
    });

    it('and back, again and again under load, without a request lost or astray', async () => {
      const rig = await start();
      const sets = {
        blue: [await httpInstance(cleanup, 'blue', says('blue'))],
        green: [await httpInstance(cleanup, 'green', says('green'))],
      };
      await rig.apply([], [], { Pools: [pool(sets.blue), canary(0, sets.green)] });
      await until('both sets are ready', () => areAll(rig, [...sets.blue, ...sets.green], 'ready'));
      const load = hammer({ url: rig.url, workers: 64, pauseMs: 40 });
      let to: 'blue' | 'green' = 'blue';
      for (let turn = 0; turn < 10; turn++) {
        const before = sets[to];
        to = to === 'blue' ? 'green' : 'blue';
        await rig.apply(sets[to], before);
        expect(await answerOf(rig.url)).toBe(`200 ${to}`);
        await until('nothing is in flight to the other set', () => areAll(rig, before, 'drained'));
      }
      const { failures } = await load();
      expect(failures).toEqual([]);
    });
  });

  behaviour('preview', () => {
    async function world() {
      const rig = await start();
      const port = await freePort();
      const apply = (changes: Partial<Backend>): Promise<void> => {
        const table: RoutingTable = tableOf(rig.port, 'http', [], [], changes);
        const preview = previewOf(table.Frontends[0]!.Routes[0]!.Backend);
        const frontend: Frontend = { Listen: port, Mode: 'http', Routes: [{ Host: '', Path: '/', Backend: preview }] };
        return rig.applyTable({ Frontends: [...table.Frontends, frontend] });
      };
      return { rig, url: `http://127.0.0.1:${port}/`, apply };
    }

    it('before their promotion, and to nobody before and after', async () => {
      const { rig, url, apply } = await world();
      const none = '503 no canary of service web is running';
      const [blue, green] = [
        await httpInstance(cleanup, 'blue', says('blue')),
        await httpInstance(cleanup, 'green', says('green')),
      ];
      await apply({ Pools: [pool([blue])] });
      await until('the set is ready', () => rig.state(blue) === 'ready');
      expect(await answerOf(url)).toBe(none);
      await apply({ Pools: [pool([blue]), canary(0, [green])] });
      expect(await answerOf(url)).toBe('200 green');
      expect(await answerOf(rig.url)).toBe('200 blue');
      await until('the second set is ready', () => rig.state(green) === 'ready');
      await apply({ Pools: [pool([green], [blue])] });
      expect(await answerOf(url)).toBe(none);
      expect(await answerOf(rig.url)).toBe('200 green');
    });

    it('and nothing is drained while a request from there is in flight', async () => {
      const { rig, url, apply } = await world();
      const pending: ServerResponse[] = [];
      const slow = await httpInstance(cleanup, 'slow', (_, answer) => pending.push(answer));
      await apply({ Pools: [pool([]), canary(0, [slow])] });
      const answer = answerOf(url);
      await until('it is in flight', () => pending.length === 1 && rig.inFlight(slow) === 1);
      await apply({ Pools: [pool([], [slow])] });
      await delay(20);
      expect(rig.state(slow)).toBe('draining');
      pending[0]!.end('late');
      expect(await answer).toBe('200 late');
      await until('it is drained', () => rig.state(slow) === 'drained');
    });
  });
}
