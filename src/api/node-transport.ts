/**
 * The transport over node:http: a command line that lives for 50 ms cannot pay for a larger client.
 */
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import type https from 'node:https';
import type { TlsMaterial } from '../lib/tls-material.ts';
import { ApiError, ApiUnreachable } from './api-errors.ts';
import type { ApiSocket } from './api-socket.ts';
import type { Transport, TransportRequest } from './transport.ts';

export interface TransportOptions {
  /** "http://127.0.0.1:4646"; a path before /v1 is kept. */
  readonly address: string;
  readonly token?: string | undefined;
  /** For https addresses. */
  readonly tls?: TransportTls | undefined;
}

export interface TransportTls extends TlsMaterial {
  /** The name that the agent's certificate must bear, where it is not that of the address. */
  readonly servername?: string;
  /** false: whatever certificate the agent shows is taken. */
  readonly rejectUnauthorized?: boolean;
}

export function createTransport(options: TransportOptions): Transport {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const open = (request: TransportRequest) => openAnswer(options, agent, request);
  return {
    address: options.address,
    async send(request) {
      const answer = await open(request);
      return { status: answer.statusCode ?? 0, headers: answer.headers, text: await readText(answer, options) };
    },
    async stream(request) {
      const answer = await open(request);
      return { status: answer.statusCode ?? 0, body: guarded(await decoded(answer), options, request) };
    },
    connect: (request) => connect(options, { ...request, method: 'GET' }),
    close: () => agent.destroy(),
  };
}

async function connect(options: TransportOptions, request: TransportRequest): Promise<ApiSocket> {
  const { openSocket } = await import('./api-socket.ts');
  const headers: Record<string, string> = options.token ? { 'x-nomad-token': options.token } : {};
  const url = urlOf(options.address, request);
  try {
    return await openSocket({ url, headers, tls: options.tls ?? {}, signal: request.signal });
  } catch (cause) {
    throw cause instanceof ApiError ? cause : unreachableOr(cause as Error, options, request);
  }
}

async function openAnswer(options: TransportOptions, agent: http.Agent, request: TransportRequest) {
  const url = urlOf(options.address, request);
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const secure = url.protocol === 'https:';
  const module: Pick<typeof http | typeof https, 'request'> = secure ? await import('node:https') : http;
  const settings: RequestOptions = {
    method: request.method,
    headers: headersOf(options, body),
    ...(secure ? options.tls : { agent }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
  return new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = module.request(url, settings, resolve);
    outgoing.on('error', (cause) => reject(unreachableOr(cause, options, request)));
    outgoing.end(body);
  });
}

function urlOf(address: string, request: TransportRequest): URL {
  const url = new URL(address.replace(/\/+$/, '') + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url;
}

function headersOf(options: TransportOptions, body: string | undefined): Record<string, string | number> {
  return {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    ...(options.token ? { 'x-nomad-token': options.token } : {}),
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
}

async function decoded(answer: IncomingMessage): Promise<AsyncIterable<Buffer>> {
  if (answer.headers['content-encoding'] !== 'gzip') return answer;
  const { createGunzip } = await import('node:zlib');
  return answer.pipe(createGunzip());
}

/** A body that breaks off says so in words, unless its reader left. */
async function* guarded(
  body: AsyncIterable<Buffer>,
  options: TransportOptions,
  request: TransportRequest,
): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    throw new ApiUnreachable(options.address, LOST, { cause });
  }
}

const LOST = 'the connection was lost in the middle of an answer';

async function readText(answer: IncomingMessage, options: TransportOptions): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of await decoded(answer)) chunks.push(chunk);
  } catch (cause) {
    throw new ApiUnreachable(options.address, LOST, { cause });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Why no connection came about, in words: the first rule whose code it is. */
const REASONS: readonly (readonly [code: string, words: string])[] = [
  ['ECONNREFUSED', 'connection refused'],
  ['ENOTFOUND', 'no such host name'],
  ['EAI_AGAIN', 'the host name cannot be looked up now'],
  ['ETIMEDOUT', 'connecting timed out'],
  ['EHOSTUNREACH', 'no route to that host'],
  ['ENETUNREACH', 'no route to that network'],
  ['ECONNRESET', 'the connection was closed before an answer came'],
  ['HPE_INVALID_CONSTANT', 'what answers there does not speak HTTP'],
  ['EPROTO', 'what answers there does not speak TLS'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'what answers there does not speak TLS'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'what answers there does not speak TLS'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by an authority that is not known here: set -ca-cert'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate is signed by an authority that is not known here: set -ca-cert'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is signed by itself: set -ca-cert'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name: set -tls-server-name'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'it asks for a certificate: set -client-cert and -client-key'],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'it refuses the certificate of -client-cert'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'it refuses the certificate of -client-cert'],
];

function unreachableOr(cause: Error, options: TransportOptions, request: TransportRequest): Error {
  if (request.signal?.aborted) return cause;
  const code = codeOf(cause);
  const words = REASONS.find(([known]) => known === code)?.[1] ?? cause.message;
  return new ApiUnreachable(options.address, words, { cause });
}

/** A name with several addresses fails with one error for all of them. */
function codeOf(cause: Error): string | undefined {
  const first = cause instanceof AggregateError ? (cause.errors[0] as NodeJS.ErrnoException | undefined) : cause;
  return (first as NodeJS.ErrnoException | undefined)?.code;
}
