/** What the client sends, and what it makes of answers that are none of Consul's. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ConsulClient } from './consul-client.ts';

const never = new AbortController().signal;
const own: Server[] = [];

afterEach(async () => {
  for (const server of own) server.closeAllConnections();
  await Promise.all(own.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(server: Server): Promise<number> {
  own.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const answering =
  (status: number, text: string, seen: IncomingMessage[] = []): RequestListener =>
  (request, response) => {
    seen.push(request);
    request.resume();
    response.writeHead(status).end(text);
  };

async function clientOf(status: number, text: string, seen: IncomingMessage[] = []): Promise<ConsulClient> {
  const port = await listen(createServer(answering(status, text, seen)));
  return new ConsulClient({ url: `http://127.0.0.1:${port}`, token: 'secret' });
}

describe('the client of Consul', () => {
  it('shows its token, and writes ids so that they are one part of the path', async () => {
    const seen: IncomingMessage[] = [];
    await (await clientOf(200, '', seen)).deregister('a/b "c"', never);
    expect(seen[0]).toMatchObject({ method: 'PUT', url: '/v1/agent/service/deregister/a%2Fb%20%22c%22' });
    expect(seen[0]?.headers['x-consul-token']).toBe('secret');
  });

  it.each([
    [403, 'Permission denied', /answers GET \/v1\/agent\/services with 403: Permission denied; set consul \{ token \}/],
    [500, 'No cluster leader', /answers GET \/v1\/agent\/services with 500: No cluster leader$/],
    [200, '<html>', /is no Consul agent: its answer is no JSON/],
  ])('says what it was told: %i %s', async (status, text, expected) => {
    await expect((await clientOf(status, text)).services(never)).rejects.toThrow(expected);
  });

  it('believes the certificates that it is told to believe, and no others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'serin-consul-tls-'));
    const names = ['-subj', '/CN=consul', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const words = ['req', '-x509', ...curve, ...names, '-keyout', 'key.pem', '-out', 'cert.pem'];
    execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
    const [key, cert] = ['key.pem', 'cert.pem'].map((file) => readFileSync(join(folder, file), 'utf8'));
    rmSync(folder, { recursive: true });
    const url = `https://127.0.0.1:${await listen(createHttps({ key, cert }, answering(200, '{}')))}`;
    const clientWith = (tls: object) => new ConsulClient({ url, token: '', tls: { rejectUnauthorized: true, ...tls } });
    await expect(clientWith({}).services(never)).rejects.toThrow(/self-signed certificate/);
    expect(await clientWith({ ca: cert }).services(never)).toEqual([]);
    expect(await clientWith({ rejectUnauthorized: false }).services(never)).toEqual([]);
  });
});
