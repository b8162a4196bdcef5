/**
 * A cluster as large as one wants to look at: 1,000 jobs with 10,000 running instances. All but one job stand on nodes
 * that only beat their hearts and say that everything runs; `UPDATED` is run by the agent's own node, without processes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { simulatedNode } from '../simulation/sim-machine.ts';
import { newUuid } from '../src/lib/ids.ts';
import { getJson, putJson } from './agent-process.ts';

export const JOBS = 1_000;
export const ALLOCS = 10_000;
/** The job whose versions change. */
export const UPDATED = 'updated';
export const UPDATED_COUNT = 100;

const NODES = 50;
const AT_A_TIME = 8;
const HEARTBEAT_MS = 5_000;
const CLASS = 'simulated';

/** Resolves once everything runs; what it answers ends with the signal. */
export async function fillCluster(address: string, signal: AbortSignal): Promise<{ readonly ended: Promise<void> }> {
  const nodes = Array.from({ length: NODES }, newUuid);
  await Promise.all(nodes.map((id, at) => putJson(`${address}/v1/internal/node/register`, machine(id, at))));
  const ended = beat(address, nodes, signal);
  await putJson(`${address}/v1/jobs`, { Job: updatedJob('1') });
  let next = 1;
  const worker = async () => {
    for (let at = next++; at < JOBS; at = next++) await putJson(`${address}/v1/jobs`, { Job: filler(at) });
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  await until(async () => (await countOfStatus(address, 'pending', 'running')) >= ALLOCS);
  for (const node of nodes) await reportRunning(address, node);
  await until(async () => (await countOfStatus(address, 'running')) >= ALLOCS);
  return { ended };
}

/** The same job with another word in it: all its instances are replaced. */
export function updatedJob(version: string) {
  const task = { Name: 'server', Driver: 'mock', Config: {}, Env: { VERSION: version }, ...SMALL };
  const update = { MaxParallel: 10, MinHealthyTime: 1e8, HealthyDeadline: 60e9, ProgressDeadline: 120e9 };
  const constraint = { LTarget: '${node.class}', RTarget: CLASS, Operand: '!=' };
  const group = { Name: 'app', Count: UPDATED_COUNT, EphemeralDisk: DISK, Tasks: [task] };
  return job(UPDATED, { Update: update, Constraints: [constraint], TaskGroups: [group] });
}

/** A job that nobody runs: it only appears. */
export const quietJob = (id: string) => filler(0, id);

function filler(at: number, id = `job-${String(at).padStart(4, '0')}`) {
  const task = { Name: 'server', Driver: 'mock', Config: {}, ...SMALL };
  const constraint = { LTarget: '${node.class}', RTarget: CLASS, Operand: '=' };
  const group = { Name: 'app', Count: countOf(at), EphemeralDisk: DISK, Tasks: [task] };
  return job(id, { Update: { MaxParallel: 0 }, Constraints: [constraint], TaskGroups: [group] });
}

/** What is left of 10,000 over what is left of 1,000: tens and nines. */
function countOf(at: number): number {
  const [left, jobs] = [ALLOCS - UPDATED_COUNT, JOBS - 1];
  const least = Math.floor(left / jobs);
  return at > 0 && at <= left - least * jobs ? least + 1 : least;
}

const SMALL = { Resources: { CPU: 5, MemoryMB: 10 }, LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1 } };
const DISK = { SizeMB: 10 };

const job = (id: string, fields: object) => ({ ID: id, Type: 'service', Datacenters: ['*'], ...fields });

function machine(id: string, at: number): object {
  const node = { ...simulatedNode(id, at, { cpu: 4_000, memoryMB: 8_000 }), NodeClass: CLASS };
  return { ...node, NodeResources: { ...node.NodeResources, Disk: { DiskMB: 1_000_000 } } };
}

interface Stub {
  readonly ID: string;
  readonly ClientStatus: string;
}

async function countOfStatus(address: string, ...statuses: readonly string[]): Promise<number> {
  const all = await getJson<Stub[]>(`${address}/v1/allocations?task_states=false`);
  return all.filter(({ ClientStatus }) => statuses.includes(ClientStatus)).length;
}

async function reportRunning(address: string, node: string): Promise<void> {
  const here = await getJson<Stub[]>(`${address}/v1/node/${node}/allocations`);
  const startedAt = new Date().toISOString();
  const state = { State: 'running', Failed: false, Restarts: 0, LastRestart: null, StartedAt: startedAt };
  const Allocs = here
    .filter(({ ClientStatus }) => ClientStatus === 'pending')
    .map(({ ID }) => ({
      ID,
      ClientStatus: 'running',
      ClientDescription: '',
      TaskStates: { server: { ...state, FinishedAt: null, Events: [] } },
    }));
  await putJson(`${address}/v1/internal/node/${node}/allocations-update`, { Allocs });
}

async function beat(address: string, nodes: readonly string[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await Promise.all(nodes.map((id) => putJson(`${address}/v1/internal/node/heartbeat/${id}`, {})));
    await delay(HEARTBEAT_MS, undefined, { signal }).catch(() => undefined);
  }
}

export async function until(holds: () => Promise<boolean>): Promise<void> {
  const last = performance.now() + 600_000;
  while (!(await holds())) {
    if (performance.now() > last) throw new Error('the cluster did not get there within ten minutes');
    await delay(250);
  }
}
