/**
 * Marathon's face: a listener of its own, since its clients expect a port of its own, other headers and other errors.
 * The same guards as at the main API: names of this agent only, no pages from elsewhere, tokens where they are in use.
 */
import { setMaxListeners } from 'node:events';
import compress from '@fastify/compress';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { SerinError } from '../../lib/errors.ts';
import { tokenRefusal } from '../auth.ts';
import { callOf } from '../call-of.ts';
import { refusalOf } from '../guard.ts';
import { frameworkOptions } from '../http-server.ts';
import { sendAnswer } from '../send.ts';
import { withToken } from './basic-auth.ts';
import type { MarathonDeps } from './deps.ts';
import { MarathonRefusal, marathonError } from './errors.ts';
import { MARATHON_METHODS, marathonRouter, pathOf, type Router } from './route.ts';
import { marathonRoutes } from './routes.ts';

export function createMarathonServer(deps: MarathonDeps): FastifyInstance {
  const router = marathonRouter(marathonRoutes(deps));
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const app = fastify({
    ...frameworkOptions(deps),
    frameworkErrors: (error, request, reply) => sendError(deps, error, request, reply as FastifyReply),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, reply) => admit(deps, request, reply));
  app.addHook('preClose', async () => closing.abort());
  app.setErrorHandler((error, request, reply) => sendError(deps, error, request, reply));
  app.register(compress, { encodings: ['gzip'], threshold: 1024, customTypes: /^application\/json/ });
  app.register(async (scope) => {
    const method = [...MARATHON_METHODS];
    scope.route({
      method,
      url: '/*',
      exposeHeadRoute: false,
      handler: (request, reply) => answer(router, request, reply, closing.signal),
    });
  });
  return app;
}

const NEVER_KEPT = { 'Cache-Control': 'no-cache, no-store, must-revalidate', Pragma: 'no-cache', Expires: '0' };

async function admit(deps: MarathonDeps, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers({ ...NEVER_KEPT, 'X-Marathon-Leader': `http${deps.tls ? 's' : ''}://${deps.address}` });
  const refused = refusalOf({ method: request.method, headers: request.headers }, deps.hosts);
  if (refused !== undefined) throw new SerinError('foreignOrigin', refused);
  if (deps.tokens === undefined || pathOf(request.url) === '/ping') return;
  const unauthorized = await tokenRefusal(pathOf(request.url), withToken(request.headers), deps.tokens);
  if (unauthorized === undefined) return;
  reply.header('WWW-Authenticate', 'Basic realm="Serin", charset="UTF-8"');
  throw new SerinError('unauthorized', unauthorized);
}

async function answer(
  router: Router,
  request: FastifyRequest,
  reply: FastifyReply,
  closing: AbortSignal,
): Promise<FastifyReply> {
  const path = pathOf(request.url);
  const routed = router(request.method, path);
  if (routed === undefined) throw new MarathonRefusal(404, `URI not found: ${path}`);
  if (routed === 'method') throw new MarathonRefusal(405, `${path} does not answer ${request.method}`);
  const gone = new AbortController();
  const leave = () => gone.abort();
  closing.addEventListener('abort', leave, { once: true });
  if (closing.aborted) leave();
  reply.raw.once('close', () => {
    closing.removeEventListener('abort', leave);
    leave();
  });
  return sendAnswer(reply, await routed.handler(callOf(request, routed.params, gone.signal)), false);
}

function sendError(deps: MarathonDeps, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body, unexpected } = marathonError(error);
  if (unexpected) deps.log.error({ err: error, method: request.method, url: request.url }, 'request failed');
  return sendAnswer(reply, { kind: 'json', status, value: body, headers: {} }, false);
}
