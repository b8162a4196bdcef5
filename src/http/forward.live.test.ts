import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forwardOverHttp } from './forward.ts';
import { parseQuery } from './query.ts';
import type { Call } from './route.ts';

let server: Server;
let seen: { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: string }[];

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.writeHead(404, { 'Content-Type': 'text/plain', 'X-Nomad-Index': '7', 'X-Other': 'stays' });
      response.end('job not found');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const elsewhere = () => ({
  Name: 'node vm',
  HTTPAddr: `127.0.0.1:${(server.address() as AddressInfo).port}`,
  TLSEnabled: false,
});

const call = (headers: Call['headers'] = {}): Call => ({
  method: 'PUT',
  url: '/v1/client/x?y=1',
  params: {},
  query: parseQuery('/v1/client/x?y=1'),
  headers,
  body: Buffer.from('{"TaskName":"web"}'),
  signal: new AbortController().signal,
});

it('a call arrives elsewhere with its token and body, and the answer comes back', async () => {
  const answer = await forwardOverHttp(elsewhere(), call({ 'x-nomad-token': 'secret', cookie: 'mine' }));
  expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'text/plain', 'x-nomad-index': '7' } });
  let text = '';
  if (answer.kind === 'stream') for await (const chunk of answer.chunks) text += chunk.toString();
  expect(text).toBe('job not found');
  expect(seen).toMatchObject([{ method: 'PUT', url: '/v1/client/x?y=1', body: '{"TaskName":"web"}' }]);
  expect(seen[0]?.headers).toMatchObject({ 'x-nomad-token': 'secret', 'x-serin-hops': '1' });
  expect(seen[0]?.headers).not.toHaveProperty('cookie');
});

it('a call that goes round in a circle ends', async () => {
  await expect(forwardOverHttp(elsewhere(), call({ 'x-serin-hops': '2' }))).rejects.toThrow('elsewhere');
});

it('an agent that does not answer is named with its address', async () => {
  const gone = { ...elsewhere(), HTTPAddr: '127.0.0.1:1' };
  await expect(forwardOverHttp(gone, call())).rejects.toThrow('node vm does not answer at 127.0.0.1:1');
});
