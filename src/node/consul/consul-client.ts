/** The Consul agent's HTTP API. Loopback mostly: an answer that takes seconds is none. */
import { messageOf, SerinError } from '../../lib/errors.ts';
import { type PooledRequest, pooledRequest } from '../../lib/pooled-request.ts';
import type { TlsMaterial } from '../../lib/tls-material.ts';
import type {
  ConsulApi,
  ConsulCheck,
  ConsulRegistration,
  ConsulSelf,
  ConsulService,
  ConsulStatus,
} from './consul-api.ts';

export interface ConsulClientOptions {
  /** "http://127.0.0.1:8500". */
  readonly url: string;
  /** "": none. */
  readonly token: string;
  readonly tls?: TlsMaterial & { readonly rejectUnauthorized: boolean };
}

const ANSWER_TIMEOUT_MS = 5_000;

export class ConsulClient implements ConsulApi {
  readonly #options: ConsulClientOptions;
  readonly #request: PooledRequest;

  constructor(options: ConsulClientOptions) {
    this.#options = options;
    const limits = {
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      connectTimeout: ANSWER_TIMEOUT_MS,
    };
    this.#request = pooledRequest({ ...limits, ...(options.tls && { connect: { ...options.tls } }) });
  }

  async self(signal: AbortSignal): Promise<ConsulSelf> {
    const { Config } = (await this.#ask('GET', '/v1/agent/self', undefined, signal)) as {
      readonly Config: Readonly<Record<string, unknown>>;
    };
    return {
      version: String(Config.Version ?? ''),
      datacenter: String(Config.Datacenter ?? ''),
      nodeName: String(Config.NodeName ?? ''),
      isServer: Config.Server === true,
    };
  }

  async services(signal: AbortSignal): Promise<readonly ConsulService[]> {
    return Object.values((await this.#ask('GET', '/v1/agent/services', undefined, signal)) as Table<ConsulService>);
  }

  async checks(signal: AbortSignal): Promise<readonly ConsulCheck[]> {
    return Object.values((await this.#ask('GET', '/v1/agent/checks', undefined, signal)) as Table<ConsulCheck>);
  }

  async register(service: ConsulRegistration, signal: AbortSignal): Promise<void> {
    await this.#ask('PUT', '/v1/agent/service/register?replace-existing-checks=true', service, signal);
  }

  async deregister(serviceId: string, signal: AbortSignal): Promise<void> {
    await this.#ask('PUT', `/v1/agent/service/deregister/${encodeURIComponent(serviceId)}`, undefined, signal);
  }

  async report(checkId: string, Status: ConsulStatus, Output: string, signal: AbortSignal): Promise<void> {
    await this.#ask('PUT', `/v1/agent/check/update/${encodeURIComponent(checkId)}`, { Status, Output }, signal);
  }

  async maintain(serviceId: string, isOn: boolean, signal: AbortSignal): Promise<void> {
    const path = `/v1/agent/service/maintenance/${encodeURIComponent(serviceId)}`;
    await this.#ask('PUT', `${path}?enable=${isOn}&reason=${encodeURIComponent(MAINTENANCE)}`, undefined, signal);
  }

  async #ask(method: 'GET' | 'PUT', path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const { url, token } = this.#options;
    const headers = {
      ...(token !== '' && { 'x-consul-token': token }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await this.#request(`${url}${path}`, { method, headers, signal, ...sent }).catch((error) => {
      throw new SerinError('unavailable', `Consul at ${url} does not answer: ${reasonOf(error)}`, { cause: error });
    });
    const text = await answer.body.text();
    if (answer.statusCode === 200) return text === '' ? undefined : parsed(text, url);
    throw new SerinError('unavailable', refusal(url, `${method} ${path.split('?')[0]}`, answer.statusCode, text));
  }
}

type Table<T> = Readonly<Record<string, T>>;

const MAINTENANCE = 'its set was replaced and is kept warm';
const MOST_WORDS = 200;

function parsed(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SerinError('unavailable', `${url} is no Consul agent: its answer is no JSON`, { cause: error });
  }
}

function refusal(url: string, call: string, status: number, text: string): string {
  const words = text.trim().slice(0, MOST_WORDS);
  const advice = status === 403 ? '; set consul { token } to one that may read agents and write services' : '';
  return `Consul at ${url} answers ${call} with ${status}: ${words}${advice}`;
}

/** A host with two addresses fails twice, without a message of its own. */
const reasonOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
