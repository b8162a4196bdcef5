/**
 * The client of an agent's API as a program has it: the command line, a node on another machine, an ingress.
 *
 * @example
 * const client = createApiClient({ address: 'http://127.0.0.1:4646' });
 * const { data, index } = await client.jobs.read('web');
 * const changed = await client.jobs.read('web', { index, waitMs: 60_000, signal });
 */
import { type ApiClient, apiClientOver } from './client-over.ts';
import { createTransport, type TransportOptions } from './node-transport.ts';
import type { Scope } from './requester.ts';

export type ApiClientOptions = TransportOptions & Scope;

export function createApiClient(options: ApiClientOptions): ApiClient {
  return apiClientOver(createTransport(options), options);
}
