/** Jobs, nodes and a small cluster for the scheduler's tests and its bench: real rows, kept as the state keeps them. */
import { seededIds } from '../lib/ids.ts';
import { seededRandom } from '../lib/random.ts';
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import { groupResources } from '../model/group-resources.ts';
import { findGroup, type Job, type TaskGroup } from '../model/job.ts';
import { nanosOf, SECOND } from '../model/nanos.ts';
import type { Node } from '../model/node.ts';
import type { UpdateStrategy } from '../model/policies.ts';
import type { Service } from '../model/service.ts';
import type { Task } from '../model/task.ts';
import type { NodeUsage, ScheduleInput } from './types.ts';

export const NOW_MS = Date.parse('2026-11-20T16:15:30Z');

export function newTask(fields: Partial<Task> = {}): Task {
  return {
    Name: 'server',
    Driver: 'raw_exec',
    User: '',
    Config: { command: '/bin/server' },
    Env: null,
    Services: null,
    Vault: null,
    Templates: null,
    Constraints: null,
    Affinities: null,
    Resources: {
      CPU: 100,
      Cores: 0,
      MemoryMB: 64,
      MemoryMaxMB: 0,
      DiskMB: 0,
      IOPS: 0,
      Networks: null,
      Devices: null,
    },
    RestartPolicy: { Attempts: 2, Interval: 1800 * SECOND, Delay: 15 * SECOND, Mode: 'fail' },
    DispatchPayload: null,
    Lifecycle: null,
    Meta: null,
    KillTimeout: 5 * SECOND,
    LogConfig: { MaxFiles: 10, MaxFileSizeMB: 10 },
    Artifacts: null,
    Leader: false,
    ShutdownDelay: 0,
    VolumeMounts: null,
    ScalingPolicies: null,
    KillSignal: '',
    Kind: '',
    CSIPluginConfig: null,
    ...fields,
  };
}

export function newUpdate(fields: Partial<UpdateStrategy> = {}): UpdateStrategy {
  return {
    Stagger: 30 * SECOND,
    MaxParallel: 1,
    HealthCheck: 'checks',
    MinHealthyTime: 10 * SECOND,
    HealthyDeadline: 300 * SECOND,
    ProgressDeadline: 600 * SECOND,
    AutoRevert: false,
    AutoPromote: false,
    Canary: 0,
    ...fields,
  };
}

export function newGroup(fields: Partial<TaskGroup> = {}): TaskGroup {
  return {
    Name: 'app',
    Count: 1,
    Update: newUpdate(),
    Migrate: null,
    Constraints: null,
    Scaling: null,
    RestartPolicy: { Attempts: 2, Interval: 1800 * SECOND, Delay: 15 * SECOND, Mode: 'fail' },
    Tasks: [newTask()],
    EphemeralDisk: { Sticky: false, SizeMB: 300, Migrate: false },
    Meta: null,
    ReschedulePolicy: {
      Attempts: 0,
      Interval: 0,
      Delay: 30 * SECOND,
      DelayFunction: 'exponential',
      MaxDelay: 3600 * SECOND,
      Unlimited: true,
    },
    Affinities: null,
    Spreads: null,
    Networks: null,
    Consul: null,
    Services: null,
    Volumes: null,
    ShutdownDelay: null,
    StopAfterClientDisconnect: null,
    ...fields,
  };
}

export function newJob(fields: Partial<Job> = {}): Job {
  return {
    Stop: false,
    Region: 'global',
    Namespace: 'default',
    ID: 'web',
    ParentID: '',
    Name: 'web',
    Type: 'service',
    Priority: 50,
    AllAtOnce: false,
    Datacenters: ['dc1'],
    Constraints: null,
    Affinities: null,
    Spreads: null,
    TaskGroups: [newGroup()],
    Update: newUpdate(),
    Multiregion: null,
    Periodic: null,
    ParameterizedJob: null,
    Dispatched: false,
    Payload: null,
    Meta: null,
    ConsulToken: '',
    ConsulNamespace: '',
    VaultToken: '',
    VaultNamespace: '',
    NomadTokenID: '',
    Status: 'running',
    StatusDescription: '',
    Stable: false,
    Version: 0,
    SubmitTime: 0,
    CreateIndex: 10,
    ModifyIndex: 10,
    JobModifyIndex: 10,
    ...fields,
  };
}

/** A service of a group with a way in. */
export function newService(name: string, fields: Partial<Service> = {}): Service {
  return {
    Name: name,
    TaskName: '',
    PortLabel: 'http',
    AddressMode: 'auto',
    EnableTagOverride: false,
    Tags: null,
    CanaryTags: null,
    Checks: null,
    Connect: null,
    Meta: null,
    CanaryMeta: null,
    Namespace: 'default',
    OnUpdate: 'require_healthy',
    ...fields,
  };
}

