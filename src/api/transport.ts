/**
 * One HTTP request to an agent: connections, headers and bodies; what the bodies mean stands in the resource files
 * beside it. Over node:http in `node-transport.ts`; the page brings one over fetch.
 */
import type { ApiSocket } from './api-socket.ts';

export interface TransportRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** "/v1/job/web": already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface TransportAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface StreamAnswer {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Transport {
  readonly address: string;
  send(request: TransportRequest): Promise<TransportAnswer>;
  /** As `send`, with the body as it arrives. */
  stream(request: TransportRequest): Promise<StreamAnswer>;
  /** Absent where there is no network in between. */
  connect?(request: Pick<TransportRequest, 'path' | 'query' | 'signal'>): Promise<ApiSocket>;
  /** Closes idle connections, so that a process can end. */
  close(): void;
}
