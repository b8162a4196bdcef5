/** The page's way to its agent: the same requests as the command line's, over fetch. */
import type { ApiSocket } from '../../src/api/api-socket.ts';
import type { Transport, TransportRequest } from '../../src/api/transport.ts';
import { AgentUnreachable } from './agent-unreachable.ts';
import { openBrowserSocket } from './browser-socket.ts';

export interface FetchTransportOptions {
  /** "http://127.0.0.1:4646": the address that the page came from. */
  readonly address: string;
  /** Asked before each request; undefined: none is sent. */
  readonly token: () => string | undefined;
}

export function fetchTransport({ address, token }: FetchTransportOptions): Transport {
  const open = async (request: TransportRequest): Promise<Response> => {
    try {
      return await fetch(urlOf(address, request), settingsOf(request, token()));
    } catch (cause) {
      throw request.signal?.aborted ? cause : new AgentUnreachable(address, { cause });
    }
  };
  return {
    address,
    async send(request) {
      const answer = await open(request);
      return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
    },
    async stream(request) {
      const answer = await open(request);
      return { status: answer.status, body: chunksOf(answer) };
    },
    connect: (request): Promise<ApiSocket> =>
      openBrowserSocket(urlOf(address, { ...request, method: 'GET' }), token(), request.signal),
    close: () => undefined,
  };
}

function urlOf(address: string, { path, query = {} }: TransportRequest): URL {
  const url = new URL(path, address);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url;
}

function settingsOf({ method, body, signal }: TransportRequest, token: string | undefined): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token) headers['x-nomad-token'] = token;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return {
    method,
    headers,
    credentials: 'omit',
    cache: 'no-store',
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  };
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) yield read.value;
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}
