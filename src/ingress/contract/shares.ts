/** Who sees which version: by weight, by choice, by what a client saw before. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestListener, request } from 'node:http';
import { expect, it } from 'vitest';
import type { Backend, Frontend } from '../../model/ingress.ts';
import {
  answerOf,
  type Cleanup,
  freePort,
  httpInstance,
  type Instance,
  rawClient,
  serverOf,
  tableOf,
  until,
} from '../embedded/live-rig.ts';
import { areAll, canary, pool, type Suite, says } from './suite.ts';

export function sharesContract({ behaviour, start, cleanup }: Suite): void {
  /** How many of `count` requests the canary gets at a weight. */
  async function sharesOf(weights: readonly number[], count: number, stable = 1): Promise<number[]> {
    const rig = await start();
    const rest = await Promise.all(
      Array.from({ length: stable }, (_, at) => httpInstance(cleanup, `s${at}`, says('s'))),
    );
    const b = await httpInstance(cleanup, 'c', says('c'));
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    cleanup.add(() => agent.destroy());
    const shares: number[] = [];
    for (const weight of weights) {
      await rig.apply([], [], { Pools: [{ ...pool(rest), Weight: 100 - weight }, canary(weight, [b])] });
      await until('all are ready', () => areAll(rig, [...rest, b], 'ready'));
      const answers: string[] = [];
      while (answers.length < count) {
        answers.push(...(await Promise.all(Array.from({ length: 20 }, () => answerOf(rig.url, { agent })))));
      }
      shares.push(answers.filter((answer) => answer === '200 c').length);
    }
    return shares;
  }

  behaviour('weights', () => {
    it('however many instances a pool has', async () => {
      const [tenth, none, all, one] = await sharesOf([10, 0, 100, 1], 400);
      // Five standard deviations of a fair choice, 40 ± 30 and 4 ± 10; `npm run bench -- --only shares` asks 20,000 times.
      expect(tenth).toBeGreaterThan(10);
      expect(tenth).toBeLessThan(70);
      expect(none).toBe(0);
      expect(all).toBe(400);
      expect(one).toBeLessThan(14);
    });

    it('one canary beside twenty instances as one beside one', async () => {
      const [quarter] = await sharesOf([25], 200, 20);
      // Five standard deviations of a fair choice: 50 ± 30.6.
      expect(quarter).toBeGreaterThan(19);
      expect(quarter).toBeLessThan(81);
    });

    it('and all of them to the pools that have an instance ready', async () => {
      const rig = await start();
      const [gone, b] = [{ id: 's', port: await freePort() }, await httpInstance(cleanup, 'c', says('c'))];
      await rig.apply([], [], { Pools: [{ ...pool([gone]), Weight: 90 }, canary(10, [b])] });
      await until('the canary is ready', () => rig.state(b) === 'ready');
      const answers = await Promise.all(Array.from({ length: 20 }, () => answerOf(rig.url)));
      expect(new Set(answers)).toEqual(new Set(['200 c']));
    });
  });

  behaviour('part', () => {
    it('beside the others of its pool', async () => {
      const rig = await start();
      const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((each) => httpInstance(cleanup, each, says(each))));
      const weighted = (weights: readonly number[]) => {
        const Servers = [a!, b!, c!].map((each, at) => ({ ...serverOf('ready')(each), Weight: weights[at]! }));
        return rig.apply([], [], { Pools: [{ ...pool([]), Servers }] });
      };
      const countsOf = () => [a!, b!, c!].map(({ id, port }) => rig.plane.statuses()[`${id}:${port}`]?.Requests ?? 0);
      await weighted([100, 25, 0]);
      await until('all are ready', () => areAll(rig, [a!, b!, c!], 'ready'));
      for (let turn = 0; turn < 25; turn++) await answerOf(rig.url);
      await until('all are counted', () => countsOf().reduce((sum, count) => sum + count) === 25);
      const [most, least, none] = countsOf();
      expect(none).toBe(0);
      expect(most).toBeGreaterThanOrEqual(3 * least!);
      await weighted([0, 0, 100]);
      expect(await answerOf(rig.url)).toBe('200 c');
      expect(areAll(rig, [a!, b!], 'ready')).toBe(true);
    });
  });

  behaviour('exact', () => {
    it('10 of 100 are 10', async () => {
      expect(await sharesOf([10], 100)).toEqual([10]);
    });

    it('on a port of several hosts as well, where some requests wish for a pool', async () => {
      const rig = await start();
      const [s, c] = [await httpInstance(cleanup, 's', says('s')), await httpInstance(cleanup, 'c', says('c'))];
      const Pools = [{ ...pool([s]), Weight: 75 }, canary(25, [c])];
      const [any] = tableOf(rig.port, 'http', [], [], {
        CanaryHeader: 'X-Canary',
        StickyCookie: 'at',
        Pools,
      }).Frontends;
      const Routes = ['shop.com', '*.shop.com'].map((Host) => ({ ...any!.Routes[0]!, Host }));
      await rig.applyTable({ Frontends: [{ ...any!, Routes }] });
      await until('both are ready', () => areAll(rig, [s, c], 'ready'));
      for (const host of ['shop.com', 'www.shop.com']) {
        const answers: string[] = [];
        while (answers.length < 100) answers.push(await answerOf(rig.url, { headers: { host } }));
        expect(answers.filter((answer) => answer === '200 c')).toHaveLength(25);
      }
    });
  });

  /** One instance beside one canary that has a share. */
  async function tried(changes: Partial<Backend>, percent: number) {
    const rig = await start();
    const both = [await httpInstance(cleanup, 's', says('s')), await httpInstance(cleanup, 'c', says('c'))] as const;
    const Pools = [{ ...pool([both[0]]), Weight: 100 - percent }, canary(percent, [both[1]])];
    await rig.apply([], [], { ...changes, Pools });
    await until('both are ready', () => areAll(rig, both, 'ready'));
    return { rig, url: rig.url, canaries: canary(percent, [both[1]]) };
  }

  behaviour('choice', () => {
    it('whatever the share of the canaries', async () => {
      const { url } = await tried({ CanaryHeader: 'X-Canary', CanaryCookie: 'canary' }, 0);
      const ask = (headers: Record<string, string>) => answerOf(url, { headers });
      expect(await ask({})).toBe('200 s');
      expect(await ask({ 'x-canary': 'always' })).toBe('200 c');
      expect(await ask({ cookie: 'a=b; canary=always' })).toBe('200 c');
      expect(await ask({ cookie: 'canary=always', 'X-Canary': 'never' })).toBe('200 s');
      const half = await tried({ CanaryHeader: 'X-Canary' }, 50);
      const never = Array.from({ length: 20 }, () => answerOf(half.url, { headers: { 'x-canary': 'never' } }));
      expect(new Set(await Promise.all(never))).toEqual(new Set(['200 s']));
      const Pools = [{ ...pool([]), Weight: 50 }, half.canaries];
      await half.rig.apply([], [], { CanaryHeader: 'X-Canary', HoldMs: 0, Pools });
      expect(await answerOf(half.url)).toBe('200 c');
      expect(await answerOf(half.url, { headers: { 'x-canary': 'never' } })).toMatch(/^503 no instance/);
    });
  });

  behaviour('trial', () => {
    it('by a cookie, and of all users the share is the one that is written', async () => {
      const { url } = await tried({ TrialCookie: 'trial' }, 50);
      const visit = async (cookie?: string) => {
        const { headers, text } = await wholeAnswer(url, cookie === undefined ? {} : { cookie });
        return { text, cookie: headers['set-cookie']?.[0] };
      };
      const first = await Promise.all(Array.from({ length: 40 }, () => visit()));
      expect(new Set(first.map(({ text }) => text))).toEqual(new Set(['s', 'c']));
      for (const { text, cookie } of first) {
        expect(cookie).toMatch(/^trial=[0-9a-f.]+; Path=\/; HttpOnly; SameSite=Lax$/);
        expect(await visit(cookie!.split(';')[0])).toEqual({ text, cookie: undefined });
      }
    });
  });

  behaviour('source', () => {
    const CLIENTS = Array.from({ length: 12 }, (_, at) => `203.0.113.${at + 1}`);

    it('over changes of the table, and only those whose instance leaves move', async () => {
      const rig = await start({ trustedProxies: ['127.0.0.0/8'], acceptsProxyProtocol: true });
      const instances = await Promise.all(['a', 'b', 'c'].map((each) => httpInstance(cleanup, each, says(each))));
      const to = async (ready: readonly Instance[], others: Frontend[] = []) => {
        const resting = instances.filter((each) => !ready.includes(each));
        const { Frontends } = tableOf(rig.port, 'http', ready, resting, { Balance: 'source' });
        await rig.applyTable({ Frontends: [...Frontends, ...others] });
        await until('all are ready', () => areAll(rig, ready, 'ready'));
      };
      const seen = () => Promise.all(CLIENTS.map((client) => answerTo(cleanup, rig.port, client)));
      await to(instances);
      const first = await seen();
      expect(new Set(first).size).toBeGreaterThan(1);
      expect(await seen()).toEqual(first);
      await to(instances, [{ Listen: await freePort(), Mode: 'http', Routes: [] }]);
      expect(await seen()).toEqual(first);
      await to(instances.filter(({ id }) => id !== first[0]));
      const second = await seen();
      expect(second[0]).not.toBe(first[0]);
      for (const [at, name] of first.entries()) if (name !== first[0]) expect(second[at]).toBe(name);
      await to(instances);
      expect(await seen()).toEqual(first);
    });

    it('or by turns, however long their answers take', async () => {
      const rig = await start();
      const slow: RequestListener = (_, answer) => void setTimeout(() => answer.end('slow'), 50);
      const instances = [await httpInstance(cleanup, 'a', slow), await httpInstance(cleanup, 'b', says('fast'))];
      await rig.apply(instances, [], { Balance: 'roundrobin' });
      await until('both are ready', () => areAll(rig, instances, 'ready'));
      const answers = await Promise.all(Array.from({ length: 20 }, () => answerOf(rig.url)));
      expect(answers.filter((answer) => answer === '200 slow')).toHaveLength(10);
    });
  });

  behaviour('sticky', () => {
    it('and names another one when that one has gone', async () => {
      const rig = await start();
      const instances = await Promise.all(['a', 'b', 'c'].map((each) => httpInstance(cleanup, each, says(each))));
      await rig.apply(instances, [], { StickyCookie: 'at' });
      await until('all are ready', () => areAll(rig, instances, 'ready'));
      const first = await fetch(rig.url);
      const name = await first.text();
      const headers = { cookie: first.headers.get('set-cookie')!.split(';')[0]! };
      for (let turn = 0; turn < 6; turn++) expect(await answerOf(rig.url, { headers })).toBe(`200 ${name}`);
      const gone = instances.filter(({ id }) => id === name);
      await rig.apply(
        instances.filter(({ id }) => id !== name),
        gone,
        { StickyCookie: 'at' },
      );
      expect(await answerOf(rig.url, { headers })).not.toBe(`200 ${name}`);
    });
  });
}

/** The body that a client of this address gets, as a load balancer in front announces it. */
async function answerTo(cleanup: Cleanup, port: number, address: string): Promise<string> {
  const client = await rawClient(cleanup, port);
  client.socket.write(
    `PROXY TCP4 ${address} 198.51.100.1 4711 80\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  );
  await until('it is answered', () => client.state.isClosed);
  return client
    .text()
    .split('\r\n\r\n')
    .at(-1)!
    .replace(/^1\r\n|\r\n0?$/g, '');
}

async function wholeAnswer(url: string, headers: Record<string, string>) {
  const asked = request(url, { headers });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of answer) text += piece;
  return { headers: answer.headers, text };
}
