import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Cleanup, httpInstance, rawClient, rawInstance, startRig, until } from './live-rig.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const TEN_MB = 10 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

async function ask(url: string, options: RequestOptions = {}, body?: Buffer | Buffer[]): Promise<Answer> {
  const asked = request(url, options);
  for (const piece of Array.isArray(body) ? body : []) asked.write(piece);
  asked.end(Array.isArray(body) ? undefined : body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) };
}

/** A rig with one instance that has joined. */
async function proxied(listener: Parameters<typeof httpInstance>[2]) {
  const rig = await startRig(cleanup);
  const instance = await httpInstance(cleanup, 'a', listener);
  await rig.apply([instance]);
  await until('the instance is ready', () => rig.state(instance) === 'ready');
  return { rig, instance };
}

describe('a request through the proxy', () => {
  it('reaches the instance with who asked, by which name, and without the headers of the hop', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const { rig } = await proxied((asked, answer) => {
      seen.push(asked.headers);
      answer.setHeader('keep-alive', 'timeout=5').end('ok');
    });
    const headers = {
      host: 'shop.example.com',
      connection: 'close, x-secret',
      'x-secret': 'of this hop',
      'x-forwarded-for': '10.1.1.1',
      'x-forwarded-proto': 'gopher',
      te: 'trailers',
      proxy: 'http://evil',
      'x-kept': 'yes',
    };
    const { headers: answered } = await ask(rig.url, { headers });
    expect(seen[0]).toMatchObject({
      host: 'shop.example.com',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': String(rig.port),
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'shop.example.com',
      'x-kept': 'yes',
    });
    for (const name of ['x-secret', 'te', 'proxy']) expect(seen[0]).not.toHaveProperty(name);
    expect(answered).not.toHaveProperty('keep-alive');
  });

  it('carries 10 MB each way unchanged, with a length and in chunks', async () => {
    const { rig } = await proxied((asked, answer) => {
      if (asked.headers['content-length'] !== undefined)
        answer.setHeader('content-length', asked.headers['content-length']);
      asked.pipe(answer);
    });
    const body = randomBytes(TEN_MB);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanup.add(() => agent.destroy());
    const pieces = Array.from({ length: 160 }, (_, at) => body.subarray(at * 65536, (at + 1) * 65536));
    const whole = await ask(rig.url, { method: 'POST', agent, headers: { 'content-length': TEN_MB } }, body);
    expect(whole.body.equals(body)).toBe(true);
    const chunked = await ask(rig.url, { method: 'POST', agent }, pieces);
    expect(chunked.headers['transfer-encoding']).toBe('chunked');
    expect(chunked.body.equals(body)).toBe(true);
  });

  it.each([
    ['HEAD', 'HEAD', 200, { 'content-length': '5' }],
    ['204', 'GET', 204, {}],
    ['304', 'GET', 304, { etag: '"x"' }],
  ])('that is answered without a body (%s) leaves the connection in order', async (_, method, status, headers) => {
    const { rig } = await proxied((__, answer) => answer.writeHead(status, headers).end());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanup.add(() => agent.destroy());
    for (let turn = 0; turn < 3; turn++) {
      const answer = await ask(rig.url, { method, agent });
      expect(answer).toMatchObject({ status, headers });
      expect(answer.body).toHaveLength(0);
    }
  });

  it('that expects "100 Continue" gets it from the instance', async () => {
    const { rig } = await proxied((asked, answer) => asked.pipe(answer));
    const asked = request(rig.url, { method: 'POST', headers: { expect: '100-continue', 'content-length': 5 } });
    asked.flushHeaders();
    await once(asked, 'continue');
    asked.end('hello');
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const [chunk] = (await once(response, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('hello');
  });

  it('stands in line with others on its connection: answers come in order, however slow the first', async () => {
    const { rig } = await proxied((asked, answer) => {
      setTimeout(() => answer.end(`<${asked.url}>`), asked.url === '/0' ? 60 : 0);
    });
    const client = await rawClient(cleanup, rig.port);
    client.socket.write([0, 1, 2, 3].map((at) => `GET /${at} HTTP/1.1\r\nHost: h\r\n\r\n`).join(''));
    await until('all are answered', () => client.text().includes('</3>'));
    expect(client.text().match(/<\/\d>/g)).toEqual(['</0>', '</1>', '</2>', '</3>']);
  });

  it('of HTTP/1.0 is answered without chunks, and its connection ends', async () => {
    const { rig } = await proxied((_, answer) => {
      answer.write('one ');
      answer.end('two');
    });
    const client = await rawClient(cleanup, rig.port);
    client.socket.write('GET / HTTP/1.0\r\n\r\n');
    await until('it is closed', () => client.state.isClosed);
    expect(client.text()).toMatch(/Connection: close\r\n\r\none two$/);
  });

  it('whose instance answers without a length gets chunks, and keeps its connection', async () => {
    const rig = await startRig(cleanup);
    const instance = await rawInstance(cleanup, 'a', (socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'));
    });
    await rig.apply([instance]);
    await until('it is ready', () => rig.state(instance) === 'ready');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanup.add(() => agent.destroy());
    for (let turn = 0; turn < 2; turn++) expect((await ask(rig.url, { agent })).body.toString()).toBe('until the end');
  });

  it.each([
    [
      'with two lengths',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['with a bare LF', 'GET / HTTP/1.1\nHost: h\n\n', 400],
    ['with a broken chunk', 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
    ['with a header of 40 KB', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
  ])('%s is refused, and its connection closed', async (_, text, status) => {
    const { rig, instance } = await proxied(
      (asked, answer) => void asked.resume().on('end', () => answer.end('reached')),
    );
    const client = await rawClient(cleanup, rig.port);
    client.socket.write(`${text}GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n`);
    await until('it is closed', () => client.state.isClosed);
    expect(client.text()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(client.text()).not.toContain('reached');
    await until('nothing is in flight', () => rig.inFlight(instance) === 0);
  });

  it('may be answered before it is complete: the connection goes on once it is', async () => {
    const { rig } = await proxied((asked, answer) => {
      answer.writeHead(asked.method === 'POST' ? 413 : 200).end('early');
      asked.resume();
    });
    const client = await rawClient(cleanup, rig.port);
    client.socket.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345');
    await until('it is answered', () => client.text().includes('early'));
    client.socket.write('67890GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await until('the next one is answered', () => client.text().split('early').length === 3);
    expect(client.text().match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });
});
