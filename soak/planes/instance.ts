/**
 * An instance of the service under test, bundled and run as a task: quick and slow answers, long downloads, WebSocket.
 * On the signal it ends at once, whatever it is doing: nothing may be in flight to it by then.
 */
import { createServer, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';

const { VERSION = '', NOMAD_PORT_http = '', NOMAD_IP_http } = process.env;
const CHUNK = Buffer.alloc(4096, 'serin ');
const CHUNK_EVERY_MS = 50;

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://web');
  const ms = Number(searchParams.get('ms'));
  response.setHeader('x-version', VERSION);
  request.resume();
  if (pathname === '/download') download(response, Math.ceil(ms / CHUNK_EVERY_MS));
  else setTimeout(() => response.end(VERSION), pathname === '/slow' ? ms : 0);
});
server.keepAliveTimeout = 60_000;

/**
 * Its length is said first, so that a download that is cut short shows. By the clock, not by turns: on a busy machine
 * it must not take longer than a drain's deadline.
 */
function download(response: ServerResponse, chunks: number): void {
  response.setHeader('content-length', chunks * CHUNK.length);
  const startedMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(chunks, Math.floor((performance.now() - startedMs) / CHUNK_EVERY_MS));
    for (; sent < due; sent++) response.write(CHUNK);
    if (sent === chunks) response.end();
    if (sent === chunks || response.destroyed) clearInterval(timer);
  }, CHUNK_EVERY_MS);
}

new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('message', (message) => socket.send(`${VERSION} ${message}`));
  socket.on('error', () => {});
});

server.listen(Number(NOMAD_PORT_http), NOMAD_IP_http);
