/** What the resource files are written against: typed JSON in and out, blocking queries, the agent's refusals as errors. */
import { SerinError } from '../lib/errors.ts';
import { ApiError } from './api-errors.ts';
import type { ApiSocket } from './api-socket.ts';
import type { StreamAnswer, Transport, TransportRequest } from './transport.ts';

export interface Scope {
  readonly namespace?: string | undefined;
  readonly region?: string | undefined;
}

export interface ReadOptions {
  /** A blocking query: answered once something changed after this index, or after `waitMs`. */
  readonly index?: number | undefined;
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Read<T> {
  readonly data: T;
  /** X-Nomad-Index: what a following blocking query names. */
  readonly index: number;
  /** The body as it came, with every digit of its numbers. */
  readonly text: string;
}

type Query = NonNullable<TransportRequest['query']>;

export interface Requester {
  read<T>(path: string, options?: ReadOptions, query?: Query): Promise<Read<T>>;
  write<T>(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown, query?: Query): Promise<T>;
  stream(path: string, query?: Query, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Both sides talk. */
  connect(path: string, query?: Query, signal?: AbortSignal): Promise<ApiSocket>;
}

export function createRequester(transport: Transport, scope: Scope): Requester {
  const scoped = (query: Query = {}): Query => ({ namespace: scope.namespace, region: scope.region, ...query });
  return {
    async read<T>(path: string, options: ReadOptions = {}, query: Query = {}) {
      const blocking = {
        index: options.index,
        wait: options.waitMs === undefined ? undefined : `${options.waitMs}ms`,
      };
      const request = {
        method: 'GET',
        path,
        query: scoped({ ...query, ...blocking }),
        signal: options.signal,
      } as const;
      const answer = await transport.send(request);
      refuse(answer);
      return {
        data: parse<T>(answer.text, path),
        index: Number(answer.headers['x-nomad-index'] ?? 0),
        text: answer.text,
      };
    },
    async write<T>(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown, query?: Query) {
      const answer = await transport.send({ method, path, body, query: scoped(query) });
      refuse(answer);
      return parse<T>(answer.text === '' ? '{}' : answer.text, path);
    },
    async stream(path, query, signal) {
      const answer = await transport.stream({ method: 'GET', path, query: scoped(query), signal });
      if (answer.status !== 200) refuse({ status: answer.status, text: await textOf(answer) });
      return answer.body;
    },
    async connect(path, query, signal) {
      if (transport.connect === undefined) throw new SerinError('notSupported', 'there is no connection to talk over');
      return transport.connect({ path, query: scoped(query), signal });
    },
  };
}

function refuse(answer: { readonly status: number; readonly text: string }): void {
  if (answer.status < 200 || answer.status > 299) throw new ApiError(answer.status, answer.text.trimEnd());
}

function parse<T>(text: string, path: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new SerinError('internal', `the answer to ${path} is not JSON; does an agent of Serin listen there?`, {
      cause,
    });
  }
}

async function textOf(answer: StreamAnswer): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of answer.body) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
