/**
 * What part of the requests canaries get through a real data plane, and whether a flip is one step: instances are ports
 * of one cheap server in this process, which says in its answer which pool it is of.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import {
  Cleanup,
  type Instance,
  type Rig,
  type RigOptions,
  serverOf,
  startRig,
  until,
} from '../src/ingress/embedded/live-rig.ts';
import type { Pool } from '../src/model/ingress.ts';
import { startLoad } from './load.ts';
import type { LoadResponse } from './load-connection.ts';

export interface ShareCase {
  readonly percent: number;
  readonly canaries: number;
  readonly stable: number;
}

export interface Share extends ShareCase {
  readonly requests: number;
  readonly canaryRequests: number;
  readonly failed: number;
}

const CONNECTIONS = 64;
const READY_WITHIN_MS = 120_000;

/** Standard deviations of a fair choice between what was and what should be; a share of 0 or 100 has none. */
export function deviations({ percent, requests, canaryRequests }: Share): number {
  const share = percent / 100;
  const spread = Math.sqrt(requests * share * (1 - share));
  const off = Math.abs(canaryRequests - requests * share);
  if (off === 0) return 0;
  return spread === 0 ? Number.POSITIVE_INFINITY : off / spread;
}

export async function measureShares(
  dataPlane: RigOptions['dataPlane'],
  cases: readonly ShareCase[],
  requests: number,
): Promise<Share[]> {
  return withRig(dataPlane, async (rig, cleanup) => {
    const shares: Share[] = [];
    for (const each of cases) shares.push(await measureShare(rig, cleanup, each, requests));
    return shares;
  });
}

async function measureShare(rig: Rig, cleanup: Cleanup, each: ShareCase, requests: number): Promise<Share> {
  const stable = await instances(cleanup, 'stable', each.stable);
  const canaries = await instances(cleanup, 'canary', each.canaries);
  await rig.apply([], [], { Pools: [stablePool(100 - each.percent, stable), canaryPool(each.percent, canaries)] });
  await ready(rig, [...stable, ...canaries]);
  const load = startLoad({ url: rig.url, connections: CONNECTIONS, keepAlive: 'always' });
  while (load.snapshot().requests < requests) await new Promise((resolve) => setTimeout(resolve, 20));
  const { byVersion, failed, ...all } = await load.stop();
  return { ...each, requests: all.requests, canaryRequests: byVersion.canary ?? 0, failed };
}

export interface FlipFigures {
  readonly flips: number;
  readonly requests: number;
  readonly failed: number;
  /** Answers of the new pool that ended before the flip was asked for, of the old one to requests after it was acknowledged. */
  readonly astray: number;
}

export async function measureFlips(dataPlane: RigOptions['dataPlane'], flips: number): Promise<FlipFigures> {
  return withRig(dataPlane, async (rig, cleanup) => {
    const sets = { blue: await instances(cleanup, 'blue', 4), green: await instances(cleanup, 'green', 4) };
    const poolsOf = (to: 'blue' | 'green') => {
      const from = to === 'blue' ? 'green' : 'blue';
      return { Pools: [stablePool(100, sets[to]), canaryPool(0, sets[from])] };
    };
    await rig.apply([], [], poolsOf('blue'));
    await ready(rig, [...sets.blue, ...sets.green]);
    const answers: LoadResponse[] = [];
    const onResponse = (answer: LoadResponse): void => void answers.push(answer);
    const load = startLoad({ url: rig.url, connections: CONNECTIONS, keepAlive: 'always', onResponse });
    let astray = 0;
    for (let turn = 0; turn < flips; turn++) {
      const [from, to] = turn % 2 === 0 ? (['blue', 'green'] as const) : (['green', 'blue'] as const);
      await enough(answers);
      const askedMs = performance.now();
      await rig.apply([], [], poolsOf(to));
      const acknowledgedMs = performance.now();
      await enough(answers, acknowledgedMs);
      for (const { version, endedMs, latencyMs } of answers.splice(0)) {
        if (version === to && endedMs < askedMs) astray++;
        if (version === from && endedMs - latencyMs > acknowledgedMs) astray++;
      }
    }
    const { requests, failed } = await load.stop();
    return { flips, requests, failed, astray };
  });
}

/** A few rounds of all connections since then. */
async function enough(answers: readonly LoadResponse[], sinceMs = 0): Promise<void> {
  const count = () => answers.filter(({ endedMs, latencyMs }) => endedMs - latencyMs > sinceMs).length;
  while (count() < 8 * CONNECTIONS) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function withRig<T>(dataPlane: RigOptions['dataPlane'], work: (rig: Rig, cleanup: Cleanup) => Promise<T>) {
  const cleanup = new Cleanup();
  try {
    return await work(await startRig(cleanup, dataPlane === undefined ? {} : { dataPlane }), cleanup);
  } finally {
    await cleanup.run();
  }
}

const stablePool = (weight: number, servers: readonly Instance[]): Pool => ({
  Name: 'stable',
  Weight: weight,
  Servers: servers.map(serverOf('ready')),
});

const canaryPool = (weight: number, servers: readonly Instance[]): Pool => ({
  Name: 'canary',
  Group: 'web',
  Weight: weight,
  Servers: servers.map(serverOf('ready', 1)),
});

const ready = (rig: Rig, all: readonly Instance[]): Promise<void> =>
  until('all are ready', () => all.every((each) => rig.state(each) === 'ready'), READY_WITHIN_MS);

let made = 0;

async function instances(cleanup: Cleanup, version: string, count: number): Promise<Instance[]> {
  const text = `HTTP/1.1 200 OK\r\nX-Version: ${version}\r\nContent-Length: 3\r\n\r\nok\n`;
  const answer = Buffer.from(text);
  const all: Instance[] = [];
  for (let at = 0; at < count; at++) {
    const server = listener(cleanup, answer);
    await once(server, 'listening');
    all.push({ id: `${version}-${++made}`, port: (server.address() as AddressInfo).port });
  }
  return all;
}

function listener(cleanup: Cleanup, answer: Buffer): Server {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      for (let at = bytes.indexOf('\r\n\r\n'); at !== -1; at = bytes.indexOf('\r\n\r\n', at + 4)) socket.write(answer);
    });
  }).listen(0, '127.0.0.1');
  cleanup.add(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}
