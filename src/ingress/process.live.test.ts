import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../lib/log.ts';
import type { IngressReport, RoutingTable } from '../model/ingress.ts';
import { answerOf, Cleanup, freePort, hammer, httpInstance, portOf, tableOf, until } from './embedded/live-rig.ts';
import { runIngressProcess } from './process.ts';

const cleanup = new Cleanup();
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'serin-ingress-'));
  cleanup.add(() => rm(dataDir, { recursive: true, force: true }));
});
afterEach(() => cleanup.run());

/** The resources under /v1/ingress, with a table that the test replaces. */
class TestServer {
  readonly reports: IngressReport[] = [];
  readonly left: string[] = [];
  readonly tokens = new Set<string | undefined>();
  table: RoutingTable = { Index: 1, Frontends: [] };
  #waiting: (() => void)[] = [];
  #server = createServer();

  async start(port = 0): Promise<string> {
    this.#server = createServer((request, response) => void this.#answer(request, response)).listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    cleanup.add(() => this.stop());
    return `http://127.0.0.1:${portOf(this.#server)}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  publish(table: RoutingTable): void {
    this.table = table;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  get last(): IngressReport | undefined {
    return this.reports.at(-1);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.tokens.add(request.headers['x-nomad-token'] as string | undefined);
    const url = new URL(request.url!, 'http://server');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'GET' && url.pathname === '/v1/ingress/table') {
      while (Number(url.searchParams.get('index')) === this.table.Index) {
        await new Promise<void>((wake) => this.#waiting.push(wake));
      }
      response.setHeader('X-Nomad-Index', this.table.Index);
      response.end(JSON.stringify(this.table));
      return;
    }
    if (request.method === 'PUT') this.reports.push(JSON.parse(Buffer.concat(chunks).toString()) as IngressReport);
    if (request.method === 'DELETE') this.left.push(url.pathname);
    response.end('{}');
  }
}

function startIngress(serverUrl: string) {
  const stopping = new AbortController();
  const options = { dataDir, serverUrl, token: () => 'secret', bindAddress: '127.0.0.1', name: 'edge', log: silentLog };
  const ended = runIngressProcess({ ...options, stopMs: 1000 }, stopping.signal);
  const stop = async () => {
    stopping.abort();
    await ended;
  };
  cleanup.add(stop);
  return { stop };
}

const numbered = (index: number, table: RoutingTable): RoutingTable => ({ ...table, Index: index });

describe('an ingress process', () => {
  it('follows the server, tells what came of it, and keeps serving while the server is gone', async () => {
    const server = new TestServer();
    const serverUrl = await server.start();
    const [old, fresh] = await Promise.all(
      ['old', 'new'].map((id) => httpInstance(cleanup, id, (_, answer) => answer.end(id))),
    );
    const port = await freePort();
    server.table = numbered(5, tableOf(port, 'http', [old!]));
    const ingress = startIngress(serverUrl);
    await until('the first is ready', () => server.last?.Servers[`old:${old!.port}`]?.State === 'ready');
    expect(server.last).toMatchObject({ Name: 'edge', DataPlane: 'embedded', AppliedIndex: 5, Problems: [] });
    expect(server.tokens).toEqual(new Set(['secret']));

    const load = hammer({ url: `http://127.0.0.1:${port}/`, workers: 8, pauseMs: 10 });
    server.publish(numbered(6, tableOf(port, 'http', [fresh!], [old!])));
    await until('the old one is drained', () => server.last?.Servers[`old:${old!.port}`]?.State === 'drained');
    await until('the new one is ready', () => server.last?.Servers[`new:${fresh!.port}`]?.State === 'ready');
    server.stop();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const figures = await load();
    expect(figures.failures).toEqual([]);
    expect([...figures.bodies]).toContain('new');

    const before = server.reports.length;
    await server.start(Number(new URL(serverUrl).port));
    await until('it speaks again', () => server.reports.length > before);
    await ingress.stop();
    expect(server.left).toEqual([`/v1/ingress/${server.last!.ID}`]);
  });

  it('starts without a server from the table that it knew, as the ingress that it was', async () => {
    const server = new TestServer();
    const serverUrl = await server.start();
    const instance = await httpInstance(cleanup, 'a', (_, answer) => answer.end('hello'));
    const port = await freePort();
    server.table = numbered(5, tableOf(port, 'http', [instance]));
    const first = startIngress(serverUrl);
    await until('it is ready', () => server.last?.Servers[`a:${instance.port}`]?.State === 'ready');
    const { ID } = server.last!;
    await first.stop();
    server.stop();

    startIngress(serverUrl);
    await expect.poll(() => answerOf(`http://127.0.0.1:${port}/`)).toBe('200 hello');
    const before = server.reports.length;
    await server.start(Number(new URL(serverUrl).port));
    await until('it speaks again', () => server.reports.length > before);
    expect(server.last!.ID).toBe(ID);
  });
});
