/** The node's connection to a server over HTTP. It asks one server and goes on to the next when that one is away. */
import { messageOf, SerinError } from '../lib/errors.ts';
import { type PooledRequest, pooledRequest } from '../lib/pooled-request.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';
import type { AllocUpdate } from '../model/allocation.ts';
import type { Node } from '../model/node.ts';
import type { HeartbeatAnswer, NodeAssignment, ServerConnection } from './server-connection.ts';

export interface HttpServerConnectionOptions {
  /** "http://10.0.0.1:4646", at least one. */
  readonly serverUrls: readonly string[];
  /** Asked for each time: it may change while the node runs. */
  readonly token?: () => string;
  readonly tls?: TlsMaterial;
}

const WAIT_SECONDS = 60;
const WATCH_TIMEOUT_MS = (WAIT_SECONDS + 10) * 1000;
const ANSWER_TIMEOUT_MS = 10_000;

interface Ask {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  readonly timeoutMs: number;
}

export class HttpServerConnection implements ServerConnection {
  readonly #serverUrls: readonly string[];
  readonly #token: (() => string) | undefined;
  readonly #request: PooledRequest;
  #current = 0;

  constructor({ serverUrls, token, tls }: HttpServerConnectionOptions) {
    this.#serverUrls = serverUrls.map((url) => url.replace(/\/$/, ''));
    this.#token = token;
    const limits = { headersTimeout: WATCH_TIMEOUT_MS, bodyTimeout: WATCH_TIMEOUT_MS };
    this.#request = pooledRequest({ ...limits, ...(tls && { connect: { ...tls } }) });
  }

  async register(node: Node, signal: AbortSignal): Promise<HeartbeatAnswer> {
    return (await this.#ask(
      { method: 'PUT', path: '/v1/internal/node/register', body: node, timeoutMs: ANSWER_TIMEOUT_MS },
      signal,
    )) as HeartbeatAnswer;
  }

  async heartbeat(nodeId: string, signal: AbortSignal): Promise<HeartbeatAnswer & { readonly Known: boolean }> {
    const path = `/v1/internal/node/heartbeat/${nodeId}`;
    return (await this.#ask({ method: 'PUT', path, timeoutMs: ANSWER_TIMEOUT_MS }, signal)) as HeartbeatAnswer & {
      Known: boolean;
    };
  }

  async watchAllocs(nodeId: string, afterIndex: number, signal: AbortSignal): Promise<NodeAssignment> {
    const path = `/v1/internal/node/${nodeId}/allocations?index=${afterIndex}&wait=${WAIT_SECONDS}s`;
    return (await this.#ask({ method: 'GET', path, timeoutMs: WATCH_TIMEOUT_MS }, signal)) as NodeAssignment;
  }

  async updateAllocs(nodeId: string, updates: readonly AllocUpdate[], signal: AbortSignal): Promise<void> {
    const path = `/v1/internal/node/${nodeId}/allocations-update`;
    await this.#ask({ method: 'PUT', path, body: { Allocs: updates }, timeoutMs: ANSWER_TIMEOUT_MS }, signal);
  }

  /** A server that does not answer makes the next call go to the next one. */
  async #ask(ask: Ask, signal: AbortSignal): Promise<unknown> {
    const server = this.#serverUrls[this.#current % this.#serverUrls.length]!;
    try {
      return await this.#send(server, ask, signal);
    } catch (error) {
      if (!signal.aborted) this.#current += 1;
      throw error instanceof SerinError
        ? error
        : new SerinError('unavailable', `${server} does not answer: ${messageOf(error)}`, { cause: error });
    }
  }

  async #send(server: string, { method, path, body, timeoutMs }: Ask, signal: AbortSignal): Promise<unknown> {
    const { statusCode, body: answer } = await this.#request(`${server}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(this.#token && { 'x-nomad-token': this.#token() }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await answer.text();
    if (statusCode === 200) return JSON.parse(text);
    throw new SerinError(
      statusCode === 403 ? 'unauthorized' : 'unavailable',
      `${server} answers ${statusCode}: ${text.trim()}`,
    );
  }
}