export function newIngressService(name: string): Service {
  return newService(name, {
    Ingress: [
      {
        Listen: 8080,
        Host: '',
        Path: '/',
        Mode: 'http',
        DrainDeadline: 30 * SECOND,
        DrainPolicy: 'wait',
        Hold: 10 * SECOND,
      },
    ],
  });
}

export function dynamicPort(label = 'http'): TaskGroup['Networks'] {
  return [network({ DynamicPorts: [{ Label: label, Value: 0, To: 0, HostNetwork: 'default' }] })];
}

export function staticPort(value: number, label = 'http'): TaskGroup['Networks'] {
  return [network({ ReservedPorts: [{ Label: label, Value: value, To: 0, HostNetwork: 'default' }] })];
}

function network(
  fields: Partial<NonNullable<TaskGroup['Networks']>[number]>,
): NonNullable<TaskGroup['Networks']>[number] {
  return {
    Mode: '',
    Device: '',
    CIDR: '',
    IP: '',
    MBits: 0,
    DNS: null,
    ReservedPorts: null,
    DynamicPorts: null,
    ...fields,
  };
}

export interface NodeSize {
  readonly cpu?: number;
  readonly memoryMB?: number;
  readonly diskMB?: number;
}

export function newNode(number: number, fields: Partial<Node> = {}, size: NodeSize = {}): Node {
  const name = `node-${number}`;
  return {
    ID: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    SecretID: '',
    Datacenter: 'dc1',
    Name: name,
    HTTPAddr: '127.0.0.1:4646',
    TLSEnabled: false,
    Attributes: { 'kernel.name': 'linux', 'cpu.arch': 'amd64', 'unique.hostname': name },
    NodeResources: {
      Cpu: { CpuShares: size.cpu ?? 4000, TotalCpuCores: 4, ReservableCpuCores: null },
      Memory: { MemoryMB: size.memoryMB ?? 8192 },
      Disk: { DiskMB: size.diskMB ?? 100_000 },
      Networks: [
        {
          Mode: 'host',
          Device: 'eth0',
          CIDR: '',
          IP: '127.0.0.1',
          MBits: 1000,
          DNS: null,
          ReservedPorts: null,
          DynamicPorts: null,
        },
      ],
      NodeNetworks: null,
      Devices: null,
    },
    ReservedResources: {
      Cpu: { CpuShares: 0, ReservedCpuCores: null },
      Memory: { MemoryMB: 0 },
      Disk: { DiskMB: 0 },
      Networks: { ReservedHostPorts: '' },
    },
    Links: null,
    Meta: {},
    NodeClass: '',
    ComputedClass: 'v1:1',
    Drivers: {
      raw_exec: { Attributes: null, Detected: true, Healthy: true, HealthDescription: '', UpdateTime: '' },
    },
    HostVolumes: null,
    Status: 'ready',
    StatusDescription: '',
    StatusUpdatedAt: 0,
    SchedulingEligibility: 'eligible',
    Drain: false,
    DrainStrategy: null,
    LastDrain: null,
    Events: null,
    CreateIndex: 1,
    ModifyIndex: 1,
    ...fields,
  };
}

export const newNodes = (count: number, size?: NodeSize): Node[] =>
  Array.from({ length: count }, (_, number) => newNode(number, {}, size));

export function newEvaluation(
  job: Pick<Job, 'ID' | 'Namespace' | 'Type'>,
  fields: Partial<Evaluation> = {},
): Evaluation {
  return {
    ID: `eval-${job.ID}`,
    Namespace: job.Namespace,
    Priority: 50,
    Type: job.Type,
    TriggeredBy: 'job-register',
    JobID: job.ID,
    JobModifyIndex: 10,
    Status: 'pending',
    CreateIndex: 0,
    ModifyIndex: 0,
    CreateTime: 0,
    ModifyTime: 0,
    ...fields,
  };
}

export function newAlloc(job: Job, index: number, fields: Partial<Allocation> = {}): Allocation {
  const group = fields.TaskGroup ?? job.TaskGroups[0]?.Name ?? 'app';
  return {
    ID: `alloc-${group}-${index}-v${job.Version}`,
    Namespace: job.Namespace,
    EvalID: '',
    Name: `${job.ID}.${group}[${index}]`,
    NodeID: newNode(0).ID,
    NodeName: 'node-0',
    JobID: job.ID,
    JobVersion: job.Version,
    TaskGroup: group,
    Ports: [],
    DesiredStatus: 'run',
    DesiredDescription: '',
    ClientStatus: 'running',
    ClientDescription: '',
    TaskStates: null,
    PreviousAllocation: '',
    NextAllocation: '',
    DeploymentID: '',
    DeploymentStatus: null,
    RescheduleTracker: null,
    FollowupEvalID: '',
    CreateIndex: 0,
    ModifyIndex: 0,
    AllocModifyIndex: 0,
    CreateTime: nanosOf(NOW_MS - 3_600_000),
    ModifyTime: nanosOf(NOW_MS - 3_600_000),
    ...fields,
  };
}

