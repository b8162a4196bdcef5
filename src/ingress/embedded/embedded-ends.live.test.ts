/** How connections begin and end besides their requests: PROXY headers, timeouts, stickiness, and the last word of a drain. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { DEFAULT_TIMEOUTS } from './connection-deps.ts';
import {
  answerOf,
  Cleanup,
  httpInstance,
  type Instance,
  type Rig,
  rawClient,
  rawInstance,
  startRig,
  until,
  withPatience,
} from './live-rig.ts';
import { parseProxyHeader, renderProxyHeader } from './proxy-protocol.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function isReady(rig: Rig, ...instances: Instance[]) {
  await until('all are ready', () => instances.every((instance) => rig.state(instance) === 'ready'));
}

/** Answers with what it was told of its client. */
const echo = (asked: IncomingMessage) =>
  ['for', 'proto', 'host', 'port'].map((name) => asked.headers[`x-forwarded-${name}`] ?? '-').join(' ');

const ENDS = { client: { address: '203.0.113.7', port: 4711 }, local: { address: '198.51.100.1', port: 80 } };

describe('who the client is', () => {
  it.each(['v1', 'v2'] as const)('is what a trusted load balancer says in a PROXY header (%s)', async (version) => {
    const rig = await startRig(cleanup, { trustedProxies: ['127.0.0.0/8'], acceptsProxyProtocol: true });
    const instance = await httpInstance(cleanup, 'a', (asked, answer) => answer.end(`<${echo(asked)}>`));
    await rig.apply([instance]);
    await isReady(rig, instance);
    const client = await rawClient(cleanup, rig.port);
    const header = renderProxyHeader(version, ENDS);
    client.socket.write(header.subarray(0, 9));
    await delay(20);
    const head = 'GET / HTTP/1.1\r\nHost: a.com\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: close\r\n\r\n';
    client.socket.write(Buffer.concat([header.subarray(9), Buffer.from(head)]));
    await until('it is answered', () => client.state.isClosed);
    expect(client.text()).toContain('<203.0.113.7 http a.com 80>');
    const liar = await rawClient(cleanup, rig.port);
    liar.socket.write('GET / HTTP/1.1\r\nHost: a.com\r\n\r\n');
    await until('who begins otherwise is closed', () => liar.state.isClosed);
    expect(liar.text()).toBe('');
  });

  it('is what a trusted load balancer says in X-Forwarded-*, and nobody else', async () => {
    const instance = await httpInstance(cleanup, 'a', (asked, answer) => answer.end(echo(asked)));
    const headers = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' };
    const ask = async (rig: Rig) => {
      await rig.apply([instance]);
      await isReady(rig, instance);
      return await answerOf(rig.url, { headers: { ...headers, host: 'a.com' } } as never);
    };
    const trusting = await startRig(cleanup, { trustedProxies: ['127.0.0.1'] });
    expect(await ask(trusting)).toBe('200 1.2.3.4, 127.0.0.1 https a.com 443');
    const plain = await startRig(cleanup);
    expect(await ask(plain)).toBe(`200 127.0.0.1 http a.com ${plain.port}`);
  });

  it.each(['v1', 'v2'] as const)(
    'is told to the instance in a PROXY header (%s), one connection each',
    async (SendProxy) => {
      const rig = await startRig(cleanup, { server: { SendProxy } });
      const seen: string[] = [];
      const instance = await rawInstance(cleanup, 'a', (socket) => {
        let bytes = Buffer.alloc(0);
        socket.on('data', (more) => {
          bytes = Buffer.concat([bytes, more]);
          const header = parseProxyHeader(bytes);
          if (header?.rest === undefined) return;
          seen.push(header.ends?.client.address ?? 'nobody');
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        });
      });
      await rig.apply([instance], [], {
        Check: { Type: 'http', Path: '/', Method: '', IntervalMs: 60_000, TimeoutMs: 1000 },
      });
      await isReady(rig, instance);
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      cleanup.add(() => agent.destroy());
      for (let turn = 0; turn < 3; turn++) expect(await answerOf(rig.url, { agent })).toBe('200 ok');
      expect(seen).toEqual(['nobody', '127.0.0.1', '127.0.0.1', '127.0.0.1']);
    },
  );
});

