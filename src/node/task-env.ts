/** The environment of a task: the machine's own (filtered), the NOMAD_* variables, then what the job file says. */

import type { TaskWorld } from '../drivers/driver.ts';
import { type Allocation, allocIndex } from '../model/allocation.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import type { AllocatedPort } from '../model/network.ts';
import type { Node } from '../model/node.ts';
import type { Task } from '../model/task.ts';
import { withoutUpdateKeys } from '../model/update-meta.ts';
import type { AllocPaths, TaskPaths } from './alloc-dir.ts';
import { interpolateText, lookupIn } from './interpolate.ts';

export interface TaskEnvFacts {
  readonly alloc: Allocation;
  readonly job: Job;
  readonly group: TaskGroup;
  readonly task: Task;
  readonly node: Node;
  readonly allocPaths: AllocPaths;
  readonly taskPaths: TaskPaths;
  readonly hostEnv: Readonly<Record<string, string>>;
  /** undefined: the task sees the node as it is. */
  readonly world?: TaskWorld | undefined;
}

export function buildTaskEnv(facts: TaskEnvFacts): Record<string, string> {
  const known = {
    ...(facts.world?.hasHostEnv === false ? {} : passedOn(facts.hostEnv)),
    ...identity(facts),
    ...portVariables(facts.alloc.Ports),
    ...metaVariables(facts),
  };
  const lookup = lookupIn(known, facts.node);
  const own = Object.entries(facts.task.Env ?? {}).map(([name, text]) => [
    interpolateText(name, lookup),
    interpolateText(String(text), lookup),
  ]);
  return { ...known, ...Object.fromEntries(own) };
}

function identity(facts: TaskEnvFacts): Record<string, string> {
  const { alloc, job, group, task, node, allocPaths, taskPaths, world } = facts;
  return {
    NOMAD_ALLOC_DIR: world?.allocDir ?? allocPaths.shared,
    NOMAD_TASK_DIR: world?.localDir ?? taskPaths.local,
    NOMAD_SECRETS_DIR: world?.secretsDir ?? taskPaths.secrets,
    NOMAD_ALLOC_ID: alloc.ID,
    NOMAD_SHORT_ALLOC_ID: alloc.ID.slice(0, 8),
    NOMAD_ALLOC_NAME: alloc.Name,
    NOMAD_ALLOC_INDEX: String(allocIndex(alloc.Name)),
    NOMAD_TASK_NAME: task.Name,
    NOMAD_GROUP_NAME: group.Name,
    NOMAD_JOB_ID: job.ID,
    NOMAD_JOB_NAME: job.Name,
    ...(job.ParentID === '' ? {} : { NOMAD_JOB_PARENT_ID: job.ParentID }),
    NOMAD_DC: node.Datacenter,
    NOMAD_REGION: job.Region,
    NOMAD_NAMESPACE: alloc.Namespace,
    NOMAD_CPU_LIMIT: String(task.Resources.CPU),
    NOMAD_MEMORY_LIMIT: String(task.Resources.MemoryMB),
    ...(task.Resources.MemoryMaxMB > 0 ? { NOMAD_MEMORY_MAX_LIMIT: String(task.Resources.MemoryMaxMB) } : {}),
  };
}

function portVariables(ports: readonly AllocatedPort[]): Record<string, string> {
  return Object.assign({}, ...ports.map(onePort));
}

function onePort({ Label, Value, To, HostIP }: AllocatedPort): Record<string, string> {
  const label = variableName(Label);
  const address = HostIP.includes(':') ? `[${HostIP}]:${Value}` : `${HostIP}:${Value}`;
  return {
    [`NOMAD_IP_${label}`]: HostIP,
    [`NOMAD_PORT_${label}`]: String(To > 0 ? To : Value),
    [`NOMAD_ADDR_${label}`]: address,
    [`NOMAD_HOST_IP_${label}`]: HostIP,
    [`NOMAD_HOST_PORT_${label}`]: String(Value),
    [`NOMAD_HOST_ADDR_${label}`]: address,
    [`NOMAD_ALLOC_PORT_${label}`]: String(To > 0 ? To : Value),
  };
}

/** Each key as it is written and in capitals; a task's own meta wins over its group's, and that over the job's. */
function metaVariables({ job, group, task }: TaskEnvFacts): Record<string, string> {
  const meta = { ...withoutUpdateKeys(job.Meta), ...withoutUpdateKeys(group.Meta), ...task.Meta };
  return Object.fromEntries(
    Object.entries(meta).flatMap(([key, text]) => [
      [`NOMAD_META_${variableName(key.toUpperCase())}`, text],
      [`NOMAD_META_${variableName(key)}`, text],
    ]),
  );
}

const variableName = (text: string): string => text.replace(/[^A-Za-z0-9_]/g, '_');

/** What belongs to the agent is not the tasks' business: credentials and its own settings. */
const KEPT_BACK =
  /^(NOMAD_|SERIN_|CONSUL_|VAULT_|AWS_|AZURE_|GOOGLE_|ETCD_|npm_)|TOKEN|SECRET|PASSWORD|^INVOCATION_ID$|^NOTIFY_SOCKET$/i;

const passedOn = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !KEPT_BACK.test(name)));
