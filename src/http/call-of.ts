/** A request as handlers see it, whichever server took it. */
import type { FastifyRequest } from 'fastify';
import { parseQuery } from './query.ts';
import type { Call } from './route.ts';

export function callOf(request: FastifyRequest, params: Call['params'], signal: AbortSignal): Call {
  return {
    method: request.method,
    url: request.url,
    params,
    query: parseQuery(request.url),
    headers: request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    clientIp: request.ip,
    signal,
  };
}
