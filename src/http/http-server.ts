/**
 * Binds the routes to fastify: guard and token before anything happens, the raw body whatever its Content-Type,
 * 405 for the methods that a path does not answer, one place for errors. `close()` ends waiting reads and streams.
 */
import { setMaxListeners } from 'node:events';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer, type Server as TlsServer } from 'node:https';
import compress from '@fastify/compress';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { SerinError } from '../lib/errors.ts';
import { empty, text } from './answer.ts';
import { tokenRefusal } from './auth.ts';
import { callOf } from './call-of.ts';
import type { HttpDeps, TlsServing } from './deps.ts';
import { toHttpError } from './error-to-http.ts';
import { refusalOf } from './guard.ts';
import { withOneSegmentJobId } from './job-path.ts';
import { pathMatcher } from './path-matcher.ts';
import type { Handler, Route } from './route.ts';
import { allRoutes } from './routes.ts';
import { headAtOnce, sendAnswer } from './send.ts';
import { bindWebSockets } from './web-sockets.ts';

const DEFAULT_BODY_LIMIT_BYTES = 16 * 1024 * 1024;
/** As long as without TLS, where it is the framework's. */
const KEEP_ALIVE_MS = 72_000;
const METHODS = ['GET', 'PUT', 'POST', 'DELETE'] as const;
type Method = (typeof METHODS)[number];

/** No route has a schema, and the compilers for them are a fifth of what an agent would load at its start. */
const noSchemas = () => () => {
  throw new Error('a route with a schema needs a compiler for it');
};
const WITHOUT_SCHEMAS = { buildValidator: noSchemas, buildSerializer: noSchemas };

export function createHttpServer(deps: HttpDeps): FastifyInstance {
  return bindRoutes(deps, allRoutes(deps));
}

/** What binding needs of the agent, whatever the routes are. */
export type Binding = Pick<HttpDeps, 'hosts' | 'tokens' | 'tls' | 'log' | 'clock' | 'bodyLimitBytes'>;

export function bindRoutes(binding: Binding, routes: readonly Route[]): FastifyInstance {
  const isPath = pathMatcher(routes.map((route) => route.path));
  const unrouted = (url: string) => (isPath(url) ? text(405, 'Invalid method') : empty(404));
  const closing = new AbortController();
  // Every request under way listens to it; Node.js warns from the eleventh listener on.
  setMaxListeners(0, closing.signal);
  const app = fastify({
    ...frameworkOptions(binding),
    rewriteUrl: (request: IncomingMessage) => withOneSegmentJobId(request.url ?? '/'),
    frameworkErrors: (error, request, reply) => sendError(binding, error, request, reply as FastifyReply),
  });
  // By the wire there is no telling of bodies by their type: everything is bytes, and most of it is JSON.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request) => admit(binding, request));
  app.addHook('preClose', async () => closing.abort());
  app.setErrorHandler((error, request, reply) => sendError(binding, error, request, reply));
  app.setNotFoundHandler((request, reply) => sendAnswer(reply, unrouted(request.url), false));
  bindWebSockets(app.server as Server, binding, routes, closing.signal);
  app.register(compress, { encodings: ['gzip'], threshold: 1024 });
  app.register(async (scope) => {
    for (const route of routes) bindRoute(scope, route, closing.signal);
  });
  return app;
}

/** What every listener of an agent asks of the framework. */
export const frameworkOptions = (binding: Pick<Binding, 'bodyLimitBytes' | 'tls'>) => ({
  bodyLimit: binding.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
  routerOptions: { maxParamLength: 4096 },
  exposeHeadRoutes: false,
  forceCloseConnections: 'idle' as const,
  schemaController: { compilersFactory: WITHOUT_SCHEMAS },
  ...(binding.tls && { serverFactory: overTls(binding.tls) }),
});

function overTls({ requestCert, ...material }: TlsServing): (listener: RequestListener) => TlsServer {
  return (listener) =>
    createServer(
      { ...material, requestCert, rejectUnauthorized: requestCert, keepAliveTimeout: KEEP_ALIVE_MS },
      listener,
    );
}

async function admit(binding: Binding, request: FastifyRequest): Promise<void> {
  const refused = refusalOf({ method: request.method, headers: request.headers }, binding.hosts);
  if (refused !== undefined) throw new SerinError('foreignOrigin', refused);
  if (binding.tokens === undefined) return;
  const path = request.url.replace(/\?.*$/s, '');
  const unauthorized = await tokenRefusal(path, request.headers, binding.tokens);
  if (unauthorized !== undefined) throw new SerinError('unauthorized', unauthorized);
}

/** Only what a route answers: binding all methods to all paths took a quarter of an agent's start. */
function bindRoute(app: FastifyInstance, route: Route, closing: AbortSignal): void {
  for (const method of METHODS) {
    const handler = handlerFor(route, method);
    if (handler === undefined) continue;
    app.route({
      method,
      url: route.path,
      ...(route.streams ? { compress: false as const } : {}),
      handler: (request, reply) => answer(handler, request, reply, closing, route.streams === true),
    });
  }
}

function handlerFor(route: Route, method: Method): Handler | undefined {
  if (method === 'GET' || method === 'DELETE') return route[method];
  return method === 'PUT' || method === 'POST' ? route.PUT : undefined;
}

async function answer(
  handler: Handler,
  request: FastifyRequest,
  reply: FastifyReply,
  closing: AbortSignal,
  isLive: boolean,
): Promise<FastifyReply> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  closing.addEventListener('abort', leave, { once: true });
  if (closing.aborted) leave();
  reply.raw.once('close', () => {
    closing.removeEventListener('abort', leave);
    leave();
  });
  const call = callOf(request, request.params as Record<string, string>, gone.signal);
  const answered = await handler(call);
  return sendAnswer(reply, isLive ? headAtOnce(answered, reply.raw) : answered, call.query.pretty);
}

function sendError(binding: Binding, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, sentence, unexpected } = toHttpError(error);
  if (unexpected) binding.log.error({ err: error, method: request.method, url: request.url }, 'request failed');
  return sendAnswer(reply, text(status, sentence), false);
}
