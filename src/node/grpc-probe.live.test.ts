import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { httpProbe, withTimeout } from './check-probe.ts';
import { framed, type GrpcTarget, grpcProbe, healthRequest } from './grpc-probe.ts';

const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'serin-checks-'));
const own: { close(done?: () => void): unknown }[] = [];
let tls: { readonly key: Buffer; readonly cert: Buffer };

beforeAll(() => {
  const names = ['-subj', '/CN=check', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const words = ['req', '-x509', ...key, ...names, '-keyout', 'key.pem', '-out', 'cert.pem'];
  execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  tls = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(async () => {
  await Promise.all(own.splice(0).map((each) => new Promise<void>((resolve) => each.close(() => resolve()))));
});

async function listen(server: Server | Http2Server): Promise<number> {
  own.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** What a gRPC server answers: a status of its health service, or a status of the call. */
type Say = { readonly serving: number } | { readonly code: number; readonly message?: string };

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The few bytes of a health service, as any gRPC library sends them. */
function healthService(say: Say, asked: Asked[] = []) {
  return (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => {});
    stream.on('end', () => {
      asked.push({ headers, body: Buffer.concat(chunks) });
      if ('serving' in say) serve(stream, say.serving);
      else refuse(stream, say.code, say.message);
    });
  };
}

function serve(stream: ServerHttp2Stream, status: number): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(framed(status === 0 ? Buffer.alloc(0) : Buffer.from([8, status])));
}

const refuse = (stream: ServerHttp2Stream, code: number, message = ''): void =>
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(code), 'grpc-message': message },
    { endStream: true },
  );

const target = (port: number, changes: Partial<GrpcTarget> = {}): GrpcTarget => ({
  address: '127.0.0.1',
  port,
  service: '',
  useTls: false,
  verifyCertificate: true,
  ...changes,
});

describe('a grpc check', () => {
  it.each([
    [{ serving: 1 }, 'passing', 'SERVING'],
    [{ serving: 2 }, 'critical', 'NOT_SERVING'],
    [{ serving: 0 }, 'critical', 'UNKNOWN'],
    [
      { code: 5, message: 'unknown%20service' },
      'critical',
      'status 5 (NOT_FOUND): it does not know that service unknown service',
    ],
    [{ code: 12 }, 'critical', 'it does not implement grpc.health.v1.Health'],
    [{ code: 14 }, 'critical', 'status 14'],
  ] as const)('on %o: %s', async (say, grade, words) => {
    const port = await listen(createServer().on('stream', healthService(say)));
    const result = await grpcProbe(target(port))(never);
    expect(result.grade).toBe(grade);
    expect(result.output).toContain(`gRPC http://127.0.0.1:${port}: `);
    expect(result.output).toContain(words);
  });

  it('asks for the service that it names, as the protocol has it', async () => {
    const asked: Asked[] = [];
    const port = await listen(createServer().on('stream', healthService({ serving: 1 }, asked)));
    const service = `shop.${'x'.repeat(200)}`;
    await grpcProbe(target(port, { service }))(never);
    expect(asked[0]?.headers).toMatchObject({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    expect(asked[0]?.body).toEqual(framed(healthRequest(service)));
    expect([...healthRequest(service).subarray(0, 3)]).toEqual([0x0a, 0xcd, 0x01]);
  });

  it('speaks TLS, and believes a certificate of nobody only where it need not verify it', async () => {
    const port = await listen(createSecureServer(tls).on('stream', healthService({ serving: 1 })));
    const secure = { useTls: true };
    expect(await grpcProbe(target(port, secure))(never)).toMatchObject({
      grade: 'critical',
      output: expect.stringContaining('self-signed certificate'),
    });
    expect((await grpcProbe(target(port, { ...secure, verifyCertificate: false }))(never)).grade).toBe('passing');
  });

  it('fails, and says why, where no gRPC server listens', async () => {
    const open = createTcp((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('220 mail\r\n'),
    );
    const port = await listen(open);
    expect((await grpcProbe(target(port))(never)).grade).toBe('critical');
    await new Promise((resolve) => own.pop()?.close(() => resolve(undefined)));
    expect(await grpcProbe(target(port))(never)).toMatchObject({
      grade: 'critical',
      output: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('fails in time when nothing answers', async () => {
    const sockets: { destroy(): void }[] = [];
    const port = await listen(createTcp((socket) => void sockets.push(socket)));
    const result = await withTimeout(grpcProbe(target(port)), 50, systemClock)(never);
    expect(result).toEqual({ grade: 'critical', output: 'no answer within 50 ms' });
    for (const socket of sockets) socket.destroy();
  });
});

describe('an http check over TLS', () => {
  it.each([
    [true, 'critical', 'self-signed certificate'],
    [false, 'passing', '200'],
  ])('that verifies (%s) the certificate of nobody: %s', async (verifyCertificate, grade, words) => {
    const port = await listen(createHttps(tls, (_request, response) => response.end('well')));
    const https = { address: '127.0.0.1', port, path: '/', protocol: 'https' } as const;
    const result = await httpProbe({ ...https, method: 'GET', headers: {}, body: '', verifyCertificate })(never);
    expect(result.grade).toBe(grade);
    expect(result.output).toContain(words);
  });
});
