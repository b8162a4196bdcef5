/** For the tests of this folder: the API over a real state in memory, with rows as a real peer's API showed them. */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { SerinError } from '../lib/errors.ts';
import { silentLog } from '../lib/log.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import type { Allocation } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Job } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import type { EvalResult, ServerOperations } from '../server/operations.ts';
import { State } from '../state/state.ts';
import { openMemoryStorage } from '../state/storage/memory.ts';
import type { AgentInfo, FilesReader, HttpDeps, NodeOperations } from './deps.ts';
import { createHttpServer } from './http-server.ts';

export const EVAL_ID = 'b316897f-d1ec-e485-f9c2-e52d13196bda';
export const UNKNOWN_ID = '00000000-0000-0000-0000-000000000000';

/** A trimmed capture of a real peer. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../testdata/http/${name}.json`, import.meta.url), 'utf8')) as T;
}

export const goldenJob = (): Job => golden<Job>('job');

/** Newest first. */
export const goldenVersions = (): Job[] => golden<{ Versions: Job[] }>('job_versions_diffs').Versions;

export function goldenNode(): Node {
  const { Reserved: _reserved, Resources: _resources, ...node } = golden<Node & Record<string, unknown>>('node');
  return { ...(node as unknown as Node), SecretID: 'the-secret-of-the-node' };
}

/** The row behind the captured allocation. */
export function goldenAlloc(changes: Partial<Allocation> = {}): Allocation {
  const view = golden<Allocation & { AllocatedResources: { Shared: { Ports: Allocation['Ports'] } } }>('allocation');
  return {
    ID: view.ID,
    Namespace: view.Namespace,
    EvalID: view.EvalID,
    Name: view.Name,
    NodeID: view.NodeID,
    NodeName: view.NodeName,
    JobID: view.JobID,
    JobVersion: goldenJob().Version,
    TaskGroup: view.TaskGroup,
    Ports: view.AllocatedResources.Shared.Ports,
    ...(view.Metrics ? { Metrics: view.Metrics } : {}),
    DesiredStatus: 'run',
    DesiredDescription: '',
    ClientStatus: 'running',
    ClientDescription: view.ClientDescription,
    TaskStates: view.TaskStates,
    PreviousAllocation: view.PreviousAllocation,
    NextAllocation: '',
    DeploymentID: view.DeploymentID,
    DeploymentStatus: view.DeploymentStatus,
    RescheduleTracker: null,
    FollowupEvalID: '',
    CreateIndex: 0,
    ModifyIndex: 0,
    AllocModifyIndex: 0,
    CreateTime: view.CreateTime,
    ModifyTime: view.ModifyTime,
    ...changes,
  };
}

export const goldenDeployment = (): Deployment => ({
  ...golden<Deployment>('job_deployment'),
  CreateTimeMs: 1_795_191_338_000,
  ModifyTimeMs: 1_795_191_338_000,
});

export const goldenEvaluation = (): Evaluation => golden<Evaluation[]>('evaluations')[0] as Evaluation;