export const health = (Healthy: boolean | null): Allocation['DeploymentStatus'] => ({
  Healthy,
  Timestamp: '',
  Canary: false,
  ModifyIndex: 0,
});

const UNUSED: NodeUsage = { cpu: 0, memoryMB: 0, diskMB: 0, ports: new Set(), allocsByJob: new Map() };

/** What allocations use on each node, by the rule that they use it until their client status is terminal. */
export function usageOf(
  allocs: readonly Allocation[],
  jobVersion: (version: number) => Job | undefined,
): Map<string, NodeUsage> {
  const byId = new Map(allocs.map((alloc) => [alloc.ID, alloc]));
  const usage = new Map<
    string,
    { cpu: number; memoryMB: number; diskMB: number; ports: Set<number>; allocsByJob: Map<string, number> }
  >();
  for (const alloc of allocs) {
    if (isClientTerminal(alloc)) continue;
    const group = findGroup(jobVersion(alloc.JobVersion)!, alloc.TaskGroup)!;
    const before = alloc.AwaitsPrevious ? byId.get(alloc.PreviousAllocation) : undefined;
    const waits = before !== undefined && !isClientTerminal(before);
    const room = waits ? groupResources(findGroup(jobVersion(before.JobVersion)!, before.TaskGroup)!) : UNUSED;
    const size = groupResources(group);
    const totals = usage.get(alloc.NodeID) ?? {
      cpu: 0,
      memoryMB: 0,
      diskMB: 0,
      ports: new Set(),
      allocsByJob: new Map(),
    };
    usage.set(alloc.NodeID, totals);
    totals.cpu += Math.max(0, size.cpu - room.cpu);
    totals.memoryMB += Math.max(0, size.memoryMB - room.memoryMB);
    totals.diskMB += Math.max(0, size.diskMB - room.diskMB);
    for (const port of alloc.Ports) totals.ports.add(port.Value);
    const key = `${alloc.Namespace}/${alloc.JobID}`;
    totals.allocsByJob.set(key, (totals.allocsByJob.get(key) ?? 0) + 1);
  }
  return usage;
}

export interface Situation {
  readonly job: Job | undefined;
  /** Older versions. */
  readonly versions?: readonly Job[];
  readonly allocs?: readonly Allocation[];
  readonly deployment?: Deployment | undefined;
  readonly nodes?: readonly Node[];
  readonly evaluation?: Partial<Evaluation>;
  readonly nowMs?: number;
  readonly usage?: ReadonlyMap<string, NodeUsage>;
  readonly seed?: string;
}

/** The input of one evaluation. */
export function inputOf(situation: Situation): ScheduleInput {
  const { job, versions = [], allocs = [], nodes = newNodes(3), nowMs = NOW_MS, seed = 'seed' } = situation;
  const known = [...(job ? [job] : []), ...versions];
  const jobVersion = (version: number) => known.find((one) => one.Version === version);
  const usage = situation.usage ?? usageOf(allocs, jobVersion);
  const byId = new Map(nodes.map((node) => [node.ID, node]));
  return {
    evaluation: newEvaluation(known[0] ?? { ID: 'web', Namespace: 'default', Type: 'service' }, situation.evaluation),
    job,
    allocs,
    jobVersion,
    deployment: situation.deployment,
    cluster: {
      nodes: () => nodes,
      node: (id) => byId.get(id),
      usage: (id) => usage.get(id) ?? UNUSED,
    },
    nowMs,
    newId: seededIds(seededRandom(`${seed}-ids`)),
    random: seededRandom(seed),
  };
}

/** The three nodes on which the goldens of plans were recorded (`model/plan-goldens.ts`). */
export const planGoldenNodes = (): Node[] => [
  planGoldenNode(0, 'dc1', 'r1'),
  planGoldenNode(1, 'dc1', 'r2'),
  planGoldenNode(2, 'dc2', 'r3'),
];

function planGoldenNode(number: number, datacenter: string, rack: string): Node {
  const driver = { Attributes: null, Detected: true, Healthy: true, HealthDescription: '', UpdateTime: '' };
  const node = newNode(number, {}, { cpu: 40_000, memoryMB: 65_536 });
  return {
    ...node,
    Datacenter: datacenter,
    Attributes: {
      ...node.Attributes,
      'os.signals': 'SIGTERM,SIGKILL,SIGHUP,SIGUSR1,SIGINT',
      'kernel.version': '6.1.0',
    },
    Meta: { rack },
    ComputedClass: `v1:${number}`,
    Drivers: { docker: driver, raw_exec: driver, exec: driver },
    HostVolumes: { shared_data: { Name: 'shared_data', Path: '/srv', ReadOnly: false } },
  };
}
