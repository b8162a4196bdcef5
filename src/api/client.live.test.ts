import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { SerinError } from '../lib/errors.ts';
import { ApiError, ApiUnreachable } from './api-errors.ts';
import { createApiClient } from './client.ts';

let server: http.Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: http.RequestListener): Promise<string> {
  server = http.createServer(answer);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the client', () => {
  it('asks with index, wait, namespace and token, and gives the index and the text back', async () => {
    let seen: http.IncomingMessage | undefined;
    const address = await serve((request, response) => {
      seen = request;
      response.writeHead(200, { 'x-nomad-index': '12' }).end('{"ID":"web","SubmitTime":1795191332461458177}');
    });
    const client = createApiClient({ address, token: 'secret', namespace: 'team' });
    const read = await client.jobs.read('a/b', { index: 7, waitMs: 2000 });
    expect(seen?.url).toBe('/v1/job/a%2Fb?namespace=team&index=7&wait=2000ms');
    expect(seen?.headers['x-nomad-token']).toBe('secret');
    expect(read).toMatchObject({
      data: { ID: 'web' },
      index: 12,
      text: expect.stringContaining('1795191332461458177'),
    });
    client.close();
  });

  it('reads what is compressed', async () => {
    const address = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('[{"ID":"web"}]'));
    });
    expect((await createApiClient({ address }).jobs.list()).data).toEqual([{ ID: 'web' }]);
  });

  it('gives a refusal as an error with the status and the server’s words', async () => {
    const address = await serve((_, response) => response.writeHead(404).end('job not found\n'));
    const error = await createApiClient({ address })
      .jobs.read('x')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'notFound', httpStatus: 404, text: 'job not found' });
    expect((error as Error).message).toBe('Unexpected response code: 404 (job not found)');
  });

  it('says who does not answer and why', async () => {
    const error = await createApiClient({ address: 'http://127.0.0.1:1' })
      .jobs.list()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiUnreachable);
    expect(error).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('127.0.0.1:1 (connection refused)'),
    });
  });

  it('says that what answers is no agent', async () => {
    const address = await serve((_, response) => response.end('<html>'));
    await expect(createApiClient({ address }).jobs.list()).rejects.toThrow(/is not JSON/);
    await expect(createApiClient({ address }).jobs.list()).rejects.toBeInstanceOf(SerinError);
  });

  it('ends a blocking query when its signal aborts', async () => {
    const address = await serve(() => undefined);
    const abort = new AbortController();
    const read = createApiClient({ address }).jobs.list('', { index: 1, waitMs: 60_000, signal: abort.signal });
    abort.abort();
    await expect(read).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('streams a body as it comes', async () => {
    const address = await serve((_, response) => {
      response.write('a\n');
      setImmediate(() => response.end('b\n'));
    });
    const query = { task: 't', type: 'stdout', follow: true, offset: 0, origin: 'start' } as const;
    let text = '';
    for await (const chunk of await createApiClient({ address }).allocations.logs('x', query)) text += String(chunk);
    expect(text).toBe('a\nb\n');
  });
});
