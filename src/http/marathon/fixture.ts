/** For the tests of this folder: Marathon's API over a whole server on a virtual clock, with nodes that do as they are told. */
import type { FastifyInstance } from 'fastify';
import { silentLog } from '../../lib/log.ts';
import { settle } from '../../lib/virtual-clock.ts';
import { type Allocation, isClientTerminal } from '../../model/allocation.ts';
import { type Cluster, FIRST, reportOf, start, stopAll } from '../../server/drain-rig.ts';
import type { MemoryRecords } from '../../state/storage/memory.ts';
import type { MarathonDeps } from './deps.ts';
import { createMarathonServer } from './marathon-server.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever came.
  readonly json: any;
}

export interface MarathonRig {
  readonly world: Cluster;
  readonly app: FastifyInstance;
  call(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  get(url: string): Promise<Reply>;
  /** Nodes do what they are told, once. */
  obey(judge?: (alloc: Allocation) => boolean): Promise<void>;
  /** Until no deployment is left. */
  finish(): Promise<void>;
}

const NODE = {
  ...FIRST,
  Attributes: { ...FIRST.Attributes, 'os.signals': 'SIGTERM', 'unique.network.ip-address': '127.0.0.1' },
};

const open: FastifyInstance[] = [];

export async function marathonRig(changes: Partial<MarathonDeps> = {}, records?: MemoryRecords): Promise<MarathonRig> {
  const world = await start(records);
  const { server, state, clock } = world;
  await server.registerNode(NODE);
  const app = createMarathonServer({
    marathon: server.marathon,
    server,
    state,
    address: '127.0.0.1:8080',
    version: '0.1.0',
    hosts: { allowedHosts: [], allowedOrigins: [] },
    clock,
    log: silentLog,
    ...changes,
  });
  open.push(app);
  await app.ready();
  const call: MarathonRig['call'] = async (method, url, body, headers = {}) => {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const reply = await app.inject({
      method: method as 'GET',
      url,
      headers,
      ...(payload !== undefined && { payload }),
    });
    await settle();
    return { status: reply.statusCode, headers: reply.headers, body: reply.body, json: parsed(reply.body) };
  };
  const obey: MarathonRig['obey'] = async (judge = () => true) => {
    const allocs = state.view((tx) => [...tx.allocs()]).filter((alloc) => !isClientTerminal(alloc));
    const updates = allocs.map((alloc) => ({
      ...reportOf(alloc, clock.nowMs(), judge(alloc)),
      ...servicesOf(world, alloc, judge(alloc)),
    }));
    if (updates.length > 0) await server.updateAllocs(NODE.ID, updates);
    await settle();
  };
  const finish = async () => {
    for (let rounds = 0; rounds < 60; rounds++) {
      if (state.view((tx) => server.marathon.deployments(tx)).length === 0) return;
      await clock.advance(1000);
      await obey();
    }
    throw new Error('a deployment does not end');
  };
  return { world, app, call, get: (url) => call('GET', url), obey, finish };
}

export async function closeAll(): Promise<void> {
  for (const each of open.splice(0)) await each.close();
  await stopAll();
}

function servicesOf({ state, clock }: Cluster, alloc: Allocation, isHealthy: boolean) {
  const job = state.view((tx) => tx.job(alloc.Namespace, alloc.JobID));
  const checked = (job?.TaskGroups[0]?.Services ?? []).filter(({ Checks }) => (Checks ?? []).length > 0);
  const Status: 'passing' | 'critical' = isHealthy ? 'passing' : 'critical';
  return {
    Services: checked.map(({ Name, PortLabel, Checks }) => ({
      Service: Name,
      PortLabel,
      Address: '127.0.0.1',
      Port: alloc.Ports[0]?.Value ?? 0,
      Status,
      Checks: (Checks ?? []).map((check) => ({
        Check: check.Name,
        Status,
        Output: 'HTTP 200',
        TimestampMs: clock.nowMs(),
        PassingSinceMs: clock.nowMs(),
      })),
    })),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
