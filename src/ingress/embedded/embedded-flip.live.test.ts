import { Agent, type RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend, Frontend, Pool, RoutingTable } from '../../model/ingress.ts';
import { previewOf } from '../preview.ts';
import {
  answerOf,
  Cleanup,
  freePort,
  httpInstance,
  type Instance,
  type Rig,
  rawClient,
  rawInstance,
  serverOf,
  startRig,
  tableOf,
  until,
} from './live-rig.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const FLIPS = 10;
const says =
  (word: string): RequestListener =>
  (request, answer) => {
    request.resume();
    answer.end(word);
  };

const aSet = (color: string): Promise<Instance[]> =>
  Promise.all(['1', '2', '3'].map((at) => httpInstance(cleanup, `${color}${at}`, says(color))));

const stable = (ready: readonly Instance[], resting: readonly Instance[] = []): Pool => ({
  Name: 'stable',
  Weight: 100,
  Servers: [...ready.map(serverOf('ready')), ...resting.map(serverOf('draining'))],
});
const canary = (weight: number, servers: readonly Instance[]): Pool => ({
  Name: 'canary',
  Group: 'web',
  Weight: weight,
  Servers: servers.map(serverOf('ready', 1)),
});

const all = (rig: Rig, servers: readonly Instance[], state: string): boolean =>
  servers.every((each) => rig.state(each) === state);

interface Flip {
  readonly to: 'blue' | 'green';
}

/** Every other worker makes a connection for each request. What was asked after a flip must be answered by that set. */
function load(url: string, lastFlip: () => Flip) {
  const result = { requests: 0, wrong: [] as string[] };
  let isStopped = false;
  const work = async (at: number) => {
    const agent = new Agent({ keepAlive: at % 2 === 0, maxSockets: 1 });
    while (!isStopped) {
      const flip = lastFlip();
      const answer = await answerOf(url, { agent });
      const isMoved = flip !== lastFlip() && /^200 (blue|green)$/.test(answer);
      result.requests++;
      if (answer !== `200 ${flip.to}` && !isMoved) result.wrong.push(`${answer} of ${flip.to}`);
      await delay(20);
    }
    agent.destroy();
  };
  const workers = Promise.all(Array.from({ length: 64 }, (_, at) => work(at)));
  return async () => {
    isStopped = true;
    await workers;
    return result;
  };
}

describe('a set that rests', () => {
  it('takes all of the traffic back at once, and no request is lost or goes astray', async () => {
    const rig = await startRig(cleanup);
    const sets = { blue: await aSet('blue'), green: await aSet('green') };
    let flip: Flip = { to: 'blue' };
    await rig.apply([], [], { Pools: [stable(sets.blue), canary(0, sets.green)] });
    await until('both sets are ready', () => all(rig, [...sets.blue, ...sets.green], 'ready'));
    const stop = load(rig.url, () => flip);
    const tookMs: number[] = [];
    for (let turn = 0; turn < FLIPS; turn++) {
      await delay(20);
      const before = sets[flip.to];
      flip = { to: flip.to === 'blue' ? 'green' : 'blue' };
      const after = sets[flip.to];
      const startMs = performance.now();
      await rig.apply(after, before);
      await until('all requests go there', () => all(rig, after, 'ready'));
      tookMs.push(performance.now() - startMs);
      await until('nothing is in flight to the other set', () => all(rig, before, 'drained'));
    }
    const { requests, wrong } = await stop();
    expect(wrong).toEqual([]);
    expect(requests).toBeGreaterThan(FLIPS * 10);
    // Some milliseconds; the slowest of them tells how busy the machine is with other tests.
    expect(tookMs.toSorted((a, b) => a - b)[FLIPS / 2]).toBeLessThan(5000);
  });

  it('is back for services that hold no requests as well', async () => {
    const rig = await startRig(cleanup);
    const [blue, green] = [await aSet('blue'), await aSet('green')];
    await rig.apply(blue, green, { HoldMs: 0 });
    await until('the set is ready', () => all(rig, blue, 'ready'));
    await rig.apply(green, blue, { HoldMs: 0 });
    expect(await Promise.all(Array.from({ length: 20 }, () => answerOf(rig.url)))).toEqual(Array(20).fill('200 green'));
  });
});

describe('a preview', () => {
  async function world(mode: Frontend['Mode'] = 'http') {
    const rig = await startRig(cleanup, { mode });
    const port = await freePort();
    const apply = (changes: Partial<Backend>) => {
      const table = tableOf(rig.port, mode, [], [], changes);
      const preview = previewOf(table.Frontends[0]!.Routes[0]!.Backend);
      const frontend: Frontend = { Listen: port, Mode: mode, Routes: [{ Host: '', Path: '/', Backend: preview }] };
      rig.plane.apply({ ...table, Frontends: [...table.Frontends, frontend] } satisfies RoutingTable);
    };
    return { rig, port, url: `http://127.0.0.1:${port}/`, apply };
  }
  const _none = '503 no canary of service web is running';

  it('whose port is taken keeps no canary from being ready', async () => {
    const { rig, port, apply } = await world();
    await httpInstance(cleanup, 'squatter', says('mine'), port);
    const green = await aSet('green');
    apply({ Pools: [stable([]), canary(0, green)] });
    await until('the ports are judged', () => rig.plane.problems().length > 0);
    expect(rig.plane.problems()).toMatchObject([{ Listen: port }]);
    await until('the set is ready', () => all(rig, green, 'ready'));
  });

  it('in mode "tcp" tunnels to a canary, and closes at once where there is none', async () => {
    const { rig, port, apply } = await world('tcp');
    const echo = await rawInstance(cleanup, 'echo', (socket) => {
      socket.on('data', (bytes) => socket.write(bytes));
    });
    apply({ Pools: [stable([])] });
    await until('the port is open', () => rig.plane.problems().length === 0);
    const refused = rawClient(cleanup, port).then(({ state }) => until('it is closed', () => state.isClosed));
    await refused.catch((error: NodeJS.ErrnoException) => expect(error.code).toBe('ECONNRESET'));
    apply({ Pools: [stable([]), canary(0, [echo])] });
    const client = await rawClient(cleanup, port);
    client.socket.write('hello');
    await until('it is echoed', () => client.text() === 'hello');
  });
});
