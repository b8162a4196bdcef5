import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  answerOf,
  Cleanup,
  freePort,
  hammer,
  httpInstance,
  processInstance,
  rawClient,
  rawInstance,
  startRig,
  until,
} from './live-rig.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const hello =
  (version: string): Parameters<typeof httpInstance>[2] =>
  (asked, answer) => {
    asked.resume();
    answer.setHeader('x-version', version).end('hello');
  };

const ask = (url: string, { body, ...options }: { method?: string; agent?: Agent; body?: string } = {}) =>
  answerOf(url, options, body);

describe('a drain', () => {
  it('drops nothing: 20 updates under load, of instances that exit at once when drained', async () => {
    const rig = await startRig(cleanup);
    let old = [await processInstance(cleanup, 'a0', 'v0', 10), await processInstance(cleanup, 'b0', 'v0', 10)];
    rig.apply(old);
    const gets = hammer({ url: rig.url, workers: 16, pauseMs: 10 });
    const posts = hammer({ url: rig.url, workers: 4, pauseMs: 10, body: Buffer.alloc(2000) });
    for (let turn = 1; turn <= 20; turn++) {
      const fresh = await Promise.all(
        ['a', 'b'].map((name) => processInstance(cleanup, `${name}${turn}`, `v${turn}`, 10)),
      );
      rig.apply([...old, ...fresh]);
      await until('the new ones are ready', () => fresh.every((each) => rig.state(each) === 'ready'));
      rig.apply(fresh, old);
      await Promise.all(
        old.map(async (each) => {
          await until('the old ones are drained', () => rig.state(each) === 'drained');
          await each.stop();
        }),
      );
      rig.apply(fresh);
      old = fresh;
    }
    const [got, posted] = [await gets(), await posts()];
    expect([...got.failures, ...posted.failures]).toEqual([]);
    expect(got.requests).toBeGreaterThan(500);
    expect(got.bodies.size).toBe(21);
  });

  it('waits for what is in flight, takes nothing new, and closes idle connections at once', async () => {
    const rig = await startRig(cleanup);
    let release: () => void = () => {};
    const slow = await httpInstance(cleanup, 'slow', (asked, answer) => {
      if (asked.url === '/slow') release = () => answer.end('slow');
      else answer.end('quick');
    });
    const other = await httpInstance(cleanup, 'other', hello('2'));
    rig.apply([slow]);
    await until('it is ready', () => rig.state(slow) === 'ready');
    await Promise.all(Array.from({ length: 8 }, () => ask(rig.url)));
    const pending = ask(`${rig.url}slow`);
    await until('it is in flight', () => rig.inFlight(slow) === 1);
    const connections = async () => new Promise<number>((resolve) => slow.server.getConnections((_, n) => resolve(n)));
    expect(await connections()).toBeGreaterThan(1);

    rig.apply([other], [slow]);
    expect(rig.state(slow)).toBe('draining');
    await until('the other is ready', () => rig.state(other) === 'ready');
    expect(await ask(rig.url)).toBe('200 hello');
    expect(await connections()).toBe(1);
    expect(rig.state(slow)).toBe('draining');
    release();
    expect(await pending).toBe('200 slow');
    expect(rig.state(slow)).toBe('drained');
  });

  it('of an instance that never had traffic is acknowledged at once', async () => {
    const rig = await startRig(cleanup);
    const gone = { id: 'gone', port: await freePort() };
    rig.apply([], [gone]);
    expect(rig.state(gone)).toBe('drained');
  });

  it('still counts what was in flight when the instance was out of the table meanwhile', async () => {
    const rig = await startRig(cleanup);
    let release: (() => void) | undefined;
    const slow = await httpInstance(cleanup, 'slow', (_, answer) => {
      release = () => answer.end('slow');
    });
    rig.apply([slow]);
    await until('it is ready', () => rig.state(slow) === 'ready');
    const pending = ask(rig.url);
    // In flight counts from the decision to send; the answer can be released only once the request has arrived.
    await until('it is in flight', () => rig.inFlight(slow) === 1 && release !== undefined);
    rig.apply([]);
    expect(rig.state(slow)).toBeUndefined();
    rig.plane.apply({ Index: 3, Frontends: [] });
    rig.apply([], [slow]);
    expect(rig.state(slow)).toBe('draining');
    release?.();
    await pending;
    await until('it is drained', () => rig.state(slow) === 'drained');
  });

  it('leaves the connection of a client as it is', async () => {
    const rig = await startRig(cleanup);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanup.add(() => agent.destroy());
    const opened = new Set<unknown>();
    agent.on('free', (socket) => opened.add(socket));
    for (let turn = 0; turn < 5; turn++) {
      const instance = await httpInstance(cleanup, `i${turn}`, hello(String(turn)));
      rig.apply([instance]);
      await until('it is ready', () => rig.state(instance) === 'ready');
      expect(await ask(rig.url, { agent })).toBe('200 hello');
      rig.apply([], [instance]);
      instance.server.closeAllConnections();
      instance.server.close();
    }
    expect(opened.size).toBe(1);
  });
});

