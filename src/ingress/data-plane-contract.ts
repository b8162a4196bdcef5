/**
 * The suite that every data plane passes, over real sockets. What one cannot do is skipped by name, with its reason in
 * `data-plane-behaviours.ts`.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import type { Reasons } from '../lib/reason-table.ts';
import type { Backend, BackendServer, Frontend, Pool, RoutingTable } from '../model/ingress.ts';
import { Certificates } from './certificates.ts';
import type { DataPlane } from './data-plane.ts';
import { BEHAVIOURS, type Behaviour, DATA_PLANES, type DataPlaneName } from './data-plane-behaviours.ts';
import type { EmbeddedOptions } from './embedded/embedded-data-plane.ts';
import {
  answerOf,
  Cleanup,
  freePort,
  hammer,
  httpInstance,
  type Instance,
  portOf,
  processInstance,
  type Rig,
  type RigOptions,
  rawClient,
  rawInstance,
  serverOf,
  startRig,
  tableOf,
  until,
} from './embedded/live-rig.ts';
import { makeCertificate } from './embedded/testing-certificates.ts';
import { previewOf } from './preview.ts';

/** Each data plane is made with a folder of its own that is gone after the test. */
export type MakeDataPlane = (options: EmbeddedOptions, cleanup: Cleanup) => DataPlane;

const UPDATES = 10;

const says =
  (word: string): RequestListener =>
  (asked, answer) => {
    asked.resume();
    answer.end(word);
  };

