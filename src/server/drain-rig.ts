/** For the tests of draining: the whole server on a virtual clock, and nodes that do as they are told. */
import { settle } from '../lib/virtual-clock.ts';
import { type Allocation, type AllocUpdate, isClientTerminal } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import { epochMsOf, HOUR, SECOND, timestampOf } from '../model/nanos.ts';
import type { DrainSpec, Node } from '../model/node.ts';
import type { MigrateStrategy } from '../model/policies.ts';
import { dynamicPort, newGroup, newIngressService, newJob, newNode, newTask } from '../scheduler/fixtures.ts';
import { MemoryRecords } from '../state/storage/memory.ts';
import { read, type TestState, testState } from './fixtures.ts';
import type { DrainRequest } from './operations.ts';
import { Server } from './server.ts';

export const FIRST = newNode(0);
export const SECOND_NODE = newNode(1);

export const migrate = (fields: Partial<MigrateStrategy> = {}): MigrateStrategy => ({
  MaxParallel: 2,
  HealthCheck: 'checks',
  MinHealthyTime: 10 * SECOND,
  HealthyDeadline: 300 * SECOND,
  ...fields,
});

export const jobOf = (Count: number, group: Partial<Job['TaskGroups'][number]> = {}, release = '1'): Job =>
  newJob({
    TaskGroups: [newGroup({ Count, Migrate: migrate(), Tasks: [newTask({ Env: { RELEASE: release } })], ...group })],
  });

export const drain = (fields: Partial<DrainRequest> = {}): DrainRequest => ({
  spec: { Deadline: HOUR, IgnoreSystemJobs: false },
  markEligible: false,
  meta: null,
  ...fields,
});
export const within = (Deadline: number): DrainSpec => ({ Deadline, IgnoreSystemJobs: false });

export const BEHIND_INGRESS = { Services: [newIngressService('web')], Networks: dynamicPort() };

export interface Cluster extends TestState {
  readonly server: Server;
  stop(): Promise<void>;
}

const started: Cluster[] = [];

export async function stopAll(): Promise<void> {
  for (const each of started.splice(0)) await each.stop();
}

export async function start(records = new MemoryRecords()): Promise<Cluster> {
  const world = await testState(records);
  const server = new Server({ ...world, breathe: () => Promise.resolve(), heartbeat: { ttlMs: 1e9, graceMs: 1e9 } });
  const end = new AbortController();
  const running = server.run(end.signal);
  await settle();
  const cluster = {
    ...world,
    server,
    stop: async () => {
      end.abort();
      await running;
    },
  };
  started.push(cluster);
  return cluster;
}

/** A job whose instances all run on the first node; the second one joins afterwards. */
export async function onFirstNode(job: Job): Promise<Cluster> {
  const cluster = await start();
  await cluster.server.registerNode(FIRST);
  await cluster.server.registerJob({ Job: job });
  await settle();
  await obey(cluster);
  await settle();
  await cluster.server.registerNode(SECOND_NODE);
  await settle();
  return cluster;
}

export const allocsOf = (cluster: TestState): readonly Allocation[] =>
  read(cluster, (tx) => tx.allocsByJob('default', 'web'));
export const nodeOf = (cluster: TestState, id = FIRST.ID): Node => read(cluster, (tx) => tx.node(id))!;
export const on = (cluster: TestState, node: Node) =>
  allocsOf(cluster).filter((alloc) => alloc.NodeID === node.ID && !isClientTerminal(alloc));
export const marked = (cluster: TestState) =>
  allocsOf(cluster).filter((alloc) => alloc.DesiredTransition?.Migrate === true);
export const serving = (cluster: TestState) =>
  allocsOf(cluster).filter((alloc) => alloc.DesiredStatus === 'run' && alloc.ClientStatus === 'running');

/** Nodes start and stop what they are told to, and judge what a deployment asks about. */
export async function obey(
  cluster: Cluster,
  healthy: (alloc: Allocation) => boolean | undefined = () => true,
): Promise<void> {
  const nowMs = cluster.clock.nowMs();
  for (const node of read(cluster, (tx) => tx.nodes())) {
    const updates = allocsOf(cluster)
      .filter((alloc) => alloc.NodeID === node.ID && !isClientTerminal(alloc))
      .map((alloc) => reportOf(alloc, nowMs, healthy(alloc)));
    if (updates.length > 0) await cluster.server.updateAllocs(node.ID, updates);
  }
  await settle();
}

export function reportOf(alloc: Allocation, nowMs: number, healthy: boolean | undefined): AllocUpdate {
  const ends = alloc.DesiredStatus !== 'run';
  const judges = !ends && alloc.DeploymentID !== '' && healthy !== undefined;
  return {
    ID: alloc.ID,
    ClientStatus: ends ? 'complete' : 'running',
    ClientDescription: '',
    TaskStates: alloc.TaskStates ?? {
      server: {
        State: 'running',
        Failed: false,
        Restarts: 0,
        LastRestart: null,
        StartedAt: timestampOf(nowMs),
        FinishedAt: null,
        Events: [],
      },
    },
    ...(judges && { Healthy: { Healthy: healthy, TimestampMs: nowMs, DeploymentID: alloc.DeploymentID } }),
  };
}

/** Lets time go by in small steps while the nodes obey. */
export async function pass(
  cluster: Cluster,
  ms: number,
  each: () => void = () => {},
  judge: (alloc: Allocation, nowMs: number) => boolean | undefined = () => true,
): Promise<void> {
  for (let gone = 0; gone < ms; gone += 1000) {
    await cluster.clock.advance(1000);
    await obey(cluster, (alloc) => judge(alloc, cluster.clock.nowMs()));
    each();
  }
}

export const provenAfter =
  (ms: number) =>
  (alloc: Allocation, nowMs: number): boolean | undefined =>
    alloc.DeploymentStatus?.Healthy ?? (nowMs - epochMsOf(alloc.CreateTime) > ms ? true : undefined);

/** Judged healthy, or where no deployment asks, running for long enough. */
export const healthy = (cluster: TestState, afterMs = 9_000): readonly Allocation[] =>
  serving(cluster).filter((alloc) => provenAfter(afterMs)(alloc, cluster.clock.nowMs()) === true);
