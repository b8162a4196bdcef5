/** One look of a check at its instance: http or tcp. (gRPC: `grpc-probe.ts`; scripts run beside the task.) Never rejects. */
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { isSuccessCode, parseSuccessCodes } from '../model/success-codes.ts';
import type { CheckGrade, CheckResult } from './check-state.ts';

export type Probe = (signal: AbortSignal) => Promise<CheckResult>;

export interface HttpTarget {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly protocol: 'http' | 'https';
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
  readonly verifyCertificate: boolean;
  /** "200-299,401"; absent: 200 to 299. */
  readonly successCodes?: string | undefined;
  /** An answer of 100 to 199 with no other after it says nothing, good or bad. */
  readonly ignores1xx?: boolean;
}

/** What is kept of an answer: enough to see what is wrong. */
const OUTPUT_BYTES = 1024;

export const failed = (output: string): CheckResult => ({ grade: 'critical', output });

/** Adds a time limit to a probe; a timer of its own, since a socket's counts from its last byte. */
export function withTimeout(probe: Probe, timeoutMs: number, clock: Clock): Probe {
  return async (signal) => {
    const limit = new AbortController();
    const abort = () => limit.abort();
    const timer = clock.after(timeoutMs, abort);
    // Not AbortSignal.any: on Node.js 20 each call leaves something behind on a signal that lives as long as the task.
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const result = await probe(limit.signal);
      if (result.isIgnored) return result;
      return limit.signal.aborted && result.grade !== 'passing' ? failed(`no answer within ${timeoutMs} ms`) : result;
    } catch (error) {
      return failed(messageOf(error));
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    }
  };
}

type SuccessRanges = Parameters<typeof isSuccessCode>[1];

/** A busy instance is not a broken one. */
const TOO_MANY_REQUESTS = 429;

const SUCCESS = '200-299';

const gradeOf = (status: number, ranges: SuccessRanges): CheckGrade => {
  if (isSuccessCode(status, ranges)) return 'passing';
  return status === TOO_MANY_REQUESTS ? 'warning' : 'critical';
};

/**
 * Passes on a status of 200 to 299, or what is asked for; redirections are not followed. A fresh connection each time: an old one tells
 * nothing of the listener.
 */
export function httpProbe(target: HttpTarget): Probe {
  const url = `${target.protocol}://${hostOf(target.address)}:${target.port}${target.path}`;
  const success = parseSuccessCodes(target.successCodes ?? SUCCESS) ?? [];
  return (signal) =>
    new Promise((resolve) => {
      const options: RequestOptions & { rejectUnauthorized: boolean } = {
        method: target.method,
        headers: { connection: 'close', 'user-agent': 'serin-check', ...target.headers },
        agent: false,
        signal,
        rejectUnauthorized: target.verifyCertificate,
      };
      const send = target.protocol === 'https' ? httpsRequest : httpRequest;
      const request = send(url, options, (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          if (size < OUTPUT_BYTES) chunks.push(chunk.subarray(0, OUTPUT_BYTES - size));
          size += chunk.length;
        });
        const done = () => {
          const status = answer.statusCode ?? 0;
          const text = Buffer.concat(chunks).toString('utf8');
          const output = `HTTP ${target.method} ${url}: ${status} ${answer.statusMessage ?? ''} Output: ${text}`;
          const response = { Status: status, ContentType: answer.headers['content-type'] ?? '', Body: text };
          resolve({ grade: gradeOf(status, success), output: output.trim(), statusCode: status, response });
        };
        answer.on('end', done);
        answer.on('error', done);
      });
      let interim = 0;
      const fail = (words: string) => {
        const result = failed(`HTTP ${target.method} ${url}: ${words}`);
        resolve(target.ignores1xx && interim > 0 ? { ...result, isIgnored: true } : result);
      };
      request.on('information', ({ statusCode }) => {
        interim = statusCode;
      });
      request.on('upgrade', ({ statusCode = 101, statusMessage = '' }, socket) => {
        interim = statusCode;
        socket.destroy();
        fail(`${statusCode} ${statusMessage}`);
      });
      request.on('error', (error) => fail(messageOf(error)));
      request.end(target.body === '' ? undefined : target.body);
    });
}

/** Passes when something accepts the connection. */
export function tcpProbe(address: string, port: number): Probe {
  return (signal) =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port });
      const finish = (result: CheckResult) => {
        signal.removeEventListener('abort', abort);
        socket.destroy();
        resolve(result);
      };
      const abort = () => finish(failed(`TCP connect ${address}:${port}: stopped`));
      signal.addEventListener('abort', abort, { once: true });
      socket.on('connect', () => finish({ grade: 'passing', output: `TCP connect ${address}:${port}: Success` }));
      socket.on('error', (error) => finish(failed(`TCP connect ${address}:${port}: ${messageOf(error)}`)));
      if (signal.aborted) abort();
    });
}

export const hostOf = (address: string): string => (address.includes(':') ? `[${address}]` : address);