describe('an instance', () => {
  it('that refuses connections loses its traffic without a failed request of any method, and gets it back', async () => {
    const rig = await startRig(cleanup);
    const good = await httpInstance(cleanup, 'good', hello('1'));
    const flaky = await httpInstance(cleanup, 'flaky', hello('1'));
    rig.apply([good, flaky]);
    await until('both are ready', () => rig.state(good) === 'ready' && rig.state(flaky) === 'ready');
    flaky.server.close();
    flaky.server.closeAllConnections();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => ask(rig.url, at % 2 ? { method: 'POST', body: 'x'.repeat(5000) } : {})),
    );
    expect(new Set(answers)).toEqual(new Set(['200 hello']));
    expect(rig.state(flaky)).toBe('unhealthy');
    await httpInstance(cleanup, 'flaky', hello('1'), flaky.port);
    await until('it is ready again', () => rig.state(flaky) === 'ready');
  });

  it('gets no traffic before the check of the ingress has passed', async () => {
    const rig = await startRig(cleanup);
    let isHealthy = false;
    const paths: string[] = [];
    const instance = await httpInstance(cleanup, 'a', (asked, answer) => {
      paths.push(asked.url!);
      answer.writeHead(asked.url !== '/health' || isHealthy ? 200 : 503).end('ok');
    });
    const check = { Type: 'http' as const, Path: '/health', Method: 'GET', IntervalMs: 1000, TimeoutMs: 500 };
    rig.apply([instance], [], { Check: check });
    const pending = ask(rig.url);
    await until('it was checked twice', () => paths.length >= 2);
    expect(rig.state(instance)).toBe('unhealthy');
    expect(paths).not.toContain('/');
    isHealthy = true;
    expect(await pending).toBe('200 ok');
    expect(rig.state(instance)).toBe('ready');
  });

  it('killed in the middle of a response leaves a cut, never a hang or a whole-looking answer', async () => {
    for (const framing of ['Content-Length: 100\r\n', 'Transfer-Encoding: chunked\r\n', '']) {
      const rig = await startRig(cleanup);
      const instance = await rawInstance(cleanup, 'a', (socket) => {
        socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n4\r\npart\r\n`));
      });
      rig.apply([instance]);
      await until('it is ready', () => rig.state(instance) === 'ready');
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      await until('the first part is here', () => client.text().includes('part'));
      for (const socket of instance.sockets) socket.resetAndDestroy();
      await until('the connection is cut', () => client.state.isClosed);
      expect(client.state.error).toBe('ECONNRESET');
      expect(rig.inFlight(instance)).toBe(0);
      await cleanup.run();
    }
  });

  it('that closes a resting connection just then costs no request: GET is sent again', async () => {
    const rig = await startRig(cleanup);
    // Answers one request a connection, then takes the next one's bytes and closes without a word.
    const instance = await rawInstance(cleanup, 'a', (socket) => {
      let count = 0;
      socket.on('data', () => {
        if (++count === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        else socket.destroy();
      });
    });
    rig.apply([instance]);
    await until('it is ready', () => rig.state(instance) === 'ready');
    for (let turn = 0; turn < 6; turn++) expect(await ask(rig.url)).toBe('200 ok');
  });

  it('that takes a POST and closes without a word is not sent it twice', async () => {
    const rig = await startRig(cleanup);
    let posts = 0;
    const instance = await rawInstance(cleanup, 'a', (socket) => {
      socket.on('data', (bytes) => {
        if (bytes.toString().startsWith('POST')) posts++;
        socket.destroy();
      });
    });
    rig.apply([instance]);
    await until('it is ready', () => rig.state(instance) === 'ready');
    const answer = await ask(rig.url, { method: 'POST', body: 'x' });
    expect(answer).toBe('502 an instance of default/web/web closed the connection before its answer was complete');
    expect(posts).toBe(1);
  });

  it('that does not answer in time gives 504', async () => {
    const rig = await startRig(cleanup);
    const instance = await httpInstance(cleanup, 'a', () => {});
    rig.apply([instance], [], { RequestTimeoutMs: 200 });
    await until('it is ready', () => rig.state(instance) === 'ready');
    expect(await ask(rig.url)).toMatch(/^504 an instance of default\/web\/web took too long/);
  });
});

describe('a request while no instance is ready', () => {
  it('waits, and is the first to be served', async () => {
    const rig = await startRig(cleanup);
    rig.apply([]);
    const pending = Promise.all(
      Array.from({ length: 50 }, (_, at) => ask(rig.url, at % 2 ? { method: 'POST', body: 'x' } : {})),
    );
    await delay(100);
    const instance = await httpInstance(cleanup, 'a', hello('1'));
    rig.apply([instance]);
    expect(new Set(await pending)).toEqual(new Set(['200 hello']));
  });

  it('is answered with 503 when it has waited long enough, or when too many wait', async () => {
    const rig = await startRig(cleanup, { maxHeld: 2 });
    rig.apply([], [], { HoldMs: 300 });
    const startedMs = Date.now();
    const waiting = [ask(rig.url), ask(rig.url)];
    await delay(50);
    expect(await ask(rig.url)).toBe('503 too many requests wait for an instance of default/web/web already');
    expect(Date.now() - startedMs).toBeLessThan(250);
    expect(await Promise.all(waiting)).toEqual(Array(2).fill('503 no instance of default/web/web is ready'));
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(295);
  });

  it('that is given up by its client takes no place and reaches no instance', async () => {
    const rig = await startRig(cleanup, { maxHeld: 1 });
    rig.apply([]);
    const client = await rawClient(cleanup, rig.port);
    client.socket.write('GET /given-up HTTP/1.1\r\nHost: h\r\n\r\n');
    await delay(50);
    client.socket.resetAndDestroy();
    await delay(50);
    const pending = ask(`${rig.url}kept`);
    const paths: (string | undefined)[] = [];
    const instance = await httpInstance(cleanup, 'a', (asked, answer) => {
      paths.push(asked.url);
      answer.end('ok');
    });
    rig.apply([instance]);
    expect(await pending).toBe('200 ok');
    expect(paths).toEqual(['/kept']);
  });
});

describe('a frontend', () => {
  it('whose port is taken says so, is tried again, and does not touch the others', async () => {
    const rig = await startRig(cleanup);
    const instance = await httpInstance(cleanup, 'a', hello('1'));
    const squatter = createServer().listen(rig.port, '127.0.0.1');
    await once(squatter, 'listening');
    rig.apply([instance]);
    await until('it complains', () => rig.plane.problems().length > 0);
    expect(rig.plane.problems()).toEqual([
      { Listen: rig.port, Message: `cannot listen on 127.0.0.1:${rig.port}: another process holds the port` },
    ]);
    await delay(50);
    expect(rig.state(instance)).toBe('unhealthy');
    squatter.close();
    await until('it listens', () => rig.state(instance) === 'ready');
    expect(rig.plane.problems()).toEqual([]);
    expect(await ask(rig.url)).toBe('200 hello');
  });

  it('that is gone closes its connections once they are idle', async () => {
    const rig = await startRig(cleanup);
    const instance = await httpInstance(cleanup, 'a', hello('1'));
    rig.apply([instance]);
    await until('it is ready', () => rig.state(instance) === 'ready');
    const client = await rawClient(cleanup, rig.port);
    client.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await until('it is answered', () => client.text().includes('hello'));
    rig.plane.apply({ Index: 2, Frontends: [] });
    await until('it is closed', () => client.state.isClosed);
    expect(client.state.error).toBe('');
    expect(await ask(rig.url)).toBe('ECONNREFUSED');
  });

  it('in mode "tcp" joins the bytes of both sides, and counts the connection until it ends', async () => {
    const rig = await startRig(cleanup, { mode: 'tcp' });
    const instance = await rawInstance(cleanup, 'a', (socket) =>
      socket.on('data', (bytes) => socket.write(`echo ${bytes}`)),
    );
    const client = await (async () => {
      rig.apply([instance]);
      await until('it is ready', () => rig.state(instance) === 'ready');
      return rawClient(cleanup, rig.port);
    })();
    client.socket.write('hello');
    await until('it is echoed', () => client.text() === 'echo hello');
    rig.apply([], [instance]);
    expect(rig.state(instance)).toBe('draining');
    client.socket.write('again');
    await until('it is echoed', () => client.text() === 'echo helloecho again');
    client.socket.end();
    await until('it is drained', () => rig.state(instance) === 'drained' || instance.sockets.size === 0, 500).catch(
      () => {
        for (const socket of instance.sockets) socket.end();
      },
    );
    await until('it is drained', () => rig.state(instance) === 'drained');
  });
});

describe('the data plane', () => {
  it('stops gracefully: what is in flight ends, then its connection closes', async () => {
    const rig = await startRig(cleanup);
    let release: () => void = () => {};
    const slow = await httpInstance(cleanup, 'slow', (_, answer) => {
      release = () => answer.end('slow');
    });
    rig.apply([slow]);
    await until('it is ready', () => rig.state(slow) === 'ready');
    const client = await rawClient(cleanup, rig.port);
    client.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await until('it is in flight', () => rig.inFlight(slow) === 1);
    const stopped = rig.stop();
    await delay(50);
    expect(await ask(rig.url)).toBe('ECONNREFUSED');
    release();
    await stopped;
    expect(client.text()).toMatch(/Connection: close\r\n\r\n.*slow/s);
  });

  it('gives each pool its share exactly, and a share of 0 nothing', async () => {
    const rig = await startRig(cleanup);
    const [stable, canary] = [
      await httpInstance(cleanup, 's', hello('1')),
      await httpInstance(cleanup, 'c', hello('2')),
    ];
    const pools = (weight: number) => ({
      Pools: [
        { Name: 'stable' as const, Weight: 100 - weight, Servers: [server(stable, 1)] },
        { Name: 'canary' as const, Weight: weight, Servers: [server(canary, 2)] },
      ],
    });
    for (const weight of [10, 0, 100]) {
      rig.apply([], [], pools(weight));
      await until('both are ready', () => rig.state(stable) === 'ready' && rig.state(canary) === 'ready');
      const before = requestsOf('canary');
      for (let turn = 0; turn < 5; turn++) await Promise.all(Array.from({ length: 20 }, () => ask(rig.url)));
      expect(requestsOf('canary') - before).toBe(weight);
    }
    function requestsOf(pool: string): number {
      return rig.plane.figures().find(({ Pool }) => Pool === pool)?.Requests ?? 0;
    }
  });
});

const server = ({ id, port }: { id: string; port: number }, version: number) => ({
  AllocID: id,
  Address: '127.0.0.1',
  Port: port,
  Version: version,
  State: 'ready' as const,
});