export interface TestApi {
  readonly app: FastifyInstance;
  readonly state: State;
  readonly clock: VirtualClock;
  /** What the server was asked, as [operation, ...arguments]. */
  readonly asked: unknown[][];
  get(url: string, headers?: Record<string, string>): Promise<Reply>;
  put(url: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  del(url: string): Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  json<T = unknown>(): T;
}

type Changes = { readonly [Key in keyof HttpDeps]?: HttpDeps[Key] };

export async function testApi(changes: Changes = {}): Promise<TestApi> {
  const state = (changes.state as State | undefined) ?? (await State.open(openMemoryStorage(), { freezeRows: true }));
  const clock = (changes.clock as VirtualClock | undefined) ?? new VirtualClock();
  const asked: unknown[][] = [];
  const app = createHttpServer({
    server: fakeServer(asked),
    state,
    agent: TEST_AGENT,
    metrics: new Registry(),
    planIngressTable: (tx) => ({ Index: tx.index, Frontends: [] }),
    hosts: { allowedHosts: [], allowedOrigins: [] },
    clock,
    log: silentLog,
    forward: async () => {
      throw new SerinError('unavailable', 'no other agent here');
    },
    forwardSocket: async () => {
      throw new SerinError('unavailable', 'no other agent here');
    },
    ...changes,
  });
  await app.ready();
  const call = async (method: string, url: string, body?: unknown, headers: Record<string, string> = {}) => {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const reply = await app.inject({ method: method as 'GET', url, headers, ...(payload ? { payload } : {}) });
    return { status: reply.statusCode, headers: reply.headers, body: reply.body, json: <T>() => reply.json<T>() };
  };
  return {
    app,
    state,
    clock,
    asked,
    get: (url, headers) => call('GET', url, undefined, headers),
    put: (url, body, headers) => call('PUT', url, body, headers),
    del: (url) => call('DELETE', url),
  };
}

/** Everything that the captures show: one job with a node, an allocation, an evaluation and a deployment. */
export async function seed(state: State): Promise<void> {
  await state.update((tx) => tx.putNode(goldenNode()));
  await state.update((tx) => {
    tx.putJob(goldenVersions()[1] as Job);
    tx.putEvaluation(goldenEvaluation());
  });
  await state.update((tx) => tx.putJob(goldenJob()));
  await state.update((tx) => {
    tx.putDeployment(goldenDeployment());
    tx.putAlloc(goldenAlloc(), { serverSide: true });
  });
}

export const TEST_AGENT: AgentInfo = {
  name: 'vm',
  region: 'global',
  datacenter: 'dc1',
  version: '0.1.0',
  bindAddr: '127.0.0.1',
  httpAddr: '127.0.0.1:4646',
  roles: { server: true, client: true, ingress: true },
  config: () => ({}),
  stats: () => ({ nomad: { leader: 'true' } }),
  health: () => ({ client: { message: 'ok', ok: true }, server: { message: 'ok', ok: true } }),
  leader: () => '127.0.0.1:4646',
  peers: () => ['127.0.0.1:4646'],
};

/** Notes what it was asked and answers as if it had been done at index 29. */
function fakeServer(asked: unknown[][]): ServerOperations {
  const result: EvalResult = { EvalID: EVAL_ID, EvalCreateIndex: 29, Index: 29 };
  const changed = { ...result, DeploymentModifyIndex: 29, RevertedJobVersion: null };
  const note = <T>(name: string, args: readonly unknown[], value: T): Promise<T> => {
    asked.push([name, ...args]);
    return Promise.resolve(value);
  };
  return {
    registerJob: (...args) => note('registerJob', args, { ...result, JobModifyIndex: 29, Warnings: '' }),
    planJob: (...args) =>
      note('planJob', args, {
        Annotations: { DesiredTGUpdates: {}, PreemptedAllocs: null },
        FailedTGAllocs: null,
        JobModifyIndex: 10,
        CreatedEvals: null,
        Diff: null,
        NextPeriodicLaunch: null,
        Warnings: '',
        Index: 29,
        HeldBack: {},
        Course: [],
      }),
    validateJob: (job) => ({
      job: job as unknown as Job,
      errors: job.Datacenters ? [] : ['Missing job datacenters', 'Missing job task groups'],
      warnings: [],
    }),
    deregisterJob: (...args) => note('deregisterJob', args, { ...result, JobModifyIndex: 29 }),
    evaluateJob: (...args) => note('evaluateJob', args, result),
    revertJob: (...args) => note('revertJob', args, { ...result, JobModifyIndex: 29 }),
    scaleJob: (...args) => note('scaleJob', args, { ...result, JobModifyIndex: 29 }),
    setJobStability: (...args) => note('setJobStability', args, { JobModifyIndex: 29, Index: 29 }),
    tagJobVersion: (...args) =>
      note('tagJobVersion', args, { Name: 'golden', Description: 'x', TaggedTime: 5, Version: 2, Index: 29 }),
    untagJobVersion: (...args) => note('untagJobVersion', args, { Index: 29 }),
    stopAlloc: (...args) => note('stopAlloc', args, result),
    failDeployment: (...args) => {
      if (args[0] === UNKNOWN_ID) return Promise.reject(new SerinError('notFound', 'deployment not found'));
      return note('failDeployment', args, { ...result, DeploymentModifyIndex: 29, RevertedJobVersion: null });
    },
    pauseDeployment: (...args) => note('pauseDeployment', args, { ...changed, EvalID: '', EvalCreateIndex: 0 }),
    resumeDeployment: (...args) => note('resumeDeployment', args, changed),
    promoteDeployment: (...args) => note('promoteDeployment', args, changed),
    weighDeployment: (...args) => note('weighDeployment', args, { ...changed, EvalID: '', EvalCreateIndex: 0 }),
    unblockDeployment: (...args) => note('unblockDeployment', args, changed),
    setAllocHealth: (...args) => note('setAllocHealth', args, changed),
    overrideIngress: (...args) => note('overrideIngress', args, { Index: 29 }),
    collectGarbage: (...args) => note('collectGarbage', args, undefined),
    registerNode: (...args) => note('registerNode', args, { HeartbeatTTLMs: 10_000, Index: 29 }),
    heartbeat: (...args) => note('heartbeat', args, { HeartbeatTTLMs: 10_000, Known: true }),
    updateAllocs: (...args) => note('updateAllocs', args, { Index: 29 }),
    setEligibility: (...args) => note('setEligibility', args, result),
    drainNode: (...args) =>
      note('drainNode', args, { EvalIDs: [EVAL_ID], EvalCreateIndex: 29, NodeModifyIndex: 29, Index: 29 }),
    drainWaits: () => [],
    purgeNode: (...args) => {
      if (args[0] === UNKNOWN_ID) return Promise.reject(new SerinError('notFound', 'node not found'));
      return note('purgeNode', args, result);
    },
    reportIngress: (...args) => note('reportIngress', args, undefined),
    removeIngress: (...args) => note('removeIngress', args, undefined),
  };
}

/** A folder with one file, which was cut short while it was followed. */
export function fakeFiles(asked: unknown[][], pieces: readonly string[]): FilesReader {
  const info = { Name: 'file', IsDir: false, Size: 5, FileMode: '-rw-r--r--', ModTime: '2026-11-20T16:15:32.000Z' };
  return {
    list: async (path) => {
      asked.push(['list', path]);
      return [info];
    },
    stat: async (path) => {
      asked.push(['stat', path]);
      return { ...info, ContentType: 'text/plain; charset=utf-8' };
    },
    async *read(request, signal) {
      asked.push(['read', request]);
      const { path: File, follow } = request;
      if (File === 'secret') throw new SerinError('forbidden', 'Reading secret file prohibited: "secret"');
      for (const each of pieces) yield { File, Offset: 0, Data: Buffer.from(each, 'latin1') };
      if (follow) yield { File, Offset: 0, Data: Buffer.alloc(0), FileEvent: 'file truncated' };
      if (follow && !signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      }
    },
  };
}

/** A node agent with one log, as frames. */
export function fakeNode(asked: unknown[][], frames: readonly string[]): NodeOperations {
  return {
    nodeId: goldenNode().ID,
    restart: async (...args) => void asked.push(['restart', ...args]),
    restartAll: async (...args) => void asked.push(['restartAll', ...args]),
    signal: async (...args) => void asked.push(['signal', ...args]),
    stats: async () => ({ Tasks: {} }),
    hostStats: async () => ({ Uptime: 7 }),
    async *readLogs(_allocId, { task, type, follow, signal }) {
      if (task !== 'server') throw new SerinError('notFound', `task "${task}" not started yet. No logs available`);
      let offset = 0;
      for (const each of frames) {
        offset += each.length;
        yield { File: `alloc/logs/${task}.${type}.0`, Offset: offset, Data: Buffer.from(each).toString('base64') };
      }
      if (follow && !signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      }
    },
  };
}
