/** For live tests: a data plane on a free port, instances in this process or in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import type { Backend, BackendServer, Frontend, IngressServerStatus, RoutingTable } from '../../model/ingress.ts';
import type { DataPlane } from '../data-plane.ts';
import { EmbeddedDataPlane, type EmbeddedOptions } from './embedded-data-plane.ts';

export const portOf = (server: Server | NetServer): number => (server.address() as AddressInfo).port;

export async function freePort(): Promise<number> {
  const server = createNetServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

export async function until(what: string, isSo: () => boolean, limitMs = 60_000): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!isSo()) {
    if (Date.now() > endMs) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await delay(2);
  }
}

/** Given times short enough for a quiet machine first; one that is too slow for them is given four times as much. */
export async function withPatience(attempt: (ms: number) => Promise<void>, ms: number, rounds = 4): Promise<void> {
  for (let round = 1; round < rounds; round++, ms *= 4) {
    const isDone = await attempt(ms).then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
  await attempt(ms);
}

/** Ends everything that a test has started, the newest first. */
export class Cleanup {
  #steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

export interface Instance {
  readonly id: string;
  readonly port: number;
}

export async function httpInstance(cleanup: Cleanup, id: string, listener: RequestListener, port = 0) {
  const server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return { id, port: portOf(server), server };
}

/** An instance that answers in bytes of the test's own. */
export async function rawInstance(cleanup: Cleanup, id: string, onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { id, port: portOf(server), server, sockets };
}

const INSTANCE = `
const { createServer } = require('node:http');
const [version, delayMs] = process.argv.slice(1);
const server = createServer((request, response) => {
  request.resume();
  setTimeout(() => response.writeHead(200, { 'x-version': version }).end('version ' + version + '\\n'), Math.random() * Number(delayMs));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => process.exit(0));
`;

/** A process of its own that exits at once on SIGTERM, whatever is open. */
export async function processInstance(cleanup: Cleanup, id: string, version: string, delayMs: number) {
  const child: ChildProcess = spawn(process.execPath, ['-e', INSTANCE, version, String(delayMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  cleanup.add(stop);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { id, port: Number(line.toString()), stop };
}

export interface Rig {
  readonly plane: DataPlane;
  readonly port: number;
  readonly url: string;
  /** Resolves when the data plane has done what the table says; the embedded one has when this returns. */
  apply(ready: readonly Instance[], draining?: readonly Instance[], changes?: Partial<Backend>): Promise<void>;
  applyTable(table: Omit<RoutingTable, 'Index'>): Promise<void>;
  state(instance: Instance): IngressServerStatus['State'] | undefined;
  inFlight(instance: Instance): number | undefined;
  stop(): Promise<void>;
}

type PlaneOptions = Omit<EmbeddedOptions, 'clock' | 'log' | 'bindAddress' | 'onChange'>;

export interface RigOptions extends Partial<PlaneOptions> {
  readonly mode?: Frontend['Mode'];
  /** Another data plane than the embedded one. */
  readonly dataPlane?: (options: EmbeddedOptions) => DataPlane;
  readonly hasTls?: boolean;
  /** What each instance is besides its place. */
  readonly server?: Partial<BackendServer>;
}

export async function startRig(
  cleanup: Cleanup,
  {
    mode = 'http',
    hasTls = false,
    server = {},
    dataPlane = (given) => new EmbeddedDataPlane(given),
    ...options
  }: RigOptions = {},
): Promise<Rig> {
  const port = await freePort();
  const shared = { clock: systemClock, log: silentLog, bindAddress: '127.0.0.1', onChange: () => {} };
  const plane = dataPlane({ ...shared, stopMs: 2000, ...options });
  const stopping = new AbortController();
  const ended = plane.run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await ended;
  };
  cleanup.add(stop);
  let index = 0;
  const applyTable: Rig['applyTable'] = async (table) => {
    const applied = ++index;
    plane.apply({ ...table, Index: applied });
    if (plane.appliedIndex() < applied) await until('the table is applied', () => plane.appliedIndex() >= applied);
  };
  const status = ({ id, port: at }: Instance) => plane.statuses()[`${id}:${at}`];
  return {
    plane,
    port,
    url: `http${hasTls ? 's' : ''}://127.0.0.1:${port}/`,
    apply: (ready, draining = [], changes = {}) => {
      const table = tableOf(port, mode, ready, draining, changes);
      const [frontend] = table.Frontends;
      for (const pool of frontend!.Routes[0]!.Backend.Pools) {
        pool.Servers = pool.Servers.map((each) => ({ ...each, ...server }));
      }
      if (hasTls) frontend!.TLS = true;
      return applyTable(table);
    },
    applyTable,
    state: (instance) => status(instance)?.State,
    inFlight: (instance) => status(instance)?.InFlight,
    stop,
  };
}

export function tableOf(
  port: number,
  mode: Frontend['Mode'],
  ready: readonly Instance[],
  draining: readonly Instance[] = [],
  changes: Partial<Backend> = {},
): RoutingTable {
  const servers = [...ready.map(serverOf('ready')), ...draining.map(serverOf('draining'))];
  const backend: Backend = {
    ID: 'default/web/web',
    Service: 'web',
    HoldMs: 5000,
    DrainDeadlineMs: 60_000,
    Check: null,
    Pools: [{ Name: 'stable', Weight: 100, Servers: servers }],
    ...changes,
  };
  return { Index: 1, Frontends: [{ Listen: port, Mode: mode, Routes: [{ Host: '', Path: '/', Backend: backend }] }] };
}

export const serverOf =
  (state: BackendServer['State'], version = 0) =>
  ({ id, port }: Instance): BackendServer => ({
    AllocID: id,
    Address: '127.0.0.1',
    Port: port,
    Version: version,
    State: state,
  });

/** Sends text over a connection of its own and collects what comes back. */
export async function rawClient(cleanup: Cleanup, port: number) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  cleanup.add(() => socket.destroy());
  const chunks: Buffer[] = [];
  const state = { isClosed: false, error: '' };
  socket.on('data', (bytes) => chunks.push(bytes));
  socket.on('error', (error) => {
    state.error = (error as NodeJS.ErrnoException).code ?? error.message;
  });
  socket.on('close', () => {
    state.isClosed = true;
  });
  await once(socket, 'connect');
  return { socket, state, text: () => Buffer.concat(chunks).toString('latin1') };
}

export interface HammerOptions {
  readonly url: string;
  /** Every other one uses a fresh connection for each request. */
  readonly workers: number;
  readonly pauseMs: number;
  readonly body?: Buffer;
}

/** Requests without a break, by Node's own client; whatever is not answered in full with 200 is a failure. */
export function hammer({ url, workers, pauseMs, body }: HammerOptions) {
  const result = { requests: 0, failures: [] as string[], bodies: new Set<string>() };
  let isStopped = false;
  const work = async (at: number) => {
    const agent = new Agent({ keepAlive: at % 2 === 0, maxSockets: 1 });
    while (!isStopped) {
      const answer = await answerOf(url, { agent, method: body === undefined ? 'GET' : 'POST' }, body);
      result.requests++;
      if (answer.startsWith('200 ')) result.bodies.add(answer.slice(4));
      else result.failures.push(answer);
      await delay(pauseMs);
    }
    agent.destroy();
  };
  const all = Promise.all(Array.from({ length: workers }, (_, at) => work(at)));
  return async () => {
    isStopped = true;
    await all;
    return result;
  };
}

/** Status and body of one request; an error's code where there is none. */
export async function answerOf(
  url: string,
  options: { method?: string; agent?: Agent; headers?: Record<string, string> } = {},
  body?: Buffer | string,
): Promise<string> {
  try {
    const asked = request(url, options);
    // What breaks off after the head is an error of the response, which is waited for.
    asked.on('error', () => {});
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return `${response.statusCode} ${Buffer.concat(chunks).toString().trim()}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
