import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { request as requestTls } from 'node:https';
import { connect as connectNet } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { Certificates } from '../certificates.ts';
import {
  answerOf,
  Cleanup,
  httpInstance,
  portOf,
  type Rig,
  type RigOptions,
  rawInstance,
  startRig,
  until,
} from './live-rig.ts';
import { makeCertificate } from './testing-certificates.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'serin-ingress-tls-'));
  cleanup.add(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function certificatesIn(path: string): Promise<Certificates> {
  const certificates = new Certificates({ paths: [path], clock: systemClock, log: silentLog });
  await certificates.load();
  return certificates;
}

/** A rig with TLS and one certificate, for whoever asks. */
async function tlsRig(options: RigOptions = {}): Promise<Rig> {
  const path = folder();
  makeCertificate(path, 'any', ['DNS:localhost', 'IP:127.0.0.1']);
  return await startRig(cleanup, { hasTls: true, certificates: await certificatesIn(path), ...options });
}

async function ready(rig: Rig, instance: { readonly id: string; readonly port: number }, changes = {}) {
  await rig.apply([instance], [], changes);
  await until('the instance is ready', () => rig.state(instance) === 'ready');
}

async function h2Instance(id: string, onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void) {
  const server = createHttp2Server();
  const sessions = new Set<{ destroy(): void; goaway(): void; close(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    onStream(stream, headers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server as never);
  const kill = () => {
    for (const session of sessions) session.destroy();
    server.close();
  };
  cleanup.add(kill);
  return { id, port, sessions, kill };
}

function h2Client(url: string): ClientHttp2Session {
  const session = connect(url, { rejectUnauthorized: false });
  session.on('error', () => {});
  cleanup.add(() => session.destroy());
  return session;
}

interface H2Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: string;
}

async function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: Buffer | string,
): Promise<H2Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  let answered: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  stream.on('response', (got) => {
    answered = got;
  });
  stream.on('trailers', (got) => {
    trailers = got;
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const status = (answered as Record<string, unknown>)[':status'] as number | undefined;
  return { status, headers: answered, trailers, body: Buffer.concat(chunks).toString() };
}

describe('a port with TLS', () => {
  it('shows the certificate of the name that is asked for, and a new one as soon as it is there', async () => {
    const path = folder();
    makeCertificate(path, 'a', ['DNS:a.example']);
    makeCertificate(path, 'b', ['DNS:*.b.example']);
    const certificates = await certificatesIn(path);
    const rig = await startRig(cleanup, { hasTls: true, certificates });
    await rig.apply([]);
    const shown = async (servername: string) => {
      const socket: TLSSocket = connectTls({
        port: rig.port,
        host: '127.0.0.1',
        servername,
        rejectUnauthorized: false,
      });
      await once(socket, 'secureConnect');
      const { subject, fingerprint } = socket.getPeerCertificate();
      socket.destroy();
      return { name: subject.CN, fingerprint };
    };
    await until('it listens', () => rig.plane.problems().length === 0);
    expect((await shown('a.example')).name).toBe('a');
    expect((await shown('x.b.example')).name).toBe('b');
    expect((await shown('other.example')).name).toBe('a');
    const before = await shown('a.example');
    makeCertificate(path, 'a', ['DNS:a.example']);
    await certificates.load();
    expect(await shown('a.example')).not.toEqual(before);
  });

  it('keeps a certificate of a folder whose file or key is bad for a moment, until the file is gone', async () => {
    const path = folder();
    const a = makeCertificate(path, 'a', ['DNS:a.example']);
    makeCertificate(path, 'b', ['DNS:b.example']);
    const certificates = await certificatesIn(path);
    const names = () => certificates.all.flatMap((each) => each.names);
    writeFileSync(a, '');
    rmSync(join(path, 'b.key'));
    await certificates.load();
    expect(names()).toEqual(['a.example', 'b.example']);
    expect(certificates.problems).toEqual([
      expect.stringMatching(/a\.crt cannot be used: no certificate in PEM form/),
      expect.stringMatching(/b\.crt cannot be used: its key is missing/),
    ]);
    rmSync(a);
    await certificates.load();
    expect(names()).toEqual(['b.example']);
  });

  it('without a certificate says so, and serves once there is one', async () => {
    const path = folder();
    const certificates = await certificatesIn(path);
    const rig = await startRig(cleanup, { hasTls: true, certificates });
    await rig.apply([]);
    expect(rig.plane.problems()).toEqual([
      { Listen: rig.port, Message: expect.stringMatching(/needs TLS and there is no certificate; name a file/) },
    ]);
    makeCertificate(path, 'a', ['DNS:a.example']);
    await certificates.load();
    await until('it listens', () => rig.plane.problems().length === 0);
  });

  it('takes HTTP/1.1, HTTP/2 and WebSockets, and tells the instance that it was https', async () => {
    const rig = await tlsRig();
    const instance = await httpInstance(cleanup, 'a', (asked, answer) =>
      answer.end(`${asked.method} ${asked.headers['x-forwarded-proto']} ${asked.headers.host}`),
    );
    const sockets = new WebSocketServer({ server: instance.server });
    sockets.on('connection', (socket) => socket.on('message', (text) => socket.send(`got ${text}`)));
    await ready(rig, instance);
    const asked = requestTls(rig.url, { rejectUnauthorized: false }).end();
    const [answer] = await once(asked, 'response');
    const [body] = await once(answer, 'data');
    expect(String(body)).toBe(`GET https 127.0.0.1:${rig.port}`);
    expect((await ask(h2Client(rig.url), { ':path': '/' })).body).toBe(`GET https 127.0.0.1:${rig.port}`);
    const socket = new WebSocket(`wss://127.0.0.1:${rig.port}/`, { rejectUnauthorized: false });
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('got hello');
    socket.close();
    await once(socket, 'close');
  });

  it('speaks TLS after the PROXY header of a load balancer', async () => {
    const rig = await tlsRig({ trustedProxies: ['127.0.0.1'], acceptsProxyProtocol: true });
    const instance = await httpInstance(cleanup, 'a', (asked, answer) =>
      answer.end(`${asked.headers['x-forwarded-for']} ${asked.headers['x-forwarded-port']}`),
    );
    await ready(rig, instance);
    const raw = connectNet(rig.port, '127.0.0.1');
    raw.write('PROXY TCP4 203.0.113.7 198.51.100.1 4711 443\r\n');
    const socket = connectTls({ socket: raw, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect');
    const session = connect('https://a.com', { createConnection: () => socket });
    cleanup.add(() => session.destroy());
    expect((await ask(session, { ':path': '/' })).body).toBe('203.0.113.7 443');
  });

  it('may carry anything in mode "tcp"; a connection that outlives its drain is ended', async () => {
    const rig = await tlsRig({ mode: 'tcp' });
    const instance = await rawInstance(cleanup, 'a', (socket) => socket.pipe(socket));
    await ready(rig, instance);
    const socket = connectTls({ port: rig.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    const closed = once(socket, 'close');
    await rig.apply([], [instance], { DrainDeadlineMs: 100 });
    await closed;
    await until('it is drained', () => rig.state(instance) === 'drained');
  });

  it.runIf(hasCurl())('answers curl over HTTP/2, and by prior knowledge without TLS', async () => {
    const instance = await httpInstance(cleanup, 'a', (_, answer) => answer.end('hello'));
    const [rig, plain] = [await tlsRig(), await startRig(cleanup)];
    await ready(rig, instance);
    await ready(plain, instance);
    const curl = (...words: string[]) => execCurl(['-s', '-w', ' %{http_version} %{http_code}', ...words]);
    expect(await curl('-k', '--http2', rig.url)).toBe('hello 2 200');
    expect(await curl('--http2-prior-knowledge', plain.url)).toBe('hello 2 200');
    expect(await curl('--http2', plain.url)).toBe('hello 1.1 200');
  });
});

describe('requests of HTTP/2', () => {
  it('share a connection, each routed and answered for itself, with its body both ways', async () => {
    const rig = await startRig(cleanup);
    const instance = await httpInstance(cleanup, 'a', (asked, answer) => {
      const cookie = asked.headers.cookie ?? '';
      answer.setHeader('set-cookie', ['a=1', 'b=2']).setHeader('x-seen', `${asked.url} ${cookie}`);
      answer.setHeader('connection', 'keep-alive');
      asked.pipe(answer);
    });
    await ready(rig, instance);
    const session = h2Client(rig.url);
    const body = 'x'.repeat(100_000);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        ask(session, { ':path': `/${at}`, ':method': 'POST', cookie: 'c=3' }, at % 2 ? body : ''),
      ),
    );
    for (const [at, answer] of answers.entries()) {
      expect(answer).toMatchObject({ status: 200, headers: { 'x-seen': `/${at} c=3`, 'set-cookie': ['a=1', 'b=2'] } });
      expect(answer.body).toBe(at % 2 ? body : '');
    }
    expect(await ask(session, { ':path': '/', ':method': 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it.each(['http', 'https', 'h2c'])(
    'that break off half-way never look whole to an instance (%s)',
    async (protocol) => {
      const seen: string[] = [];
      const isH2c = protocol === 'h2c';
      const options: RigOptions = isH2c ? { server: { Protocol: 'h2c' } } : {};
      const rig = protocol === 'https' ? await tlsRig() : await startRig(cleanup, options);
      const watch = (asked: IncomingMessage | ServerHttp2Stream) => {
        asked.on('data', () => seen.push('data'));
        asked.on('end', () => seen.push((asked as ServerHttp2Stream).closed ? 'reset' : 'end'));
        asked.on('error', () => {});
        asked.on('close', () => seen.push('close'));
      };
      const instance = isH2c ? await h2Instance('a', watch) : await httpInstance(cleanup, 'a', watch);
      await ready(rig, instance);
      const session = h2Client(rig.url);
      const stream = session.request({ ':path': '/', ':method': 'POST' });
      stream.on('error', () => {});
      stream.write('half');
      await until('half of it is there', () => seen.includes('data'));
      session.destroy();
      await until('it is over', () => seen.includes('close'));
      expect(seen).not.toContain('end');
      await until('nothing is in flight', () => rig.inFlight(instance) === 0);
    },
  );

  it('wait for an instance as others do, and hear why when none comes', async () => {
    const rig = await startRig(cleanup);
    await rig.apply([], [], { HoldMs: 30 });
    const answer = await ask(h2Client(rig.url), { ':path': '/' });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(answer.body).toBe('no instance of default/web/web is ready\n');
  });

  it('are told with GOAWAY that no more are taken, and what is in flight ends', async () => {
    const rig = await startRig(cleanup);
    let finish: (() => void) | undefined;
    const instance = await httpInstance(cleanup, 'a', (_, answer) => {
      finish = () => answer.end('late');
    });
    await ready(rig, instance);
    const session = h2Client(rig.url);
    const pending = ask(session, { ':path': '/' });
    await until('it is there', () => finish !== undefined);
    const goaway = once(session, 'goaway');
    const stopped = rig.stop();
    expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR);
    finish?.();
    expect(await pending).toMatchObject({ status: 200, body: 'late' });
    await stopped;
  });
});

describe('an instance that speaks h2c', () => {
  const server = { Protocol: 'h2c' as const };

  it('gets requests with their trailers and answers with its own, as gRPC does', async () => {
    const rig = await startRig(cleanup, { server });
    const instance = await h2Instance('a', (stream, headers) => {
      if (headers[':path'] === '/denied') {
        stream.respond({ ':status': 200, 'grpc-status': '7' }, { endStream: true });
        return;
      }
      const chunks: Buffer[] = [];
      let sum = '';
      stream.on('data', (bytes: Buffer) => chunks.push(bytes));
      stream.on('trailers', (trailers: IncomingHttpHeaders) => {
        sum = String(trailers['x-sum']);
      });
      stream.on('end', () => {
        stream.respond({ ':status': 200, 'x-te': String(headers.te) }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'x-sum': sum }));
        stream.end(Buffer.concat(chunks));
      });
    });
    await ready(rig, instance);
    const session = h2Client(rig.url);
    const stream = session.request({ ':path': '/echo', ':method': 'POST', te: 'trailers' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }));
    const answered = once(stream, 'response');
    const trailed = once(stream, 'trailers');
    stream.end('hello');
    expect((await answered)[0]).toMatchObject({ ':status': 200, 'x-te': 'trailers' });
    expect(String((await once(stream, 'data'))[0])).toBe('hello');
    expect((await trailed)[0]).toMatchObject({ 'grpc-status': '0', 'x-sum': '42' });
    const denied = await ask(session, { ':path': '/denied', ':method': 'POST', te: 'trailers' }, 'x');
    expect(denied).toMatchObject({ status: 200, headers: { 'grpc-status': '7' }, body: '' });
  });

  it('serves clients of HTTP/1.1 too, over one connection of its own', async () => {
    const rig = await startRig(cleanup, { server });
    const instance = await h2Instance('a', (stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.write(`${headers[':method']} `);
      stream.pipe(stream);
    });
    await ready(rig, instance, { Check: { Type: 'http', Path: '/', Method: '', IntervalMs: 60_000, TimeoutMs: 1000 } });
    const answers = Array.from({ length: 20 }, () => answerOf(rig.url, { method: 'POST' }, 'body'));
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['200 POST body']));
    expect(instance.sessions.size).toBeLessThan(3);
  });

  it('may say goodbye or refuse at any time: what it has not looked at goes to the next', async () => {
    const rig = await startRig(cleanup, { server });
    let refused = 0;
    const shy = await h2Instance('a', (stream) => {
      refused++;
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    const good = await h2Instance('b', (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('ok');
      stream.session?.goaway();
    });
    await rig.apply([shy, good]);
    await until('both are ready', () => rig.state(shy) === 'ready' && rig.state(good) === 'ready');
    const answers: string[] = [];
    for (let turn = 0; turn < 20; turn++)
      answers.push(await answerOf(rig.url, { method: turn % 2 ? 'GET' : 'DELETE' }));
    expect(new Set(answers)).toEqual(new Set(['200 ok']));
    expect(refused).toBeGreaterThan(0);
  });
});

describe('updates under load', () => {
  it('drop nothing over HTTP/2, of instances that speak h2c and are gone as soon as they are drained', async () => {
    const rig = await startRig(cleanup, { server: { Protocol: 'h2c' } });
    const next = async (version: number) =>
      await h2Instance(`v${version}`, (stream) => {
        stream.resume();
        stream.on('end', () => setTimeout(() => answer(stream, version), Math.random() * 4));
      });
    let current = await next(0);
    await ready(rig, current);
    const stop = new AbortController();
    const sessions = Array.from({ length: 3 }, () => h2Client(rig.url));
    const result = { bodies: new Set<string>(), failures: [] as string[], requests: 0 };
    const work = async (session: ClientHttp2Session, at: number) => {
      while (!stop.signal.aborted) {
        const body = at % 2 === 0 ? undefined : 'x'.repeat(1000);
        const got = await ask(session, { ':path': '/', ':method': body === undefined ? 'GET' : 'POST' }, body).catch(
          (error: unknown) => ({ status: String(error), body: '' }),
        );
        result.requests++;
        if (got.status === 200) result.bodies.add(got.body);
        else result.failures.push(`${got.status} ${got.body}`);
      }
    };
    const workers = sessions.flatMap((session) => [0, 1, 2, 3].map((at) => work(session, at)));
    for (let version = 1; version <= 10; version++) {
      const [old, young] = [current, await next(version)];
      await rig.apply([old, young]);
      await until('the new one is ready', () => rig.state(young) === 'ready');
      await rig.apply([young], [old]);
      await until('the old one is drained', () => rig.state(old) === 'drained');
      old.kill();
      await rig.apply([young]);
      await until('the new one has answered', () => result.bodies.has(`version ${version}`));
      current = young;
    }
    stop.abort();
    await Promise.all(workers);
    expect(result.failures).toEqual([]);
    expect(result.bodies.size).toBeGreaterThanOrEqual(10);
    expect(result.requests).toBeGreaterThan(100);
    expect(sessions.every(({ closed, destroyed }) => !closed && !destroyed)).toBe(true);
  });

  function answer(stream: ServerHttp2Stream, version: number): void {
    if (stream.destroyed) return;
    stream.respond({ ':status': 200 });
    stream.end(`version ${version}`);
  }
});

function hasCurl(): boolean {
  try {
    return execFileSync('curl', ['--version']).toString().includes('HTTP2');
  } catch {
    return false;
  }
}

async function execCurl(words: readonly string[]): Promise<string> {
  const { execFile } = await import('node:child_process');
  return await new Promise((resolve, reject) => {
    execFile('curl', [...words], (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
}
