import { type ClientRequest, get as httpGet, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import type { HttpDeps } from './deps.ts';
import { fakeNode, goldenAlloc, goldenJob, seed, type TestApi, testApi } from './fixture.ts';

let api: TestApi;
const ended: string[] = [];

beforeEach(async () => {
  ended.length = 0;
  const node = fakeNode([], ['hello']);
  const readLogs: typeof node.readLogs = async function* (allocId, request) {
    try {
      if (request.type === 'stderr') await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      else yield* node.readLogs(allocId, request);
    } finally {
      ended.push('log');
    }
  };
  api = await testApi({ clock: systemClock, node: { ...node, readLogs } as HttpDeps['node'] & object });
  await seed(api.state);
  await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => api.app.close());

interface Opened {
  readonly request: ClientRequest;
  text(): string;
}

/** Sends the request and gives it as soon as something of it is to be seen: the first byte of its answer, if nothing else. */
async function open(
  path: string,
  headers: Record<string, string> = {},
  isSeen: (text: string) => boolean = (text) => text !== '',
): Promise<Opened> {
  const { port } = api.app.server.address() as AddressInfo;
  let text = '';
  const request = httpGet({ host: '127.0.0.1', port, path, headers, agent: false });
  request.on('error', () => {});
  request.on('response', (response: IncomingMessage) => {
    response.on('data', (chunk) => (text += chunk));
    response.on('error', () => {});
  });
  expect(await until(() => isSeen(text))).toBe(true);
  return { request, text: () => text };
}

async function until(holds: () => boolean, atMostMs = 60_000): Promise<boolean> {
  for (const end = Date.now() + atMostMs; Date.now() < end; ) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return holds();
}

async function openBlocking(): Promise<Opened & { waiting(): number }> {
  let waiting = 0;
  const { state } = api;
  const waitFor = state.waitFor.bind(state);
  state.waitFor = async (query, signal) => {
    waiting++;
    await waitFor(query, signal).finally(() => waiting--);
  };
  const opened = await open(`/v1/job/web?index=${state.index}&wait=10m`, {}, () => waiting === 1);
  return { ...opened, waiting: () => waiting };
}

it('a client that leaves a blocking query leaves nothing behind', async () => {
  const { request, waiting } = await openBlocking();
  request.destroy();
  expect(await until(() => waiting() === 0)).toBe(true);
});

it('a client that leaves a followed log ends its reading', async () => {
  const { request, text } = await open(`/v1/client/fs/logs/${goldenAlloc().ID}?task=server&type=stdout&follow&plain`);
  expect(text()).toBe('hello');
  request.destroy();
  expect(await until(() => ended.includes('log'))).toBe(true);
});

it('a followed log without a word yet is answered at once, so that its reader knows that it is followed', async () => {
  const { port } = api.app.server.address() as AddressInfo;
  const path = `/v1/client/fs/logs/${goldenAlloc().ID}?task=server&type=stderr&follow&plain`;
  const request = httpGet({ host: '127.0.0.1', port, path, agent: false });
  const response = await new Promise<IncomingMessage>((resolve) => request.on('response', resolve));
  expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
  response.on('error', () => {});
  request.on('error', () => {}).destroy();
  expect(await until(() => ended.includes('log'))).toBe(true);
});

it('events arrive as they happen, uncompressed even for those who take gzip', async () => {
  const { request, text } = await open('/v1/event/stream?topic=Job', { 'accept-encoding': 'gzip' });
  expect(text()).toBe('{}\n');
  await api.state.update((tx) => tx.touchJob({ ...goldenJob(), Status: 'dead' }));
  expect(await until(() => text().includes('"Status":"dead"'))).toBe(true);
  request.destroy();
});

it('an agent that stops ends streams and waiting queries at once', async () => {
  const events = await open('/v1/event/stream');
  const query = await openBlocking();
  await api.app.close();
  expect(await until(() => query.text().includes('"ID":"web"'))).toBe(true);
  expect(events.text()).toContain('{}');
});