describe('a client that is too slow', () => {
  it('with the head or the body of its request hears 408', async () => {
    const instance = await httpInstance(cleanup, 'a', (asked, answer) => asked.pipe(answer));
    await withPatience(async (headMs) => {
      const rig = await startRig(cleanup, { timeouts: { ...DEFAULT_TIMEOUTS, headMs } });
      await rig.apply([instance]);
      await isReady(rig, instance);
      const [loris, stalled] = [await rawClient(cleanup, rig.port), await rawClient(cleanup, rig.port)];
      loris.socket.write('GET / HTTP/1.1\r\nHost: a');
      stalled.socket.write('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n');
      await until('both are closed', () => loris.state.isClosed && stalled.state.isClosed);
      expect(loris.text()).toMatch(/^HTTP\/1.1 408 .*the request did not come\n$/s);
      expect(stalled.text()).toMatch(/^HTTP\/1.1 408 .*the rest of the request did not come\n$/s);
      await until('nothing is in flight', () => rig.inFlight(instance) === 0);
    }, 100);
  });
});

describe('an instance that goes silent', () => {
  it('in the middle of its answer is cut off', async () => {
    const rig = await startRig(cleanup);
    const instance = await httpInstance(cleanup, 'a', (_, answer) => void answer.write('begun'));
    await withPatience(async (ms) => {
      await rig.apply([instance], [], { IdleTimeoutMs: ms });
      await isReady(rig, instance);
      expect(await answerOf(rig.url)).toBe('ECONNRESET');
    }, 100);
  });
});

