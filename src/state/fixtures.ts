/** Small rows for the tests of the state. */
import type { Allocation } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { IngressNode } from '../model/ingress.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import type { Task } from '../model/task.ts';

export interface GroupShape {
  readonly name?: string;
  readonly cpu?: number;
  readonly memoryMB?: number;
  readonly diskMB?: number;
}

/** A group with one task; what the state never looks at is left out. */
function group({ name = 'web', cpu = 100, memoryMB = 64, diskMB = 10 }: GroupShape): TaskGroup {
  const task = { Name: 'main', Driver: 'mock', Resources: { CPU: cpu, MemoryMB: memoryMB } } as Task;
  return { Name: name, Count: 1, Tasks: [task], EphemeralDisk: { SizeMB: diskMB } } as TaskGroup;
}

export function job(fields: Partial<Job> = {}, groups: readonly GroupShape[] = [{}]): Job {
  const some = { Namespace: 'default', ID: 'api', Name: 'api', Type: 'service', Version: 0, Status: 'pending' };
  const rest = { ParentID: '', Stop: false, Stable: false, CreateIndex: 0, ModifyIndex: 0, JobModifyIndex: 0 };
  return { ...some, ...rest, TaskGroups: groups.map(group), ...fields } as Job;
}

export function alloc(fields: Partial<Allocation> & Pick<Allocation, 'ID'>): Allocation {
  return {
    Namespace: 'default',
    EvalID: 'eval-1',
    Name: 'api.web[0]',
    NodeID: 'node-1',
    NodeName: 'one',
    JobID: 'api',
    JobVersion: 0,
    TaskGroup: 'web',
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
    CreateIndex: 0,
    ModifyIndex: 0,
    AllocModifyIndex: 0,
    CreateTime: 1_795_000_000_000_000_000,
    ModifyTime: 1_795_000_000_000_000_000,
    ...fields,
  };
}

export const port = (value: number) => ({ Label: `p${value}`, Value: value, To: 0, HostIP: '127.0.0.1' });

export function evaluation(fields: Partial<Evaluation> & Pick<Evaluation, 'ID'>): Evaluation {
  const some = { Namespace: 'default', Priority: 50, Type: 'service', TriggeredBy: 'job-register', JobID: 'api' };
  const rest = { JobModifyIndex: 0, Status: 'complete', CreateIndex: 0, ModifyIndex: 0, CreateTime: 0, ModifyTime: 0 };
  return { ...some, ...rest, ...fields } as Evaluation;
}

export function deployment(fields: Partial<Deployment> & Pick<Deployment, 'ID'>): Deployment {
  const some = { Namespace: 'default', JobID: 'api', JobVersion: 0, Status: 'running', StatusDescription: '' };
  return { ...some, TaskGroups: {}, CreateIndex: 0, ModifyIndex: 0, ...fields } as Deployment;
}

export function node(fields: Partial<Node> & Pick<Node, 'ID'>): Node {
  return { Name: fields.ID, Status: 'ready', CreateIndex: 0, ModifyIndex: 0, ...fields } as Node;
}

export function ingress(fields: Partial<IngressNode> & Pick<IngressNode, 'ID'>): IngressNode {
  const some = { Name: fields.ID, DataPlane: 'embedded', LeaseUntilMs: 0, AppliedIndex: 0, Servers: {} };
  return { ...some, CreateIndex: 0, ModifyIndex: 0, ...fields };
}