const pool = (ready: readonly Instance[], resting: readonly Instance[] = []): Pool => ({
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

const areAll = (rig: Rig, servers: readonly Instance[], state: string): boolean =>
  servers.every((each) => rig.state(each) === state);

export function dataPlaneContract(name: DataPlaneName, make: MakeDataPlane): void {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());
  const skipped: Reasons<Behaviour> = DATA_PLANES[name];

  /** The tests of a behaviour; skipped as a whole where the data plane cannot do it. */
  const behaviour = (key: Behaviour, tests: () => void): void => {
    describe.skipIf(skipped[key] !== undefined)(BEHAVIOURS[key], tests);
  };

  const start = (options: RigOptions = {}): Promise<Rig> =>
    startRig(cleanup, { ...options, dataPlane: (given) => make(given, cleanup) });

  /** A rig with one instance that is ready. */
  async function proxied(listener: RequestListener, options: RigOptions = {}) {
    const rig = await start(options);
    const instance = await httpInstance(cleanup, 'a', listener);
    await rig.apply([instance]);
    await until('the instance is ready', () => rig.state(instance) === 'ready');
    return { rig, instance };
  }

  const backendOf = (id: string, servers: readonly Instance[]): Backend => {
    const [frontend] = tableOf(1, 'http', servers).Frontends;
    return { ...frontend!.Routes[0]!.Backend, ID: id };
  };

  behaviour('route', () => {
    it('the host before its wildcard before any host, the longest path first, ending at a segment', async () => {
      const rig = await start();
      const names = ['any', 'host', 'api', 'users', 'wild', 'sub'];
      const instances = await Promise.all(names.map((each) => httpInstance(cleanup, each, says(each))));
      const to = (at: number) => backendOf(`default/${names[at]}/web`, [instances[at]!]);
      const Routes = [
        { Host: 'shop.example.com', Path: '/api/users', Backend: to(3) },
        { Host: 'shop.example.com', Path: '/api', Backend: to(2) },
        { Host: 'shop.example.com', Path: '/', Backend: to(1) },
        { Host: '*.eu.example.com', Path: '/', Backend: to(5) },
        { Host: '*.example.com', Path: '/', Backend: to(4) },
        { Host: '', Path: '/any', Backend: to(0) },
      ];
      await rig.applyTable({ Frontends: [{ Listen: rig.port, Mode: 'http', Routes }] });
      await until('all are ready', () => areAll(rig, instances, 'ready'));
      const ask = (host: string, path: string) => answerOf(`${rig.url}${path}`, { headers: { host } });
      expect(await ask('SHOP.example.com:80', '')).toBe('200 host');
      expect(await ask('shop.example.com.', 'api')).toBe('200 api');
      expect(await ask('shop.example.com', 'api/orders?x=/api/users')).toBe('200 api');
      expect(await ask('shop.example.com', 'api/users/7')).toBe('200 users');
      expect(await ask('shop.example.com', 'apiary')).toBe('200 host');
      expect(await ask('a.example.com', 'any')).toBe('200 wild');
      expect(await ask('a.eu.example.com', '')).toBe('200 sub');
      expect(await ask('example.org', 'any/x')).toBe('200 any');
      expect(await ask('example.org', 'other')).toBe('404 no service here answers to example.org/other');
    });

    it('a frontend without routes answers 404 in a sentence', async () => {
      const { rig, instance } = await proxied(says('ok'));
      await rig.applyTable({ Frontends: [{ Listen: rig.port, Mode: 'http', Routes: [] }] });
      expect(await answerOf(`${rig.url}x`)).toBe(`404 no service here answers to 127.0.0.1:${rig.port}/x`);
      expect(rig.state(instance)).toBeUndefined();
    });
  });

  behaviour('forward', () => {
    it('with X-Forwarded-For, -Proto and -Host, whatever the client said of them', async () => {
      const seen: IncomingMessage['headers'][] = [];
      const { rig } = await proxied((asked, answer) => {
        seen.push(asked.headers);
        answer.end('ok');
      });
      const headers = {
        host: 'shop.example.com',
        'x-forwarded-for': '10.1.1.1',
        'x-forwarded-proto': 'gopher',
        proxy: 'http://evil',
        'x-kept': 'yes',
      };
      expect(await answerOf(rig.url, { headers })).toBe('200 ok');
      expect(seen[0]).toMatchObject({
        host: 'shop.example.com',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'shop.example.com',
        'x-kept': 'yes',
      });
      expect(seen[0]).not.toHaveProperty('proxy');
    });
  });

  behaviour('trust', () => {
    const tells: RequestListener = (asked, answer) =>
      void answer.end(['for', 'proto', 'port'].map((each) => asked.headers[`x-forwarded-${each}`]).join(' '));
    const headers = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' };

    it('by X-Forwarded-*', async () => {
      const { rig } = await proxied(tells, { trustedProxies: ['127.0.0.1'] });
      expect(await answerOf(rig.url, { headers })).toBe('200 1.2.3.4, 127.0.0.1 https 443');
      const other = await proxied(tells);
      expect(await answerOf(other.rig.url, { headers })).toBe(`200 127.0.0.1 http ${other.rig.port}`);
    });

    it('by a PROXY header', async () => {
      const { rig } = await proxied(tells, { trustedProxies: ['127.0.0.0/8'], acceptsProxyProtocol: true });
      const client = await rawClient(cleanup, rig.port);
      const head = 'GET / HTTP/1.1\r\nHost: a.com\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: close\r\n\r\n';
      client.socket.write(`PROXY TCP4 203.0.113.7 198.51.100.1 4711 80\r\n${head}`);
      await until('it is answered', () => client.state.isClosed);
      expect(client.text()).toContain('203.0.113.7 http 80');
    });
  });

  behaviour('allow', () => {
    const may = (backend: Backend, ...AllowFrom: string[]): Backend => ({ ...backend, AllowFrom });

    it('on a port that several services share, and as soon as it changes', async () => {
      const rig = await start();
      const [own, all] = await Promise.all(['own', 'all'].map((each) => httpInstance(cleanup, each, says(each))));
      const shop = backendOf('default/own/web', [own!]);
      const table = (...networks: string[]) => ({
        Frontends: [
          {
            Listen: rig.port,
            Mode: 'http' as const,
            Routes: [
              { Host: 'own.com', Path: '/', Backend: may(shop, ...networks) },
              { Host: '', Path: '/', Backend: backendOf('default/all/web', [all!]) },
            ],
          },
        ],
      });
      const ask = (host: string) => answerOf(rig.url, { headers: { host } });
      const becomes = (host: string, answer: string) =>
        expect.poll(() => ask(host), { timeout: 10_000, interval: 20 }).toBe(answer);
      await rig.applyTable(table('127.0.0.0/8'));
      await until('both are ready', () => areAll(rig, [own!, all!], 'ready'));
      expect(await ask('own.com')).toBe('200 own');
      await rig.applyTable(table('10.0.0.0/8', '10.9.9.9'));
      await becomes('own.com', '403 127.0.0.1 may not come in here');
      expect(await ask('any.com')).toBe('200 all');
      await rig.applyTable(table('10.0.0.0/8', '127.0.0.1'));
      await becomes('own.com', '200 own');
    });

    it('by the client that a load balancer names in a PROXY header', async () => {
      const rig = await start({ trustedProxies: ['127.0.0.0/8'], acceptsProxyProtocol: true });
      const instance = await httpInstance(cleanup, 'a', says('ok'));
      const Routes = [{ Host: '', Path: '/', Backend: may(backendOf('default/a/web', [instance]), '203.0.113.0/24') }];
      await rig.applyTable({ Frontends: [{ Listen: rig.port, Mode: 'http', Routes }] });
      await until('it is ready', () => rig.state(instance) === 'ready');
      const from = async (address: string): Promise<string> => {
        const client = await rawClient(cleanup, rig.port);
        client.socket.write(
          `PROXY TCP4 ${address} 198.51.100.1 4711 80\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
        );
        await until('it is answered', () => client.state.isClosed);
        return client.text().slice(9, 12);
      };
      expect(await from('203.0.113.7')).toBe('200');
      expect(await from('203.0.114.7')).toBe('403');
    });

    it('in mode "tcp" by ending the connection', async () => {
      const rig = await start({ mode: 'tcp' });
      const instance = await rawInstance(cleanup, 'a', (socket) => socket.on('data', (bytes) => socket.write(bytes)));
      const Routes = [{ Host: '', Path: '/', Backend: may(backendOf('default/a/web', [instance]), '10.0.0.0/8') }];
      await rig.applyTable({ Frontends: [{ Listen: rig.port, Mode: 'tcp', Routes }] });
      await until('it is ready', () => rig.state(instance) === 'ready');
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('hello');
      await until('it is ended', () => client.state.isClosed);
      expect(client.text()).toBe('');
    });
  });

  behaviour('tls', () => {
    const start = async (names: readonly string[]) => {
      const folder = mkdtempSync(join(tmpdir(), 'serin-contract-'));
      cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
      for (const each of names) makeCertificate(folder, each, [`DNS:${each}`]);
      const certificates = new Certificates({ paths: [folder], clock: systemClock, log: silentLog });
      await certificates.load();
      const rig = await startRig(cleanup, {
        hasTls: true,
        certificates,
        dataPlane: (given) => make(given, cleanup),
      });
      return { rig, folder, certificates };
    };
    const shown = async (port: number, servername: string): Promise<string> => {
      const socket = connectTls({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
      socket.on('error', () => {});
      await once(socket, 'secureConnect');
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      return String(subject.CN);
    };

    it('and takes a new certificate as soon as it is there', async () => {
      const { rig, folder, certificates } = await start(['a.example', 'b.example']);
      await rig.apply([]);
      expect(await shown(rig.port, 'b.example')).toBe('b.example');
      expect(await shown(rig.port, 'c.example')).toBe('a.example');
      makeCertificate(folder, 'c.example', ['DNS:c.example']);
      await certificates.load();
      for (let turn = 0; turn < 200 && (await shown(rig.port, 'c.example')) !== 'c.example'; turn++) await delay(10);
      expect(await shown(rig.port, 'c.example')).toBe('c.example');
    });

    it('and tells the instance so; a port without it sends clients there', async () => {
      const { rig } = await start(['a.example']);
      const instance = await httpInstance(cleanup, 'a', (asked, answer) =>
        answer.end(`${asked.headers['x-forwarded-proto']} ${asked.httpVersion}`),
      );
      const plain = await freePort();
      const { Frontends } = tableOf(rig.port, 'http', [instance]);
      const Redirects = [{ Host: '', Path: '/', Port: rig.port }];
      await rig.applyTable({
        Frontends: [
          { ...Frontends[0]!, TLS: true },
          { Listen: plain, Mode: 'http', Routes: [], Redirects },
        ],
      });
      await until('it is ready', () => rig.state(instance) === 'ready');
      const session = connectHttp2(rig.url, { rejectUnauthorized: false });
      cleanup.add(() => session.destroy());
      const stream = session.request({ ':path': '/' });
      let text = '';
      for await (const chunk of stream) text += String(chunk);
      expect(text).toBe('https 1.1');
      const answer = await fetch(`http://127.0.0.1:${plain}/x/y?z=1`, { redirect: 'manual' });
      expect(answer.status).toBe(308);
      expect(answer.headers.get('location')).toBe(`https://127.0.0.1:${rig.port}/x/y?z=1`);
    });
  });

  behaviour('h2c', () => {
    it('for clients of HTTP/1.1 as well', async () => {
      const server = createHttp2Server((asked, answer) => answer.end(`over ${asked.httpVersion}`)).listen(
        0,
        '127.0.0.1',
      );
      await once(server, 'listening');
      const sessions = new Set<{ destroy(): void }>();
      server.on('session', (session) => sessions.add(session));
      cleanup.add(() => {
        for (const session of sessions) session.destroy();
        server.close();
      });
      const rig = await start({ server: { Protocol: 'h2c' } });
      const check = { Type: 'http' as const, Path: '/', Method: 'GET', IntervalMs: 1000, TimeoutMs: 500 };
      const instance = { id: 'a', port: portOf(server as never) };
      await rig.apply([instance], [], { Check: check });
      await until('it is ready', () => rig.state(instance) === 'ready');
      expect(await answerOf(rig.url)).toBe('200 over 2.0');
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
    it('of the answer', async () => {
      const { rig, instance } = await proxied(() => {});
      const pending = answerOf(rig.url);
      await until('it is in flight', () => rig.inFlight(instance) === 1);
      await rig.apply([], [instance], { DrainDeadlineMs: 100 });
      expect(await pending).toMatch(/^503 the instance of .* has to stop/);
    });
  });

  behaviour('timeouts', () => {
    it('so that an answer that has begun may pause longer', async () => {
      const { rig, instance } = await proxied((_, answer) => {
        answer.write('begun');
        setTimeout(() => answer.end(' ended'), 700);
      });
      await rig.apply([instance], [], { RequestTimeoutMs: 300 });
      await until('it is ready', () => rig.state(instance) === 'ready');
      expect(await answerOf(rig.url)).toBe('200 begun ended');
    });
  });

  behaviour('hop', () => {
    it('those that the client names in "Connection" included', async () => {
      const seen: IncomingMessage['headers'][] = [];
      const { rig } = await proxied((asked, answer) => {
        seen.push(asked.headers);
        answer.end('ok');
      });
      const headers = { connection: 'close, x-secret', 'x-secret': 'of this hop' };
      expect(await answerOf(rig.url, { headers })).toBe('200 ok');
      expect(seen[0]).not.toHaveProperty('x-secret');
    });
  });

  behaviour('stream', () => {
    it('10 MB each way, in chunks', async () => {
      const { rig } = await proxied((asked, answer) => void asked.pipe(answer));
      const body = randomBytes(10 * 1024 * 1024);
      const asked = request(rig.url, { method: 'POST' });
      for (let at = 0; at < body.length; at += 65536) asked.write(body.subarray(at, at + 65536));
      asked.end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(body)).toBe(true);
    });

    it('and does not read a response faster than its client takes it', async () => {
      let sent = 0;
      const piece = randomBytes(65536);
      const { rig } = await proxied((_, answer) => {
        const more = () => {
          while (sent < 400 * piece.length) {
            sent += piece.length;
            if (!answer.write(piece)) return void answer.once('drain', more);
          }
          answer.end();
        };
        more();
      });
      const asked = request(rig.url).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      response.pause();
      let before = -1;
      while (sent !== before) {
        before = sent;
        await delay(100);
      }
      expect(sent).toBeLessThan(300 * piece.length);
      response.destroy();
    });
  });

  behaviour('tcp', () => {
    it('and counts the connection until it ends', async () => {
      const rig = await start({ mode: 'tcp' });
      const instance = await rawInstance(cleanup, 'a', (socket) => {
        socket.on('data', (bytes) => socket.write(`echo ${bytes}`));
      });
      await rig.apply([instance]);
      await until('it is ready', () => rig.state(instance) === 'ready');
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('hello');
      await until('it is echoed', () => client.text() === 'echo hello');
      await rig.apply([], [instance]);
      expect(rig.state(instance)).toBe('draining');
      client.socket.write('again');
      await until('it is echoed', () => client.text() === 'echo helloecho again');
      client.socket.destroy();
      await until('it is drained', () => rig.state(instance) === 'drained');
    });

    it('and holds a connection until an instance is ready', async () => {
      const rig = await start({ mode: 'tcp' });
      await rig.apply([]);
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('hello');
      const instance = await rawInstance(cleanup, 'a', (socket) => socket.on('data', (bytes) => socket.write(bytes)));
      await rig.apply([instance]);
      await until('it is echoed', () => client.text() === 'hello');
    });
  });

  behaviour('websocket', () => {
    it('which outlives the drain of its instance', async () => {
      const { rig, instance } = await proxied(says('ok'));
      const sockets = new WebSocketServer({ server: instance.server });
      cleanup.add(() => sockets.close());
      sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${String(data)}`)));
      const client = new WebSocket(rig.url.replace('http', 'ws'));
      await once(client, 'open');
      client.send('one');
      expect(String((await once(client, 'message'))[0])).toBe('echo one');
      await until('it is in flight', () => rig.inFlight(instance) === 1);
      await rig.apply([], [instance]);
      client.send('two');
      expect(String((await once(client, 'message'))[0])).toBe('echo two');
      await delay(20);
      expect(rig.state(instance)).toBe('draining');
      client.close();
      await until('it is drained', () => rig.state(instance) === 'drained');
    });
  });

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
      expect(got.requests).toBeGreaterThan(UPDATES * 25);
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

  /** How many of `count` requests the canary gets at a weight. */
  async function sharesOf(weights: readonly number[], count: number): Promise<number[]> {
    const rig = await start();
    const [a, b] = [await httpInstance(cleanup, 's', says('s')), await httpInstance(cleanup, 'c', says('c'))];
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    cleanup.add(() => agent.destroy());
    const shares: number[] = [];
    for (const weight of weights) {
      await rig.apply([], [], { Pools: [{ ...pool([a]), Weight: 100 - weight }, canary(weight, [b])] });
      await until('both are ready', () => areAll(rig, [a, b], 'ready'));
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
      const [tenth, none, all, one] = await sharesOf([10, 0, 100, 1], 1000);
      // Four standard deviations of a fair choice, 100 ± 38 and 10 ± 12.6.
      expect(tenth).toBeGreaterThan(62);
      expect(tenth).toBeLessThan(138);
      expect(none).toBe(0);
      expect(all).toBe(1000);
      expect(one).toBeLessThan(23);
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
  });

  /** One instance beside one canary that has a share. */
  async function tried(changes: Partial<Backend>, percent: number) {
    const rig = await start();
    const both = [await httpInstance(cleanup, 's', says('s')), await httpInstance(cleanup, 'c', says('c'))] as const;
    const Pools = [{ ...pool([both[0]]), Weight: 100 - percent }, canary(percent, [both[1]])];
    await rig.apply([], [], { ...changes, Pools });
    await until('both are ready', () => areAll(rig, both, 'ready'));
    return rig;
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
      const load = hammer({ url: rig.url, workers: 16, pauseMs: 5 });
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
      await rig.apply([], [], { HoldMs: 300 });
      const startedMs = performance.now();
      const waiting = [answerOf(rig.url), answerOf(rig.url)];
      await delay(50);
      expect(await answerOf(rig.url)).toMatch(/^503 /);
      expect(performance.now() - startedMs).toBeLessThan(290);
      expect(await Promise.all(waiting)).toEqual(Array(2).fill('503 no instance of default/web/web is ready'));
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(290);
    });

    it('and sends none that its client has given up', async () => {
      const rig = await start();
      await rig.apply([]);
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('GET /given-up HTTP/1.1\r\nHost: h\r\n\r\n');
      await delay(50);
      client.socket.resetAndDestroy();
      await delay(50);
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
      const { rig, instance } = await proxied((_, answer) => {
        release = () => answer.end('slow');
      });
      const pending = answerOf(rig.url);
      await until('it is in flight', () => rig.inFlight(instance) === 1 && release !== undefined);
      const stopped = rig.stop();
      await delay(100);
      expect(await answerOf(rig.url)).toBe('ECONNREFUSED');
      release!();
      expect(await pending).toBe('200 slow');
      await stopped;
    });
  });

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
        if (asked.url === '/long') await delay(300);
        answer.end();
      });
      const of = () => rig.plane.figures().find(({ Pool }) => Pool === 'stable')!;
      const took = async (path: string) => {
        const before = of().LatencySumMs!;
        await answerOf(`${rig.url}${path}`);
        return of().LatencySumMs! - before;
      };
      await took('');
      expect(await took('slow')).toBeGreaterThanOrEqual(55);
      expect(await took('long')).toBeLessThan(300);
      expect(of().Latency!.reduce((sum, count) => sum + count, 0)).toBe(3);
    });
  });
}

async function wholeAnswer(url: string, headers: Record<string, string>) {
  const asked = request(url, { headers });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of answer) text += piece;
  return { headers: answer.headers, text };
}