describe('a sticky client', () => {
  it('comes back to its instance, and gets another one when that leaves', async () => {
    const rig = await startRig(cleanup);
    const instances = await Promise.all(
      ['a', 'b', 'c'].map((id) => httpInstance(cleanup, id, (_, answer) => answer.end(id))),
    );
    const sticky = { StickyCookie: 'who' };
    await rig.apply(instances, [], sticky);
    await isReady(rig, ...instances);
    const ask = async (cookie: string | undefined) => {
      const asked = request(rig.url, cookie === undefined ? {} : { headers: { cookie } }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      const [body] = (await once(answer, 'data')) as [Buffer];
      return { body: body.toString(), set: answer.headers['set-cookie']?.[0] };
    };
    const first = await ask(undefined);
    expect(first.set).toMatch(/^who=[0-9a-f]{16}; Path=\/; HttpOnly; SameSite=Lax$/);
    const cookie = first.set!.split(';')[0]!;
    for (let turn = 0; turn < 9; turn++)
      expect(await ask(`x=1; ${cookie}`)).toEqual({ body: first.body, set: undefined });
    const leaving = instances.find(({ id }) => id === first.body)!;
    await rig.apply(
      instances.filter((each) => each !== leaving),
      [leaving],
      sticky,
    );
    const moved = await ask(cookie);
    expect(moved.body).not.toBe(first.body);
    expect(await ask(moved.set!.split(';')[0])).toEqual({ body: moved.body, set: undefined });
    expect((await ask('who=nonsense')).set).toBeDefined();
  });
});

describe('what is in flight when the time of a drain is up', () => {
  const hurry = { DrainDeadlineMs: 500 };

  it('is ended in its own words: WebSockets, event streams, requests; and what cannot be, is seen to break off', async () => {
    const rig = await startRig(cleanup);
    let seen = 0;
    const instance = await httpInstance(cleanup, 'a', (asked, answer) => {
      seen++;
      if (asked.url === '/events') answer.setHeader('content-type', 'text/event-stream').write('data: 1\n\n');
      if (asked.url === '/download') answer.write('half');
    });
    const closes: number[] = [];
    const sockets = new WebSocketServer({ server: instance.server });
    sockets.on('connection', (socket) => socket.on('close', (code) => closes.push(code)));
    await rig.apply([instance], [], hurry);
    await isReady(rig, instance);
    const socket = new WebSocket(rig.url.replace('http', 'ws'));
    await once(socket, 'open');
    const closed = once(socket, 'close');
    const answers = ['events', 'download', 'slow'].map((path) => answerOf(rig.url + path));
    await until('all are there', () => seen === 3);
    await rig.apply([], [instance], hurry);
    expect((await closed)[0]).toBe(1001);
    expect(await Promise.all(answers)).toEqual([
      '200 data: 1',
      'ECONNRESET',
      '503 the instance of default/web/web that had this request has to stop: send it again',
    ]);
    await until('it is drained', () => rig.state(instance) === 'drained');
    expect(closes).toEqual([1001]);
  });

  it('of HTTP/2 is ended request by request: its connection stays', async () => {
    const rig = await startRig(cleanup);
    let seen = 0;
    const slow = await httpInstance(cleanup, 'a', (asked, answer) => {
      seen++;
      if (asked.url === '/download') answer.write('half');
    });
    const next = await httpInstance(cleanup, 'b', (_, answer) => answer.end('next'));
    await rig.apply([slow], [], hurry);
    await isReady(rig, slow);
    const session = connectHttp2(rig.url);
    cleanup.add(() => session.destroy());
    const waiting = session.request({ ':path': '/' });
    const [download] = [session.request({ ':path': '/download' })];
    const cut = once(download, 'error');
    let isWhole = false;
    download.on('end', () => {
      isWhole = true;
    });
    download.resume();
    await until('both are there', () => seen === 2);
    await rig.apply([next], [slow], hurry);
    const [answer] = await once(waiting, 'response');
    expect(answer[':status']).toBe(503);
    expect(String((await cut)[0])).toMatch(/NGHTTP2_INTERNAL_ERROR/);
    expect(isWhole).toBe(false);
    await isReady(rig, next);
    const [again] = await once(session.request({ ':path': '/' }), 'response');
    expect(again[':status']).toBe(200);
  });

  it('has all the time it wants where the instance is only kept', async () => {
    const rig = await startRig(cleanup, { server: { IsKept: true } });
    let finish: (() => void) | undefined;
    const instance = await httpInstance(cleanup, 'a', (_, answer) => {
      finish = () => answer.end('late');
    });
    await rig.apply([instance], [], hurry);
    await isReady(rig, instance);
    const pending = answerOf(rig.url);
    await until('it is there', () => finish !== undefined);
    await rig.apply([], [instance], hurry);
    await delay(800);
    finish?.();
    expect(await pending).toBe('200 late');
  });
});

describe('100 MB', () => {
  const PIECE = Buffer.alloc(256 * 1024, 'x');
  const SIZE = 400 * PIECE.length;

  /** Bytes that one side has sent and the other has not got, at the most. */
  class Way {
    #sent = 0;
    #got = 0;
    most = 0;

    async send(into: { write(piece: Buffer): boolean; once: Writable['once'] }, size: number): Promise<void> {
      for (const end = this.#sent + size; this.#sent < end; ) {
        this.#sent += PIECE.length;
        this.most = Math.max(this.most, this.#sent - this.#got);
        if (!into.write(PIECE)) await once(into as Writable, 'drain');
      }
    }

    take(bytes: Buffer): void {
      this.#got += bytes.length;
    }

    get got(): number {
      return this.#got;
    }
  }

  it('go through in both directions, by HTTP/1 and HTTP/2, and little of it is held on the way', async () => {
    const [up, down] = [new Way(), new Way()];
    const rig = await startRig(cleanup);
    const instance = await httpInstance(cleanup, 'a', (asked, answer) => {
      asked.on('data', (bytes: Buffer) => up.take(bytes));
      asked.on('end', async () => {
        await down.send(answer, up.got > SIZE ? SIZE / 8 : SIZE);
        answer.end();
      });
    });
    await rig.apply([instance]);
    await isReady(rig, instance);
    const asked = request(rig.url, { method: 'POST' });
    await up.send(asked, SIZE);
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    for await (const bytes of answer) down.take(bytes as Buffer);
    expect([up.got, down.got]).toEqual([SIZE, SIZE]);
    const session = connectHttp2(rig.url);
    cleanup.add(() => session.destroy());
    const stream = session.request({ ':path': '/', ':method': 'POST' });
    await up.send(stream, SIZE / 8);
    stream.end();
    for await (const bytes of stream) down.take(bytes as Buffer);
    expect([up.got, down.got]).toEqual([SIZE + SIZE / 8, SIZE + SIZE / 8]);
    expect(Math.max(up.most, down.most)).toBeLessThan(32 * 1024 * 1024);
  });
});
