/** Jobs, allocations and deployments for tests: only what routing looks at is worth saying. */

import type { Allocation, AllocServiceStatus } from '../model/allocation.ts';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import type { IngressOverride } from '../model/ingress.ts';
import type { Job } from '../model/job.ts';
import { SECOND } from '../model/nanos.ts';
import type { Service, ServiceCheck, ServiceIngress } from '../model/service.ts';

export function exampleWay(way: Partial<ServiceIngress> = {}): ServiceIngress {
  const defaults = { Listen: 8080, Host: '', Path: '/', Mode: 'http', DrainPolicy: 'wait' };
  return { ...defaults, DrainDeadline: 60 * SECOND, Hold: 10 * SECOND, ...way };
}

export function exampleCheck(check: Partial<ServiceCheck> = {}): ServiceCheck {
  const defaults = { Name: 'alive', Type: 'http', Path: '/health', Method: '', PortLabel: '', Protocol: '', Body: '' };
  return { ...defaults, Header: null, Interval: 2 * SECOND, Timeout: SECOND, ...check } as ServiceCheck;
}

export function exampleService(service: Partial<Service> = {}): Service {
  const defaults = { Name: 'web', PortLabel: 'http', Checks: [exampleCheck()], Ingress: [exampleWay()] };
  return { ...defaults, ...service } as Service;
}

export interface ExampleJob {
  readonly id?: string;
  readonly version?: number;
  readonly createIndex?: number;
  readonly stop?: boolean;
  /** Services of each group. */
  readonly groups?: Record<string, Service[]>;
  /** Versions of different programs replace each other; those of one program are updated in place. */
  readonly program?: string;
  readonly count?: number;
  readonly revertOf?: number;
}

export function exampleJob(example: ExampleJob = {}): Job {
  const { id = 'web', version = 0, createIndex = 1, stop = false, program = '', count = 3, revertOf } = example;
  const TaskGroups = Object.entries(example.groups ?? { web: [exampleService()] }).map(([Name, Services]) => ({
    Name,
    Count: count,
    Services,
    Tasks: [],
    Meta: { program },
  }));
  const job = { Namespace: 'default', ID: id, Version: version, CreateIndex: createIndex, Stop: stop, TaskGroups };
  return (revertOf === undefined ? job : { ...job, RevertOf: revertOf }) as unknown as Job;
}

export interface ExampleAlloc {
  readonly id: string;
  readonly job?: string;
  readonly version?: number;
  readonly group?: string;
  readonly port?: number;
  readonly desired?: Allocation['DesiredStatus'];
  readonly client?: Allocation['ClientStatus'];
  readonly status?: AllocServiceStatus['Status'];
  readonly service?: string;
  readonly canaryOf?: string;
  /** Its set was replaced by a promoted one. */
  readonly rests?: boolean;
  /** Set by hand. */
  readonly override?: IngressOverride;
}

export function exampleAlloc(example: ExampleAlloc): Allocation {
  const { id, job = 'web', version = 0, group = 'web', port = 20000, desired = 'run', client = 'running' } = example;
  const place = { Address: '10.0.0.1', Port: port };
  const service = { Service: example.service ?? 'web', PortLabel: 'http', ...place, Checks: [] };
  return {
    ID: id,
    Namespace: 'default',
    JobID: job,
    JobVersion: version,
    TaskGroup: group,
    Ports: [{ Label: 'http', Value: port, To: 0, HostIP: '10.0.0.1' }],
    ...(example.override && { Ingress: example.override }),
    DesiredStatus: desired,
    ClientStatus: client,
    DeploymentID: example.canaryOf ?? '',
    DeploymentStatus: example.canaryOf === undefined ? null : { Healthy: true, Canary: true },
    Services: [{ ...service, Status: example.status ?? 'passing' }],
    ...(example.rests && { RestsUntilMs: 1 }),
  } as unknown as Allocation;
}

export function exampleDeployment(
  id: string,
  promoted: boolean,
  group = 'web',
  state: Partial<DeploymentState> = {},
  deployment: Partial<Deployment> = {},
): Deployment {
  const defaults = { ID: id, Namespace: 'default', JobID: 'web', JobVersion: 1, Status: 'running' };
  return {
    ...defaults,
    TaskGroups: { [group]: { Promoted: promoted, DesiredCanaries: 1, DesiredTotal: 3, ...state } },
    ...deployment,
  } as unknown as Deployment;
}
