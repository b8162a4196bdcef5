/**
 * One look at an instance by gRPC's own health protocol (grpc.health.v1.Health/Check) over HTTP/2. One call with one
 * field each way: a gRPC library would bring forty packages and generated code for these few bytes. Never rejects.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { messageOf } from '../lib/errors.ts';
import { failed, hostOf, type Probe } from './check-probe.ts';
import type { CheckResult } from './check-state.ts';

export interface GrpcTarget {
  readonly address: string;
  readonly port: number;
  /** "" asks for the server as a whole. */
  readonly service: string;
  readonly useTls: boolean;
  readonly verifyCertificate: boolean;
}

const PATH = '/grpc.health.v1.Health/Check';
/** The field numbers of HealthCheckRequest.service and HealthCheckResponse.status, with their wire types. */
const SERVICE_FIELD = (1 << 3) | 2;
const STATUS_FIELD = (1 << 3) | 0;
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const MOST_BYTES = 4096;

/** Passes when the service says that it is SERVING. A connection of its own each time. */
export function grpcProbe(target: GrpcTarget): Probe {
  const origin = `${target.useTls ? 'https' : 'http'}://${hostOf(target.address)}:${target.port}`;
  const name = `gRPC ${origin}${target.service === '' ? '' : ` service ${JSON.stringify(target.service)}`}`;
  return (signal) =>
    new Promise((resolve) => {
      const session = connect(origin, { rejectUnauthorized: target.verifyCertificate });
      const finish = (result: CheckResult) => {
        signal.removeEventListener('abort', abort);
        session.destroy();
        resolve(result);
      };
      const abort = () => finish(failed(`${name}: stopped`));
      signal.addEventListener('abort', abort, { once: true });
      session.on('error', (error) => finish(failed(`${name}: ${messageOf(error)}`)));
      if (signal.aborted) return abort();
      ask(session, origin, target.service)
        .then((answer) => finish({ ...answer, output: `${name}: ${answer.output}` }))
        .catch((error) => finish(failed(`${name}: ${messageOf(error)}`)));
    });
}

async function ask(session: ClientHttp2Session, origin: string, service: string): Promise<CheckResult> {
  const stream = session.request({
    ':method': 'POST',
    ':path': PATH,
    ':scheme': origin.slice(0, origin.indexOf(':')),
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'serin-check',
  });
  stream.end(framed(healthRequest(service)));
  return judge(await read(stream));
}

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function read(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on('response', (found) => {
      headers = found;
    });
    stream.on('trailers', (found) => {
      trailers = found;
    });
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MOST_BYTES) chunks.push(chunk);
      else stream.destroy(new Error('the answer is longer than any answer to a health check'));
    });
    stream.on('error', reject);
    stream.on('end', () => resolve({ headers, trailers, body: Buffer.concat(chunks) }));
    stream.on('close', () => reject(new Error('the connection was closed without an answer')));
  });
}

/** A server that has nothing to say sends its trailers as headers. */
function judge({ headers, trailers, body }: Answer): CheckResult {
  const httpStatus = headers[':status'];
  if (httpStatus !== undefined && Number(httpStatus) !== 200)
    return failed(`HTTP ${httpStatus}: this is no gRPC server`);
  const code = trailers['grpc-status'] ?? headers['grpc-status'];
  const message = trailers['grpc-message'] ?? headers['grpc-message'] ?? '';
  if (code === undefined) return failed('answered without a grpc-status: this is no gRPC server');
  if (code !== '0') return failed(`${codeWords(String(code))} ${decoded(String(message))}`.trim());
  const status = healthStatus(body);
  return { grade: status === 'SERVING' ? 'passing' : 'critical', output: status };
}

const NOT_FOUND = '5';
const UNIMPLEMENTED = '12';

function codeWords(code: string): string {
  if (code === UNIMPLEMENTED) return 'status 12 (UNIMPLEMENTED): it does not implement grpc.health.v1.Health';
  return code === NOT_FOUND ? 'status 5 (NOT_FOUND): it does not know that service' : `status ${code}`;
}

/** The wire percent-encodes it. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}

/** HealthCheckRequest { string service = 1 } */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  if (name.length === 0) return Buffer.alloc(0);
  return Buffer.concat([Buffer.from([SERVICE_FIELD, ...varint(name.length)]), name]);
}

/** A byte for "not compressed", and the length. */
export function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** HealthCheckResponse { ServingStatus status = 1 }; a field that is not there has its first value. */
export function healthStatus(body: Buffer): string {
  if (body.length < 5) return 'an answer without a message';
  const message = body.subarray(5, 5 + body.readUInt32BE(1));
  if (message.length === 0) return STATUSES[0]!;
  if (message[0] !== STATUS_FIELD || message[1] === undefined) return 'an answer that is no HealthCheckResponse';
  return STATUSES[message[1]] ?? `status ${message[1]}`;
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
