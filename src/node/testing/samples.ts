/** Jobs and allocations for the node's tests: canonical, small, changed where a test cares. */
import type { Allocation } from '../../model/allocation.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import { MINUTE, SECOND } from '../../model/nanos.ts';
import type { UpdateStrategy } from '../../model/policies.ts';
import type { Service, ServiceCheck } from '../../model/service.ts';
import type { Task } from '../../model/task.ts';

export const sampleUpdate: UpdateStrategy = {
  Stagger: 30 * SECOND,
  MaxParallel: 1,
  HealthCheck: 'checks',
  MinHealthyTime: 10 * SECOND,
  HealthyDeadline: 5 * MINUTE,
  ProgressDeadline: 10 * MINUTE,
  AutoRevert: false,
  AutoPromote: false,
  Canary: 0,
};

export function sampleTask(changes: Partial<Task> = {}): Task {
  return {
    Name: 'web',
    Driver: 'mock',
    User: '',
    Config: {},
    Env: null,
    Services: null,
    Vault: null,
    Templates: null,
    Constraints: null,
    Affinities: null,
    Resources: { CPU: 100, Cores: 0, MemoryMB: 32, MemoryMaxMB: 0, DiskMB: 0, IOPS: 0, Networks: null, Devices: null },
    RestartPolicy: { Attempts: 2, Interval: 30 * MINUTE, Delay: 15 * SECOND, Mode: 'fail' },
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
    ...changes,
  };
}

export function sampleCheck(changes: Partial<ServiceCheck> = {}): ServiceCheck {
  return {
    Name: 'alive',
    Type: 'tcp',
    Command: '',
    Args: null,
    Path: '',
    Protocol: '',
    PortLabel: '',
    Expose: false,
    AddressMode: '',
    Interval: 10 * SECOND,
    Timeout: 2 * SECOND,
    InitialStatus: '',
    TLSSkipVerify: false,
    Method: '',
    Header: null,
    CheckRestart: null,
    GRPCService: '',
    GRPCUseTLS: false,
    TaskName: '',
    SuccessBeforePassing: 0,
    FailuresBeforeCritical: 0,
    Body: '',
    OnUpdate: '',
    ...changes,
  };
}

export function sampleService(changes: Partial<Service> = {}): Service {
  return {
    Name: 'web',
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
    ...changes,
  };
}

export const sampleIngress = {
  Listen: 8080,
  Host: '',
  Path: '/',
  Mode: 'http',
  DrainDeadline: 30 * SECOND,
  DrainPolicy: 'wait',
  Hold: 10 * SECOND,
};

export function sampleGroup(changes: Partial<TaskGroup> = {}): TaskGroup {
  return {
    Name: 'app',
    Count: 1,
    Update: sampleUpdate,
    Migrate: null,
    Constraints: null,
    Scaling: null,
    RestartPolicy: { Attempts: 2, Interval: 30 * MINUTE, Delay: 15 * SECOND, Mode: 'fail' },
    Tasks: [sampleTask()],
    EphemeralDisk: { Sticky: false, SizeMB: 300, Migrate: false },
    Meta: null,
    ReschedulePolicy: {
      Attempts: 0,
      Interval: 0,
      Delay: 30 * SECOND,
      DelayFunction: 'exponential',
      MaxDelay: 60 * MINUTE,
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
    ...changes,
  };
}

export function sampleJob(groups: TaskGroup[] = [sampleGroup()], changes: Partial<Job> = {}): Job {
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
    TaskGroups: groups,
    Update: sampleUpdate,
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
    CreateIndex: 1,
    ModifyIndex: 1,
    JobModifyIndex: 1,
    ...changes,
  };
}

export function sampleAlloc(id: string, changes: Partial<Allocation> = {}): Allocation {
  return {
    ID: id,
    Namespace: 'default',
    EvalID: '',
    Name: 'web.app[0]',
    NodeID: '',
    NodeName: '',
    JobID: 'web',
    JobVersion: 0,
    TaskGroup: 'app',
    Ports: [],
    DesiredStatus: 'run',
    DesiredDescription: '',
    ClientStatus: 'pending',
    ClientDescription: '',
    TaskStates: null,
    PreviousAllocation: '',
    NextAllocation: '',
    DeploymentID: '',
    DeploymentStatus: null,
    RescheduleTracker: null,
    FollowupEvalID: '',
    CreateIndex: 1,
    ModifyIndex: 1,
    AllocModifyIndex: 1,
    CreateTime: 0,
    ModifyTime: 0,
    ...changes,
  };
}
